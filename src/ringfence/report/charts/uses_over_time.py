"""Uses over time: items new to the account, and returns to earlier items."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from functools import cache

import altair as alt

from ringfence.report.charts.drawing import ACCENT, SOFT, WIDTH, Compiled, Records, compiled, draw
from ringfence.report.charts.time import day_axis, milliseconds

_HEIGHT = 130
_WIDEST_BAR = 0.12
"""Greatest width of a bar, as a share of the chart. So one busy day looks like one day."""

DayUses = tuple[date, int, int]


def uses_over_time(days: Sequence[DayUses]) -> str:
    """Draw uses per day, or per week or month if there are many, as stacked bars in SVG.

    Args:
        days: (day, uses, items new to the account), in order.
    """
    periods = _periods(days)
    frame = _frame(periods)
    widest = _WIDEST_BAR * (frame[1] - frame[0])
    bars = [bar for period in periods for bar in _bars(*period, widest)]
    uses = sum(day[1] for day in days)
    new = sum(day[2] for day in days)
    label = f"Uses over time: {new} of {uses} uses were of items new to the account."
    return draw(
        _chart(), {"bars": bars, "frame": [{"from": side, "low": 0} for side in frame]}, label
    )


def step_of(days: Sequence[DayUses]) -> str:
    """Return the period of one bar: ``day``, ``week`` or ``month``."""
    span = (days[-1][0] - days[0][0]).days + 1 if days else 0
    if span <= 100:
        return "day"
    return "week" if span <= 700 else "month"


def _periods(days: Sequence[DayUses]) -> list[tuple[date, date, int, int]]:
    step = step_of(days)
    sums: dict[date, tuple[int, int]] = {}
    for day, uses, new in days:
        begin = _begin(day, step)
        before = sums.get(begin, (0, 0))
        sums[begin] = (before[0] + uses, before[1] + new)
    return [(begin, _end(begin, step), uses, new) for begin, (uses, new) in sums.items()]


def _begin(day: date, step: str) -> date:
    if step == "day":
        return day
    return day - timedelta(days=day.weekday()) if step == "week" else day.replace(day=1)


def _end(begin: date, step: str) -> date:
    if step == "month":
        return (begin + timedelta(days=32)).replace(day=1)
    return begin + timedelta(days=1 if step == "day" else 7)


def _bars(begin: date, end: date, uses: int, new: int, widest: float) -> Records:
    """Return the bars of a period. They are centred on its first day, where its label stands."""
    middle, length = milliseconds(begin), milliseconds(end) - milliseconds(begin)
    half = min(0.84 * length, widest) / 2
    side = {"from": middle - half, "to": middle + half}
    return [
        {**side, "low": 0, "high": new, "colour": ACCENT},
        {**side, "low": new, "high": max(uses, new), "colour": SOFT},
    ]


def _frame(periods: Sequence[tuple[date, date, int, int]]) -> tuple[float, float]:
    """Return both ends of the time axis: half a period before the first bar and after the last."""
    (first, second, *_), (last, end, *_) = periods[0], periods[-1]
    before, after = (
        milliseconds(second) - milliseconds(first),
        milliseconds(end) - milliseconds(last),
    )
    return milliseconds(first) - before / 2, milliseconds(last) + after / 2


@cache
def _chart() -> Compiled:
    x = day_axis("from")
    y = alt.Y("low:Q", axis=alt.Axis(title="uses", tickCount=4, tickMinStep=1, format=",d"))
    bars = alt.Chart(alt.NamedData("bars")).mark_rect()
    frame = alt.Chart(alt.NamedData("frame")).mark_point(color=SOFT, opacity=0)
    layers = [
        frame.encode(x=x, y=y),
        bars.encode(x=x, x2="to:T", y=y, y2="high:Q", fill=alt.Fill("colour:N", scale=None)),
    ]
    return compiled(alt.LayerChart(layer=layers).properties(width=WIDTH, height=_HEIGHT))
