"""Growth of a ring: members and items over time, and collisions over time."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ringfence.model.ring_profile import Growth
from ringfence.report.charts.axes import BELOW, BottomAxis, Labels, LeftAxis
from ringfence.report.charts.look import ACCENT, INK, MUTED, WIDTH, short_percent
from ringfence.report.charts.scale import AxisScale, plain, rounded_up, ticks
from ringfence.report.charts.svg import drawing, line, path
from ringfence.report.charts.time import day_labels

_HEIGHT = 120
_LINE = 2.5
_TOP = 8
"""Space for half a label above the plot."""


def growth(points: Sequence[Growth]) -> str:
    """Draw the members that had begun and the items held at the end of each day, as SVG.

    Both are shares of their final numbers.

    Args:
        points: in order of time, at least one.
    """
    last = points[-1]
    label = f"Growth: {last.accounts} accounts and {last.items} items at the end."
    x, y = _time(points), AxisScale(0, 1, _HEIGHT, 0)
    accounts = [(x(_day(one)), y(one.accounts / max(last.accounts, 1))) for one in points]
    items = [(x(_day(one)), y(one.items / max(last.items, 1))) for one in points]
    lines = path([line(accounts)], stroke=INK, stroke_width=_LINE) + path(
        [line(items)], stroke=ACCENT, stroke_width=_LINE
    )
    labels = [(y(share), short_percent(share)) for share in (0.0, 0.5, 1.0)]
    return _plot(x, labels, "share of final number", lines, label)


def so_far(points: Sequence[Growth]) -> str:
    """Draw the collisions at the end of each day as SVG, with the expected number where known.

    Args:
        points: in order of time, at least one.
    """
    known = [point for point in points if math.isfinite(point.expected)]
    most = max([*(one.collisions for one in points), *(one.expected for one in known)])
    x, y = _time(points), AxisScale(0, rounded_up(most), _HEIGHT, 0)
    expected = [(x(_day(one)), y(one.expected)) for one in known]
    observed = [(x(_day(one)), y(one.collisions)) for one in points]
    dashed = {"stroke": MUTED, "stroke_width": _LINE, "stroke_dasharray": "5 4"}
    lines = path([line(expected)], **dashed) if known else ""
    lines += path([line(observed)], stroke=ACCENT, stroke_width=_LINE)
    labels = [(y(value), plain(value)) for value in ticks(y.high, 4)]
    return _plot(x, labels, "items in common", lines, _label(points[-1]))


def _label(last: Growth) -> str:
    expected = f", {last.expected:,.0f} expected" if math.isfinite(last.expected) else ""
    return f"Items in common so far: {last.collisions:,} observed{expected}."


def _day(point: Growth) -> int:
    return point.day.toordinal()


def _time(points: Sequence[Growth]) -> AxisScale:
    """Return the time axis. A single day stands at its start."""
    first, last = _day(points[0]), _day(points[-1])
    return AxisScale(first, max(last, first + 1), 0, WIDTH)


def _plot(x: AxisScale, labels: Labels, title: str, lines: str, label: str) -> str:
    left = LeftAxis(labels, title, _HEIGHT)
    content = (left.svg, BottomAxis(day_labels(x), _HEIGHT).svg, lines)
    return drawing(content, label, size=(WIDTH, _HEIGHT + BELOW), origin=(left.space, _TOP))
