"""Interlocking: how the holdings of a ring's members grow together, in a few moments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from ringfence.model.ring_profile import Incidence
from ringfence.report.charts.incidence import incidence

MOST_MOMENTS: Final = 6
"""Largest number of moments."""

_WEEK: Final = 7
_BEGINNING: Final = date(1970, 1, 1)


def interlocking(shown: Incidence) -> tuple[tuple[date, str], ...]:
    """Draw what the members held at the end of some weeks, one SVG per moment, on one scale.

    For more weeks than moments, they are spread evenly. The last one has everything.

    Args:
        shown: which account holds which items, with the day of each first take. Without days, or
            with a single one, nothing is drawn.
    """
    taken = [day for days in shown.days for day in days]
    if not taken or min(taken) == max(taken):
        return ()
    # A scale of at least two has whole numbers at its ticks.
    highest = max(2, *shown.times)
    return tuple(
        (_BEGINNING + timedelta(days=end), _moment(shown, end, highest))
        for end in _ends(min(taken), max(taken))
    )


def _ends(first: int, last: int) -> Sequence[int]:
    """Return the last days of the moments, as days since 1970."""
    weeks = -(-(last - first + 1) // _WEEK)
    if weeks == 1:
        # Within a week, each day counts.
        return sorted(
            {first + round((last - first) * n / (MOST_MOMENTS - 1)) for n in range(MOST_MOMENTS)}
        )
    chosen = min(weeks, MOST_MOMENTS)
    return [min(first + round(weeks * (n + 1) / chosen) * _WEEK - 1, last) for n in range(chosen)]


def _moment(shown: Incidence, end: int, highest: int) -> str:
    lines = tuple(
        tuple(place for place, day in zip(places, days, strict=True) if day <= end)
        for places, days in zip(shown.lines, shown.days, strict=True)
    )
    then = replace(shown, lines=lines, days=())
    begun, held = sum(map(bool, lines)), sum(times > 0 for times in then.times)
    several = sum(times > 1 for times in then.times)
    label = (
        f"By {_BEGINNING + timedelta(days=end)}: {begun} accounts hold {held} of these items; "
        f"{several} are held by several of the accounts."
    )
    return incidence(then, highest, label)
