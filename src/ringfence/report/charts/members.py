"""Observed against expected collisions: one dot per member of a ring."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.report.charts.drawing import (
    ACCENT,
    GRID,
    MUTED,
    WIDTH,
    Compiled,
    Records,
    compiled,
    draw,
)

_HEIGHT = 190


def members(pairs: Sequence[tuple[float, float]], noun: str, *, more: bool) -> str:
    """Draw the observed against the expected collisions of each member, as SVG.

    Independent accounts lie around the dashed line. Both axes have the same square-root scale, on
    which counts scatter equally everywhere (Bartlett 1936). So members with small holdings can be
    seen next to those with large ones.

    Args:
        pairs: (expected, observed) per member.
        noun: the things that are counted, in the plural.
        more: whether a number above the expected one is evidence of a ring; otherwise one below.
    """
    end = max((value for pair in pairs for value in pair), default=0.0) or 1.0
    # A line of length zero with round ends is a dot: a thousand of them are one path.
    ends = [(x, end) for x, y in pairs for end in (y, y, None)]
    dots: Records = [{"expected": x, "observed": y, "order": n} for n, (x, y) in enumerate(ends)]
    line: Records = [{"expected": 0, "observed": 0}, {"expected": end, "observed": end}]
    fitting = sum(y > x if more else y < x for x, y in pairs)
    label = (
        f"Expected and observed {noun} of each member with the others: {fitting} of {len(pairs)} "
        f"members have {'more' if more else 'fewer'} than independent accounts would."
    )
    return draw(_chart(), {"dots": dots, "line": line}, label)


@cache
def _chart() -> Compiled:
    roots = alt.Scale(type="sqrt")
    x = alt.X("expected:Q", scale=roots, axis=alt.Axis(title="expected", tickCount=4))
    y = alt.Y("observed:Q", scale=roots, axis=alt.Axis(title="observed", tickCount=4))
    line = alt.Chart(alt.NamedData("line"))
    dots = alt.Chart(alt.NamedData("dots")).mark_line(
        stroke=ACCENT,
        strokeWidth=5,
        strokeCap="round",
        opacity=0.75,
        invalid="break-paths-show-path-domains",
        clip=False,
    )
    layers = [
        line.mark_line(stroke=MUTED, strokeDash=[5, 4], strokeWidth=1.5).encode(x=x, y=y),
        line.mark_point(color=GRID, opacity=0).encode(x=x, y=y),
        dots.encode(x=x, y=y, order="order:Q"),
    ]
    return compiled(alt.LayerChart(layer=layers).properties(width=WIDTH, height=_HEIGHT))
