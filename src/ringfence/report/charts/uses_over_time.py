"""Uses over time: items new to the account, and returns to earlier items."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from ringfence.report.charts.axes import BELOW, BottomAxis, LeftAxis
from ringfence.report.charts.look import ACCENT, SOFT, WIDTH
from ringfence.report.charts.scale import AxisScale, plain, rounded_up, ticks
from ringfence.report.charts.svg import PADDING, drawing, path, rectangle
from ringfence.report.charts.time import day_labels

_HEIGHT = 130
_WIDEST_BAR = 0.12
"""Greatest width of a bar, as a share of the chart. So one busy day looks like one day."""

_FILLED = 0.84
"""Width of a bar, as a share of its period."""

DayUses = tuple[date, int, int]
_Period = tuple[date, date, int, int]


def uses_over_time(days: Sequence[DayUses]) -> str:
    """Draw uses per day, or per week or month if there are many, as stacked bars in SVG.

    Args:
        days: (day, uses, items new to the account), in order.
    """
    periods = _periods(days)
    x = _time(periods)
    most = max(max(uses, new) for _, _, uses, new in periods)
    y = AxisScale(0, rounded_up(most), _HEIGHT, 0)
    left = LeftAxis(
        [(y(value), plain(value)) for value in ticks(y.high, 4, least=1)], "uses", _HEIGHT
    )
    content = (
        left.svg,
        BottomAxis(day_labels(x), _HEIGHT).svg,
        path((rectangle(*side, y(0), y(new)) for side, _, new in _bars(periods, x)), fill=ACCENT),
        path(
            (rectangle(*side, y(new), y(uses)) for side, uses, new in _bars(periods, x)), fill=SOFT
        ),
    )
    size = (WIDTH, _HEIGHT + BELOW)
    return drawing(content, _label(days), size=size, origin=(left.space, PADDING))


def _label(days: Sequence[DayUses]) -> str:
    uses = sum(day[1] for day in days)
    new = sum(day[2] for day in days)
    return f"Uses over time: {new} of {uses} uses were of items new to the account."


def step_of(days: Sequence[DayUses]) -> str:
    """Return the period of one bar: ``day``, ``week`` or ``month``."""
    span = (days[-1][0] - days[0][0]).days + 1 if days else 0
    if span <= 100:
        return "day"
    return "week" if span <= 700 else "month"


def _periods(days: Sequence[DayUses]) -> list[_Period]:
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


def _bars(
    periods: Sequence[_Period], x: AxisScale
) -> Iterator[tuple[tuple[float, float], int, int]]:
    """Yield both sides of each bar, its uses and its new items.

    A bar is centred on the first day of its period, where the label stands.
    """
    widest = _WIDEST_BAR * (x.high - x.low)
    for begin, end, uses, new in periods:
        middle, half = begin.toordinal(), min(_FILLED * (end - begin).days, widest) / 2
        yield (x(middle - half), x(middle + half)), max(uses, new), new


def _time(periods: Sequence[_Period]) -> AxisScale:
    """Return the time axis: from half a period before the first bar to as long after the last."""
    (first, second, *_), (last, end, *_) = periods[0], periods[-1]
    before, after = (second - first).days / 2, (end - last).days / 2
    return AxisScale(first.toordinal() - before, last.toordinal() + after, 0, WIDTH)
