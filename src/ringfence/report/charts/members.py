"""Observed against expected collisions: one dot per member of a ring."""

from __future__ import annotations

import math
from collections.abc import Sequence

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, LeftAxis
from ringfence.report.charts.look import ACCENT, MUTED, WIDTH
from ringfence.report.charts.scale import AxisScale, plain, rounded_up, ticks
from ringfence.report.charts.svg import PADDING, drawing, line, number, path

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
    # A sum of expected collisions may be a little below zero, which has no square root.
    pairs = [(max(expected, 0.0), max(seen, 0.0)) for expected, seen in pairs]
    end = max((value for pair in pairs for value in pair), default=0.0) or 1.0
    x = AxisScale(0, rounded_up(end), 0, WIDTH, math.sqrt)
    y = AxisScale(0, x.high, _HEIGHT, 0, math.sqrt)
    values = ticks(x.high, 4)
    left = LeftAxis([(y(value), plain(value)) for value in values], "observed", _HEIGHT)
    below = [(x(value), plain(value)) for value in values]
    content = (
        left.svg,
        BottomAxis(below, _HEIGHT, "expected", grid=True).svg,
        path(
            [line([(x(0), y(0)), (x(end), y(end))])],
            stroke=MUTED, stroke_dasharray="5 4", stroke_width=1.5,
        ),
        # A line of length zero with round ends is a dot: a thousand of them are one path.
        path(
            (f"M{number(x(expected))} {number(y(seen))}h0" for expected, seen in pairs),
            stroke=ACCENT, stroke_width=5, stroke_linecap="round", opacity=0.75,
        ),
    )  # fmt: skip
    return drawing(
        content,
        _label(pairs, noun, more=more),
        size=(WIDTH, _HEIGHT + BELOW_WITH_TITLE),
        origin=(left.space, PADDING),
    )


def _label(pairs: Sequence[tuple[float, float]], noun: str, *, more: bool) -> str:
    fitting = sum(y > x if more else y < x for x, y in pairs)
    return (
        f"Expected and observed {noun} of each member with the others: {fitting} of {len(pairs)} "
        f"members have {'more' if more else 'fewer'} than independent accounts would."
    )
