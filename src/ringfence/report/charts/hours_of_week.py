"""Activity of an account by hour of the week."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, LeftAxis
from ringfence.report.charts.look import ACCENT, WIDTH
from ringfence.report.charts.svg import PADDING, drawing, group, path

_DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_HEIGHT: Final = 130
_HOUR: Final = WIDTH / 24
_DAY: Final = _HEIGHT / 7

_FILLED: Final = 0.88
"""Share of its place that a cell fills, in both directions."""

_LEVELS: Final = 20
"""Number of depths of the colour, besides that of silent hours."""

_SILENT: Final = 0.07
"""Opacity of an hour without use."""


def hours_of_week(week: Sequence[int]) -> str:
    """Draw uses by hour of the week as a heat map, as SVG.

    Args:
        week: 168 numbers of uses, from Monday 00:00 UTC.
    """
    left = LeftAxis([(_DAY * (n + 0.5), name) for n, name in enumerate(_DAYS)], grid=False)
    hours = [(_HOUR * (hour + 0.5), str(hour)) for hour in (0, 6, 12, 18)]
    content = (
        _cells(week),
        left.svg,
        BottomAxis(hours, _HEIGHT, "hour of the day, UTC", line=False).svg,
    )
    idle = sum(uses == 0 for uses in week)
    label = (
        f"Hours of the week, UTC: {idle} of {len(week)} have no use, the busiest has {max(week)}."
    )
    size = (WIDTH, _HEIGHT + BELOW_WITH_TITLE)
    return drawing(content, label, size=size, origin=(left.space, PADDING))


def _cells(week: Sequence[int]) -> str:
    """Draw the cells in units of one hour and one day. The dashes of a line are its cells."""
    most = max(week)
    steps: dict[int, list[str]] = {}
    for day in range(7):
        for hour, length, level in _runs([_level(uses, most) for uses in week[24 * day :][:24]]):
            steps.setdefault(level, []).append(f"M{hour} {day}h{length}")
    edge = (1 - _FILLED) / 2
    return group(
        (path(steps[level], opacity=f"{_opacity(level):.2g}") for level in sorted(steps)),
        stroke=ACCENT,
        stroke_width=_FILLED,
        stroke_dasharray=f"{_FILLED} {1 - _FILLED:.2f}",
        transform=f"translate({_HOUR * edge:.2f},{_DAY / 2:.2f})scale({_HOUR:.3f},{_DAY:.3f})",
    )


def _level(uses: int, most: int) -> int:
    """Return the depth of an hour. The square root separates quiet hours from silent ones."""
    return math.ceil(_LEVELS * math.sqrt(uses / most)) if uses else 0


def _opacity(level: int) -> float:
    return _SILENT + (1 - _SILENT) * level / _LEVELS


def _runs(levels: Sequence[int]) -> list[tuple[int, int, int]]:
    """Return (first hour, number of hours, level) of each run of equal levels."""
    runs: list[tuple[int, int, int]] = []
    for hour, level in enumerate(levels):
        if runs and runs[-1][2] == level:
            runs[-1] = (runs[-1][0], runs[-1][1] + 1, level)
        else:
            runs.append((hour, 1, level))
    return runs
