"""Growth of a ring: its members and its items, as shares of the final numbers."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.model.ring_profile import Growth
from ringfence.report.charts.drawing import ACCENT, INK, WIDTH, Compiled, Records, compiled, draw
from ringfence.report.charts.time import day_axis, milliseconds

_HEIGHT = 120


def growth(points: Sequence[Growth]) -> str:
    """Draw the members that had begun and the items held at the end of each day, as SVG.

    Args:
        points: in order of time, at least one.
    """
    last = points[-1]
    label = f"Growth: {last.accounts} accounts and {last.items} items at the end."
    tables = {
        "accounts": _shares(points, [point.accounts for point in points]),
        "items": _shares(points, [point.items for point in points]),
    }
    return draw(_chart(), tables, label)


def _shares(points: Sequence[Growth], numbers: Sequence[int]) -> Records:
    return [
        {"day": milliseconds(point.day), "share": number / max(numbers[-1], 1)}
        for point, number in zip(points, numbers, strict=True)
    ]


@cache
def _chart() -> Compiled:
    y = alt.Y(
        "share:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(title="share of the final number", values=[0, 0.5, 1], format="~%"),
    )
    lines = [
        alt.Chart(alt.NamedData(name))
        .mark_line(stroke=colour, strokeWidth=2.5)
        .encode(x=day_axis("day"), y=y)
        for name, colour in (("accounts", INK), ("items", ACCENT))
    ]
    return compiled(alt.LayerChart(layer=lines).properties(width=WIDTH, height=_HEIGHT))
