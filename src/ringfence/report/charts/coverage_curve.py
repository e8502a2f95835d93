"""The coverage curve: share of all use by share of the catalogue, with the findings on it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, Labels, LeftAxis
from ringfence.report.charts.look import (
    ACCENT,
    LABEL_SPACE,
    MUTED,
    WIDTH,
    percent,
    text_width,
)
from ringfence.report.charts.mark import Mark, dot, rank_labels, rank_texts
from ringfence.report.charts.scale import AxisScale
from ringfence.report.charts.svg import PADDING, drawing, line, path

_HEIGHT = 250
_TOP = 8
"""Space for half a label above the plot."""

_DEEPEST = 1e-7
_BELOW_DOT = 17
"""Distance of the middle of a rank from its dot, in units of the drawing."""

_BASELINE = 4
"""Distance of the baseline of a rank from its middle."""

_TITLE = "share of all use"


def coverage_curve(curve: Sequence[tuple[float, float]], marks: Sequence[Mark]) -> str:
    """Draw the coverage curve with each finding placed on it, as SVG.

    Both axes are logarithmic, because holdings range from a few items to all of them. Findings
    near the curve took the most used items; those near the dashed line ignored use.

    Args:
        curve: (share of the catalogue, share of all use), in order of popularity.
        marks: the findings.
    """
    low = _lowest(marks)
    x = AxisScale(low, 1, 0, WIDTH, math.log10)
    y = AxisScale(low, 1, _HEIGHT, 0, math.log10)
    powers = _powers(low)
    left = LeftAxis([(y(share), percent(share)) for share in powers[:-1]], _TITLE, _HEIGHT)
    below = [(x(share), percent(share)) for share in powers[::-1]]
    bottom = BottomAxis(below, _HEIGHT, "share of the catalogue", grid=True, flush=False)
    seen = [(x(share), y(use)) for share, use in _visible(curve, low)]
    content = (
        left.svg,
        bottom.svg,
        path([line([(0, _HEIGHT), (WIDTH, 0)])], stroke=MUTED, stroke_dasharray="3 4"),
        path([line(seen)] if seen else [], stroke=ACCENT, stroke_width=2.5),
        *_placed(marks, x, y),
    )
    size = (WIDTH + _overhang(below), _HEIGHT + BELOW_WITH_TITLE)
    origin = (left.space, _TOP)
    return drawing(content, _label(marks), size=size, origin=origin, links=bool(marks))


def _label(marks: Sequence[Mark]) -> str:
    return (
        "Coverage curve: share of all use against share of the catalogue, "
        f"with {len(marks)} findings placed on it; the table below has the numbers."
    )


def _lowest(marks: Sequence[Mark]) -> float:
    shares = [s for mark in marks for s in (mark.catalogue, mark.use) if s > 0]
    return max(_DEEPEST, 10.0 ** math.floor(math.log10(min([1e-3, *shares]))))


def _powers(low: float) -> list[float]:
    """Return the shares with a label, 1 first."""
    decades = round(-math.log10(low))
    return [10.0**-power for power in range(0, decades + 1, 1 if decades < 6 else 2)]


def _overhang(labels: Labels) -> float:
    """Return how far the last label reaches beyond the plot, with the padding."""
    return text_width(labels[-1][1]) / 2 + PADDING


def _visible(curve: Sequence[tuple[float, float]], low: float) -> list[tuple[float, float]]:
    """Return the visible part of the curve, thinned to steps that the eye can see."""
    points: list[tuple[float, float]] = []
    for x, y in curve:
        apart = not points or math.log10(x / points[-1][0]) > 0.02 or x >= 1
        if x >= low and y >= low and apart:
            points.append((min(x, 1.0), min(y, 1.0)))
    return points


def _placed(marks: Sequence[Mark], x: AxisScale, y: AxisScale) -> Iterator[str]:
    """Draw a dot and a rank per mark, the best rank last and so on top."""
    places = [(x(max(mark.catalogue, x.low)), y(max(mark.use, y.low))) for mark in marks]
    ranks = rank_labels([mark.rank for mark in marks], places, apart=LABEL_SPACE)
    for mark, (across, down) in zip(marks[::-1], places[::-1], strict=True):
        yield dot(mark, across, down)
    yield rank_texts(
        (
            (across, down + _offset(down) + _BASELINE, rank)
            for (across, down), rank in zip(places, ranks, strict=True)
        ),
        covering=True,
    )


def _offset(down: float) -> int:
    """Return how far below its dot a rank stands: below it, because the curve is never below.

    A dot close to the axis has its rank above, where the axis has no labels.
    """
    return _BELOW_DOT if _HEIGHT - down > 1.5 * _BELOW_DOT else -_BELOW_DOT
