"""The holdings of a ring in a few moments."""

from __future__ import annotations

import re

from ringfence.model.ring_profile import Incidence
from ringfence.report.charts import interlocking
from ringfence.report.charts.interlocking import MOST_MOMENTS

START = 20_000


def shown(*days: tuple[int, ...]) -> Incidence:
    """Return a ring whose members took own items on these days, counted from the first."""
    places = iter(range(100))
    lines = tuple(tuple(next(places) for _ in one) for one in days)
    count = sum(map(len, lines))
    moments = tuple(tuple(START + day for day in one) for one in days)
    return Incidence(lines, (1,) * count, count, moments)


def held(drawings: tuple[tuple[object, str], ...]) -> list[int]:
    """Return how many items each drawing says that the members held."""
    return [int(re.search("hold ([0-9]+) of", one)[1]) for _, one in drawings]  # type: ignore[index] # it is there


def test_holdings_grow_week_by_week() -> None:
    """Each drawing has what was taken until then, and the last one has everything."""
    drawn = interlocking(shown((0, 8, 15), (6, 20), (13,)))
    assert [f"{day:%m-%d}" for day, _ in drawn] == ["10-10", "10-17", "10-24"]
    assert held(drawn) == [2, 4, 6]
    assert all(one.startswith("<svg") for _, one in drawn)
    scale = re.findall(">([0-9]+)</text>", drawn[0][1])
    assert scale.count("0") == scale.count("2") == 1


def test_a_year_has_few_moments_and_a_week_its_days() -> None:
    """However long a ring lasts, the drawings fit on a page."""
    year = interlocking(shown((0, 100), (200, 364)))
    assert len(year) == MOST_MOMENTS
    assert held(year)[-1] == 4
    assert held(interlocking(shown((0, 1), (2, 5)))) == [1, 2, 3, 3, 3, 4]


def test_nothing_is_drawn_of_a_single_day_or_without_days() -> None:
    """A ring that was read back from a file has no days."""
    assert interlocking(shown((3, 3), (3,))) == ()
    assert interlocking(Incidence()) == ()
    assert interlocking(Incidence(((0,),), (1,), 1)) == ()
