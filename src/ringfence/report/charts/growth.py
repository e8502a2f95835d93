"""Growth of a ring: members and items over time, and collisions over time."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

import altair as alt

from ringfence.model.ring_profile import Growth
from ringfence.report.charts.drawing import (
    ACCENT,
    INK,
    MUTED,
    WIDTH,
    Compiled,
    Records,
    compiled,
    draw,
)
from ringfence.report.charts.time import day_axis, milliseconds

_HEIGHT = 120
_SOLID, _DASHED = (1, 0), (5, 4)


def growth(points: Sequence[Growth]) -> str:
    """Draw the members that had begun and the items held at the end of each day, as SVG.

    Both are shares of their final numbers.

    Args:
        points: in order of time, at least one.
    """
    last = points[-1]
    label = f"Growth: {last.accounts} accounts and {last.items} items at the end."
    accounts = [point.accounts / max(last.accounts, 1) for point in points]
    items = [point.items / max(last.items, 1) for point in points]
    tables = {"accounts": _rows(points, accounts), "items": _rows(points, items)}
    return draw(_shares(), tables, label)


def so_far(points: Sequence[Growth]) -> str:
    """Draw the collisions at the end of each day as SVG, with the expected number where known.

    Args:
        points: in order of time, at least one.
    """
    known = [point for point in points if math.isfinite(point.expected)]
    tables: Mapping[str, Records] = {
        "observed": _rows(points, [point.collisions for point in points]),
        "expected": _rows(known, [point.expected for point in known]),
    }
    last = points[-1]
    expected = f", {last.expected:,.0f} expected" if math.isfinite(last.expected) else ""
    label = f"Items in common so far: {last.collisions:,} observed{expected}."
    return draw(_numbers(), tables, label)


def _rows(points: Sequence[Growth], values: Sequence[float]) -> Records:
    return [
        {"day": milliseconds(point.day), "value": value}
        for point, value in zip(points, values, strict=True)
    ]


@cache
def _shares() -> Compiled:
    axis = alt.Axis(title="share of final number", values=[0, 0.5, 1], format="~%")
    y = alt.Y("value:Q", scale=alt.Scale(domain=[0, 1]), axis=axis)
    return _lines(y, {"accounts": (INK, _SOLID), "items": (ACCENT, _SOLID)})


@cache
def _numbers() -> Compiled:
    y = alt.Y("value:Q", axis=alt.Axis(title="items in common", tickCount=4))
    return _lines(y, {"expected": (MUTED, _DASHED), "observed": (ACCENT, _SOLID)})


def _lines(y: alt.Y, looks: Mapping[str, tuple[str, tuple[int, int]]]) -> Compiled:
    """Return a chart with one line per table, in these colours and dashes."""
    layers = [
        alt.Chart(alt.NamedData(name))
        .mark_line(stroke=colour, strokeWidth=2.5, strokeDash=list(dash))
        .encode(x=day_axis("day"), y=y)
        for name, (colour, dash) in looks.items()
    ]
    return compiled(alt.LayerChart(layer=layers).properties(width=WIDTH, height=_HEIGHT))
