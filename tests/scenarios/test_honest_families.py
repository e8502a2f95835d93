"""Test that honest families that no scenario has are not accused.

The slow test scans the smallest service of each family in the table of docs/honest-users.md, with
the first of its seeds.
"""

from __future__ import annotations

import itertools
from functools import cache
from pathlib import Path
from typing import Final

import numpy as np
import pytest
from benchmarks.family_copies import hit_collectors, jumping_readers, shared_logins
from benchmarks.family_events import ARTICLES, FAMILY, IMAGES, epaper, historians
from benchmarks.honest_families import FAMILIES, HEADER, SIZES, judge_family
from benchmarks.page import published_rows

from ringfence.stats.arrays import Columns, Names

OTHERS: Final = 950
"""At least as many other accounts have events."""

SLACK: Final = 2
"""The least p-value may be this much smaller than that of the page. Other processors and libraries
round sums in other ways."""

PAGE: Final = Path(__file__).parents[2] / "docs" / "honest-users.md"


@cache
def least_p_values() -> dict[tuple[str, int], float]:
    """Return the least p-value of each family and size in the page's table of three seeds."""
    rows = published_rows("honest families", PAGE)
    family, size, least = (HEADER.index(name) for name in ("family", "size", "least p-value"))
    return {(row[family], int(row[size].split()[-1])): float(row[least]) for row in rows}


def test_the_page_has_a_row_for_every_family() -> None:
    """The table of the page has each family at each size, and nothing else."""
    assert sorted(least_p_values()) == sorted(itertools.product(FAMILIES, SIZES))


@pytest.mark.slow
@pytest.mark.parametrize("name", FAMILIES)
def test_nobody_is_accused(name: str, tmp_path: Path) -> None:
    """Of a family of three, no account is extracting, and no other account is even a suspect."""
    outcome = judge_family(name, min(SIZES), 0, tmp_path)
    assert outcome.of_kind == min(SIZES)
    assert outcome.accounts - outcome.of_kind >= OTHERS
    assert (outcome.others_accused, outcome.others_suspects, outcome.rings) == (0, 0, 0)
    assert outcome.least >= least_p_values()[name, min(SIZES)] / SLACK
    assert outcome.accused == 0


def of_account(events: Columns, name: str) -> Columns:
    """Return the events of one account, in order of time."""
    rows = np.flatnonzero(events["account"] == name)
    rows = rows[np.argsort(events["ts"][rows], kind="stable")]
    return {column: values[rows] for column, values in events.items()}


def numbers(items: Names) -> Names:
    """Return the numbers at the end of ids."""
    return np.array([int(item.rpartition("-")[2]) for item in items])


@pytest.mark.slow
def test_historians_page_through_registers_and_others_do_not() -> None:
    """A historian takes the next image each time, and an index never leads to it."""
    events = historians(1, np.random.default_rng(1))
    own = of_account(events, f"{FAMILY}-0")
    assert set(np.diff(numbers(own["item"])).tolist()) == {1}
    assert 150 * 28 <= own["item"].size <= 210 * 28
    other = numbers(of_account(events, "user-1")["item"])
    same = np.diff(other // IMAGES) == 0
    assert same.any()
    assert np.abs(np.diff(other)[same]).min() >= 3


@pytest.mark.slow
def test_the_app_fetches_whole_issues_of_the_day() -> None:
    """Each morning has one group, which is the issue of that day, once and whole."""
    own = of_account(epaper(1, np.random.default_rng(1)), f"{FAMILY}-0")
    day = own["ts"].astype("datetime64[D]").astype(np.int64)
    issue = numbers(own["group"])
    assert np.unique(issue - day).size == 1
    assert set(np.bincount(issue - issue.min()).tolist()) <= {0, ARTICLES}


@pytest.mark.slow
def test_readers_jump_at_most_so_far(tmp_path: Path) -> None:
    """Two pages in succession are at most twice the distance and one page apart."""
    events = jumping_readers(1, 5, np.random.default_rng(1), 0, tmp_path)
    steps = np.diff(numbers(of_account(events, f"{FAMILY}-0")["item"]))
    assert np.unique(steps).size > 5
    assert np.quantile(np.abs(steps), 0.99) <= 11


@pytest.mark.slow
def test_hits_are_copied_in_one_evening(tmp_path: Path) -> None:
    """One who does not listen has 1,000 to 2,000 tracks of one day, and the log has no surfaces."""
    events = hit_collectors(1, np.random.default_rng(1), 0, tmp_path)
    own = of_account(events, f"{FAMILY}-0")
    assert "surface" not in events
    assert 1_000 <= np.unique(own["item"]).size <= 2_000
    assert own["ts"].max() - own["ts"].min() < np.timedelta64(2, "h")


@pytest.mark.slow
def test_two_people_copy_two_libraries_two_weeks_apart(tmp_path: Path) -> None:
    """A shared login has two copies of 1,500 tracks, 14 days apart, that hardly overlap."""
    events = shared_logins(1, np.random.default_rng(1), 0, tmp_path)
    own = of_account(events, f"{FAMILY}-0")
    copied = np.isnan(own["seconds"])
    day = own["ts"][copied].astype("datetime64[D]")
    first, second = (set(own["item"][copied][day == one]) for one in np.unique(day))
    assert len(first) == len(second) == 1_500
    assert np.ptp(day) == np.timedelta64(14, "D")
    assert len(first & second) < 500
