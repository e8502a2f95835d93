"""Test how the benchmark finds the first day on which a situation is found."""

from __future__ import annotations

import math

import pytest
from benchmarks.situation_days import Days, first_of, text


@pytest.mark.parametrize("number", [1, 2, 7, 14, 35])
def test_the_first_day_is_found_with_few_questions(number: int) -> None:
    """Whichever day is the first one, it is returned after as many scans as days can be halved."""
    for first in range(1, number + 1):
        asked: list[int] = []

        def holds(day: int, first: int = first, asked: list[int] = asked) -> bool:
            asked.append(day)
            return day >= first

        assert first_of(number, holds) == first
        assert len(asked) <= 1 + math.ceil(math.log2(number))


def test_what_is_not_found_on_the_last_day_is_never_found() -> None:
    """One question is enough."""
    asked: list[int] = []
    assert first_of(14, lambda day: bool(asked.append(day))) == 0
    assert asked == [14]


def test_the_table_has_the_day_of_each_seed_and_the_means_of_what_is_held() -> None:
    """A seed without a finding is named, and what it took in all counts as held."""
    rows = [
        Days("crawl-800x15", 0, days=7, found=1, held=1_000, taken=12_000),
        Days("crawl-800x15", 1, days=7, found=0, held=12_000, taken=12_000),
    ]
    (row,) = text(rows).splitlines()[2:]
    cells = row.strip("| ").split(" | ")
    assert cells[:3] == ["crawl-800x15", "7", "1, not found"]
    assert cells[3].startswith("6,500")
    assert cells[4].startswith("54%")
