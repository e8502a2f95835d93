"""The time axis of all charts. Days are counted as by ``date.toordinal``, with fractions."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date
from typing import Final

from ringfence.report.charts.axes import Labels
from ringfence.report.charts.scale import AxisScale
from ringfence.stats.seconds import DAY

_TICKS: Final = 6
_TICKS_WITH_TIME: Final = 3
_MINUTES: Final = DAY // 60
"""Minutes of a day."""

_STEPS_OF_MINUTES: Final = (1, 5, 15, 30, 60, 180, 360)
_LONG: Final = 250
"""Days of a period from which on ticks are labelled by month and year."""

_MONTHS: Final = (
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip
_STEPS: Final = (1, 7, 30, 91)
"""Distances of ticks in days: from 30 on, they are months, quarters and years."""


def day_labels(scale: AxisScale) -> Labels:
    """Return the labels of an axis of days; a long period is labelled by month and year.

    A period below a day is labelled by the time of day, in UTC.

    Args:
        scale: from days to positions.
    """
    if scale.high - scale.low < 1:
        return _minute_labels(scale)
    apart = _step(scale.high - scale.low)
    long = scale.high - scale.low > _LONG
    return [(scale(day.toordinal()), _said(day, long=long)) for day in _days(scale, apart)]


def _minute_labels(scale: AxisScale) -> Labels:
    """Return the labels of an axis below a day; none if no round time is on it."""
    wanted = (scale.high - scale.low) * _MINUTES / _TICKS_WITH_TIME
    apart = min(_STEPS_OF_MINUTES, key=lambda one: abs(math.log(one / max(wanted, 1e-9))))
    first = math.ceil(scale.low * _MINUTES / apart - 1e-6)
    last = math.floor(scale.high * _MINUTES / apart + 1e-6)
    return [_at(scale, n * apart) for n in range(first, last + 1)]


def _at(scale: AxisScale, minutes: int) -> tuple[float, str]:
    day, minute = divmod(minutes, _MINUTES)
    said = _said(date.fromordinal(day), long=False)
    return scale(minutes / _MINUTES), f"{said}, {minute // 60:02}:{minute % 60:02}"


def _step(span: float) -> float:
    """Return the distance of ticks in days: the one nearest to the wanted one, by ratio."""
    wanted = max(span / _TICKS, 1e-9)
    years = max(1, round(wanted / 365))
    return min((*_STEPS, 365 * years), key=lambda one: abs(math.log(one / wanted)))


def _days(scale: AxisScale, apart: float) -> Iterator[date]:
    """Yield the days with a tick, within the scale."""
    for ordinal in range(math.ceil(scale.low), math.floor(scale.high) + 1):
        day = date.fromordinal(ordinal)
        if _is_tick(day, apart):
            yield day


def _is_tick(day: date, apart: float) -> bool:
    """Return whether a day is any day, a Sunday, or the first of a month, quarter or year."""
    if apart < _STEPS[2]:
        return apart == 1 or day.weekday() == 6
    months = {30: 1, 91: 3}.get(round(apart), 12)
    years = max(1, round(apart / 365))
    return day.day == 1 and (day.month - 1) % months == 0 and (months < 12 or day.year % years == 0)


def _said(day: date, *, long: bool) -> str:
    month = _MONTHS[day.month - 1]
    return f"{month} {day.year}" if long else f"{day.day} {month}"
