"""Test how the benchmarks of situations keep what they measured."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from pathlib import Path

import pytest
from benchmarks.situation_runs import cell, measure_missing

from ringfence.lab.evaluate import Estimate


@dataclass(frozen=True)
class Row:
    """A result of one run."""

    situation: str
    seed: int
    found: float


def measure_all(seeds: int, keep: Path | None) -> tuple[list[Row], list[tuple[str, int]]]:
    """Return the rows of two situations, and the runs that were measured for them."""
    measured: list[tuple[str, int]] = []

    def measure(run: tuple[str, int], scratch: Path) -> Row:
        assert not list(scratch.iterdir())
        (scratch / "left").touch()
        measured.append(run)
        return Row(*run, found=0.1 + run[1])

    rows = measure_missing(
        product(("crawl", "theft"), range(seeds)),
        measure,
        run_of=lambda row: (row.situation, row.seed),
        read=lambda row: Row(**row),
        keep=keep,
    )
    return rows, measured


def test_a_later_call_measures_what_is_missing(tmp_path: Path) -> None:
    """Rows of earlier calls are read and not measured again; new ones are added to the file."""
    keep = tmp_path / "rows.jsonl"
    first, measured = measure_all(1, keep)
    assert measured == [("crawl", 0), ("theft", 0)]
    both, measured = measure_all(2, keep)
    assert measured == [("crawl", 1), ("theft", 1)]
    assert both == [*first, Row("crawl", 1, 1.1), Row("theft", 1, 1.1)]
    assert measure_all(2, keep) == (both, [])


def test_without_a_file_everything_is_measured() -> None:
    """Nothing is kept if no file is named."""
    assert measure_all(2, None) == measure_all(2, None)


@pytest.mark.parametrize(
    ("estimate", "printed"),
    [
        (Estimate(0.25, None, None), "25%"),
        (Estimate(0.25, 0.1, 0.4), "25% (10% – 40%)"),
        (Estimate(0.252, 0.251, 0.253), "25%"),
    ],
)
def test_an_interval_is_printed_if_its_ends_differ(estimate: Estimate, printed: str) -> None:
    """One seed has no interval, and equal seeds need none."""
    assert cell(estimate, ".0%") == printed
