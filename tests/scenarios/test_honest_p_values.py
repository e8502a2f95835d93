"""The benchmark of honest p-values marks what chance does not give, and nothing else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from benchmarks import p_value_scans
from benchmarks.honest_p_values import (
    FUSED,
    KindPValues,
    beyond_table,
    bound,
    exceeded,
    joined,
    points,
    used_table,
)
from benchmarks.p_value_scans import ScanPValues, scans_of


def test_uniform_and_conservative_p_values_have_no_mark() -> None:
    """Of 200 tables of uniform values, and of values that are too large, none is marked."""
    random = np.random.default_rng(3)
    for _ in range(200):
        uniform = random.random(2_000)
        assert exceeded(uniform, cells=1) == ""
        assert exceeded(np.sqrt(uniform), cells=1) == ""


@pytest.mark.parametrize(
    ("few", "level"), [(300, "10.00%"), (60, "1.00%"), (20, "0.10%"), (8, "0.01%")]
)
def test_the_level_that_is_exceeded_most_is_named(few: int, level: str) -> None:
    """Small values that a uniform sample does not have are seen at their own level."""
    values = np.linspace(0.11, 1, 1_000)
    values[:few] = float(level.removesuffix("%")) / 100
    assert exceeded(values, cells=1) == f"{few / 1_000:.2%} ≤ {level}"


def test_the_band_of_the_plot_holds_uniform_values() -> None:
    """Ranks of uniform values leave their 99 % band in about one of a hundred cases."""
    random = np.random.default_rng(4)
    outside = [
        not one["low"] <= one["observed"] <= one["high"]
        for _ in range(200)
        for one in points("x", random.random(500))
    ]
    assert 0.003 < np.mean(outside) < 0.03


@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_valid_p_values_of_a_population_are_within_the_bound_of_each_kind(share: float) -> None:
    """A kind that has all small p-values of a calibrated population is not beyond its bound."""
    everybody = np.arange(1, 20_001) / 20_000
    kind = everybody[: round(share * everybody.size)]
    assert exceeded(kind, cells=1, share=share) == ""
    assert bool(exceeded(kind, cells=1)) == (share < 1)


def test_more_small_p_values_than_the_bound_are_marked() -> None:
    """Of a tenth of the population, 10 % may have a p-value of 1 %, and 30 % may not."""
    values = np.linspace(0.11, 1, 1_000)
    values[:300] = 0.01
    assert bound(0.01, 0.1) == pytest.approx(0.1)
    assert bound(0.2, 0.1) == 1
    assert exceeded(values, cells=1, share=0.1) == "30.00% ≤ 1.00%"
    assert exceeded(values, cells=1, share=0.03) == ""


def test_the_table_names_cells_and_tests_beyond_the_bound() -> None:
    """A share beyond the bound is bold, and a single test beyond it is named."""
    usual, rare = np.linspace(0.11, 1, 500), np.full(500, 0.0005)
    table = beyond_table(
        {
            "usual": KindPValues({FUSED: usual, "volume": usual}, 0.1),
            "rare": KindPValues({FUSED: rare, "volume": rare, "pace": usual}, 0.1),
        }
    ).splitlines()
    assert table[2] == "| usual | 500 | 10.0% | 0.00% | 0.00% | 0.00% | (0.00%) |  |"
    assert table[3] == (
        "| rare | 500 | 10.0% | 100.00% | **100.00%** | **100.00%** | (0.00%) "
        "| volume 100.00% ≤ 0.10% |"
    )


def test_a_table_says_how_much_of_its_bound_each_test_uses() -> None:
    """The largest ratio counts, over levels at which the population is large enough.

    Of 100 accounts that are a tenth, 30 at 10 % and 3 at 1 % are 0.3 of the bound, and one at
    0.1 % is all of it. At 0.01 % it would be ten times the bound, but among 1,000 accounts fewer
    than one is expected there.
    """
    values = np.linspace(0.11, 1, 100)
    values[:30], values[:3], values[:1] = 0.05, 0.005, 0.00005
    rows = used_table(
        {
            "few": KindPValues({FUSED: values, "volume": np.ones(100)}, 0.1),
            "all": KindPValues({FUSED: np.full(20_000, 0.00005)}, 1.0),
        }
    ).splitlines()
    assert rows[0] == "| kind | down to | all tests | volume |"
    assert rows[2] == "| few | 0.10% | 1.00 | 0.00 |"
    assert rows[3] == "| all | 0.01% | **10000.00** |  |"


def test_kinds_of_a_service_are_read_back_as_one_scan(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One scan of a service gives several kinds, and all of them are in the file."""
    keep, asked = tmp_path / "scans.jsonl", []

    def scan_kinds(name: str, share: float | None, seed: int) -> list[ScanPValues]:
        asked.append(seed)
        kinds = (f"{name}: pages", f"{name}: feed")
        return [ScanPValues(kind, share, seed, 10, {"value": [0.5]}) for kind in kinds]

    monkeypatch.setattr(p_value_scans, "scan_kinds", scan_kinds)
    first = list(scans_of("library", None, 2, keep))
    assert list(scans_of("library", None, 2, keep)) == first
    assert [one.kind for one in first] == 2 * ["library: pages", "library: feed"]
    assert asked == [0, 1]


def test_scans_are_joined_with_the_share_of_the_kind() -> None:
    """Scans of 2 of 10 and 1 of 20 accounts are 3 of 30; p-values of verdicts are doubled."""
    scans = [
        ScanPValues("pages", 0.1, 0, 10, {"value": [0.2, 0.8], "volume": [0.1, 1.0]}),
        ScanPValues("pages", 0.1, 1, 20, {"value": [0.01], "volume": [0.02]}),
    ]
    one = joined(scans)
    assert one.share == pytest.approx(0.1)
    assert one.by_test[FUSED].tolist() == pytest.approx([0.4, 1.0, 0.02])
    assert one.by_test["volume"].tolist() == pytest.approx([0.1, 1.0, 0.02])


def test_a_stopped_run_goes_on_where_it_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan that is in the file is not repeated, and one that was not finished is."""
    keep, asked = tmp_path / "scans.jsonl", []

    def scan_kinds(kind: str, share: float | None, seed: int) -> list[ScanPValues]:
        asked.append((kind, share, seed))
        if len(asked) == 2:
            raise KeyboardInterrupt
        return [ScanPValues(kind, share, seed, 10, {"value": [0.1 + seed]})]

    monkeypatch.setattr(p_value_scans, "scan_kinds", scan_kinds)
    with pytest.raises(KeyboardInterrupt):
        list(scans_of("pages", 0.1, 2, keep))
    again = list(scans_of("pages", 0.1, 2, keep))
    assert [one.by_test["value"] for one in again] == [[0.1], [1.1]]
    assert asked == [("pages", 0.1, 0), ("pages", 0.1, 1), ("pages", 0.1, 1)]
    assert [one.seed for one in scans_of("pages", 0.3, 1, keep)] == [0], "another share"
    assert len(asked) == 4
