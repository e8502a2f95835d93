"""Collisions of a ring over time, observed and expected."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import cache

import altair as alt

from ringfence.model.ring_profile import Growth
from ringfence.report.charts.drawing import ACCENT, MUTED, WIDTH, Compiled, Records, compiled, draw
from ringfence.report.charts.time import day_axis, milliseconds

_HEIGHT = 120


def so_far(points: Sequence[Growth]) -> str:
    """Draw the collisions at the end of each day as SVG, with the expected number where known.

    Args:
        points: in order of time, at least one.
    """
    tables: Mapping[str, Records] = {
        "observed": [{"day": milliseconds(p.day), "number": p.collisions} for p in points],
        "expected": [
            {"day": milliseconds(p.day), "number": p.expected}
            for p in points
            if math.isfinite(p.expected)
        ],
    }
    last = points[-1]
    expected = f", {last.expected:,.0f} expected" if math.isfinite(last.expected) else ""
    return draw(
        _chart(), tables, f"Items in common so far: {last.collisions:,} observed{expected}."
    )


@cache
def _chart() -> Compiled:
    y = alt.Y("number:Q", axis=alt.Axis(title="items in common", tickCount=4))
    lines = [
        alt.Chart(alt.NamedData(name))
        .mark_line(stroke=colour, strokeWidth=2.5, strokeDash=dash)
        .encode(x=day_axis("day"), y=y)
        for name, colour, dash in (("expected", MUTED, [5, 4]), ("observed", ACCENT, [1, 0]))
    ]
    return compiled(alt.LayerChart(layer=lines).properties(width=WIDTH, height=_HEIGHT))
