"""Test that honest users who look like extractors are not accused, kind by kind.

The quick tests scan four small services with users of every kind: many of each, and few of each
among 200 others. The slow one scans the permanent scenario of each kind at two shares. The
tables of wrongs name what Ringfence does wrong today. The change that repairs it removes the entry.
The table of docs/honest-users.md has 30 % and two more seeds, which take too long for every change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest
from benchmarks.fairness import KINDS, judge, outcome_of, scenario_of

import ringfence
from ringfence.lab.evaluate.population import BULK
from ringfence.lab.simulate import Scenario, Truth, read_truth, write_scenario

Judged = tuple[ringfence.ScanResult, Truth]
Scans = Callable[[bool, bool], Judged]

MUSIC: Final = ("sync", "switcher", "phone", "dj", "editor", "language", "serial", "chain")
TEXTS: Final = tuple(kind for kind in KINDS if kind not in {*MUSIC, *BULK})
MACHINES: Final = frozenset({"preserver", "checker", "room", "campus"})
"""Kinds of which a service has few."""

MANY: Final = {kind: 2 if kind in MACHINES else 10 for kind in (*MUSIC, *TEXTS)}
FEW: Final = {kind: 1 if kind in MACHINES else 3 for kind in (*MUSIC, *TEXTS)}

UNLISTED: Final = "a program with a login is judged like a person, whatever name it gives"

ACCUSED_WHERE_MANY: Final = {"checker": UNLISTED}
ACCUSED: Final = {
    ("preserver", 0.01): UNLISTED,
    ("checker", 0.01): UNLISTED,
}

PROMISED: Final = 1
"""Honest suspects that the promise allows in a scan of a thousand accounts."""

SUSPECTS: Final = {
    ("checker", 0.01): (10, UNLISTED),
    ("preserver", 0.01): (10, UNLISTED),
    ("room", 0.01): (3, "an address takes more than the most voracious person"),
    ("pages", 0.1): (2, "the heaviest readers of pages take more than the most voracious person"),
}
"""Most suspects where there are more than promised. Lower them when the judgement improves."""


def service(kinds: dict[str, int], crowd: str, others: int) -> Scenario:
    """Return a small service with some users of each kind, and others."""
    return Scenario.model_validate(
        {
            "name": crowd,
            "seed": 5,
            "days": 14,
            "columns": ("surface", "ip", "client"),
            "catalogue": {"items": 40_000, "write": False},
            "users": {"accounts": sum(kinds.values()) + others, "kinds": kinds, "rest": crowd},
        }
    )


@pytest.fixture(scope="module")
def scans(tmp_path_factory: pytest.TempPathFactory) -> Scans:
    """Return a function that scans a small service of music or of texts, each only once."""

    @cache
    def scanned(music: bool, few: bool) -> Judged:
        numbers = FEW if few else MANY
        kinds = {kind: numbers[kind] for kind in (MUSIC if music else TEXTS)}
        crowd, others = "casual" if music else "reader", 200 if few else sum(kinds.values())
        folder = tmp_path_factory.mktemp("service")
        write_scenario(service(kinds, crowd, others), folder, processes=1)
        result = ringfence.scan(str(folder / "events" / "*.parquet"))
        return result, read_truth(folder / "truth.parquet")

    return scanned


def marked(wrong: dict[str, str]) -> Iterator[object]:
    """Yield every kind, those with a known wrong marked."""
    for kind in (*MUSIC, *TEXTS):
        marks = [pytest.mark.xfail(reason=wrong[kind], strict=True)] if kind in wrong else []
        yield pytest.param(kind, marks=marks)


@pytest.mark.parametrize("kind", [*marked(ACCUSED_WHERE_MANY)])
def test_nobody_is_accused_where_many_are_alike(scans: Scans, kind: str) -> None:
    """No account of the kind is extracting where half of the accounts are of unusual kinds."""
    assert outcome_of(*scans(kind in MUSIC, False), kind).accused == 0


@pytest.mark.parametrize("kind", [*MUSIC, *TEXTS])
def test_nobody_is_accused_where_few_are_alike(scans: Scans, kind: str) -> None:
    """No account of the kind is extracting where three of some hundred accounts are of the kind."""
    assert outcome_of(*scans(kind in MUSIC, True), kind).accused == 0


@pytest.mark.slow
@pytest.mark.parametrize("share", [0.01, 0.1])
@pytest.mark.parametrize("kind", [*MUSIC, *TEXTS])
def test_nobody_is_accused_in_the_scenario_of_the_kind(
    kind: str, share: float, tmp_path: Path
) -> None:
    """In four weeks of a service no account is extracting, no ring is found, and few are suspects.

    Nobody in it divides a catalogue or acts for another, so every ring would be false.
    """
    outcome = judge(scenario_of(kind, share=share, accounts=None, seed=0), kind, tmp_path)
    assert outcome.rings == 0
    most, _ = SUSPECTS.get((kind, share), (PROMISED, ""))
    assert outcome.suspects + outcome.others_suspects <= most
    accused = (outcome.accused, outcome.others_accused, outcome.certain)
    if (kind, share) in ACCUSED:
        assert accused != (0, 0, 0), "it is repaired: remove it from ACCUSED"
        pytest.xfail(ACCUSED[kind, share])
    assert accused == (0, 0, 0)
