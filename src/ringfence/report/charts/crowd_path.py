"""The path of a crowd through the catalogue: one mark per item, coloured by visitor."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Final

from ringfence.model.ring_profile import CrowdPath
from ringfence.report.charts.axes import BELOW, BottomAxis, Labels, LeftAxis
from ringfence.report.charts.look import ACCENT, ALARM, INK, SOFT, SUSPECT, WIDTH, short_number
from ringfence.report.charts.scale import AxisScale, ticks
from ringfence.report.charts.svg import drawing, number, path
from ringfence.report.charts.time import day_labels
from ringfence.stats.seconds import DAY

_HEIGHT: Final = 190
_MARK: Final = 3.5
"""Side of a mark, in units of the drawing."""

_TOP: Final = 8
"""Space for half a label above the plot."""

_TITLE: Final = "place in the catalogue"
_EPOCH: Final = date(1970, 1, 1).toordinal()
_COLOURS: Final = (ACCENT, ALARM, INK, SUSPECT, SOFT)
"""Visitors in the order of their first use have these colours in turn."""


def crowd_path(way: CrowdPath) -> str:
    """Draw when each item was taken, and by which visitor, as SVG.

    Args:
        way: the items shown; nothing is drawn of an empty path.
    """
    if not way.places:
        return ""
    days = [_EPOCH + second / DAY for second in way.seconds]
    x = _scale(min(days), max(days), 0, WIDTH)
    y = _scale(min(way.places), max(way.places), _HEIGHT, 0)
    left = LeftAxis(_labels(y), _TITLE, _HEIGHT)
    marks = [
        f"M{number(x(day) - _MARK / 2)} {number(y(place))}h{_MARK}"
        for day, place in zip(days, way.places, strict=True)
    ]
    content = (
        left.svg,
        BottomAxis(day_labels(x), _HEIGHT).svg,
        *_coloured(way, marks),
    )
    label = (
        f"Path through the catalogue: {len(marks)} items taken by {len(set(way.turns))} visitors, "
        "by time and by place in the order of names."
    )
    size = (WIDTH, _HEIGHT + BELOW)
    return drawing(content, label, size=size, origin=(left.space, _TOP))


def _scale(low: float, high: float, start: float, end: float) -> AxisScale:
    """Return a scale over the values; a single value stands at its start."""
    return AxisScale(low, high if high > low else low + 1, start, end)


def _labels(y: AxisScale) -> Labels:
    return [(y(one), short_number(one)) for one in ticks(y.high, 4, low=y.low, least=1)]


def _coloured(way: CrowdPath, marks: list[str]) -> Iterator[str]:
    for hue, colour in enumerate(_COLOURS):
        own = [
            mark for mark, turn in zip(marks, way.turns, strict=True) if turn % len(_COLOURS) == hue
        ]
        yield path(own, stroke=colour, stroke_width=_MARK)
