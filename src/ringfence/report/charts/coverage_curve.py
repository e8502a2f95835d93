"""The coverage curve: share of all use by share of the catalogue, with the findings on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from ringfence.report.charts.drawing import (
    ACCENT,
    INK,
    LABEL_SPACE,
    MUTED,
    PAPER,
    PERCENT,
    WIDTH,
    Chart,
    Records,
    compiled,
    draw,
)
from ringfence.report.charts.mark import Mark, rank_labels

_HEIGHT = 250
_DEEPEST = 1e-7
_BELOW = 17
"""Distance of a rank from its dot, in units of the drawing."""


def coverage_curve(curve: Sequence[tuple[float, float]], marks: Sequence[Mark]) -> str:
    """Draw the coverage curve with each finding placed on it, as SVG.

    Both axes are logarithmic, because holdings range from a few items to all of them. Findings
    near the curve took the most used items; those near the dashed line ignored use.

    Args:
        curve: (share of the catalogue, share of all use), in order of popularity.
        marks: the findings.
    """
    low = _lowest(marks)
    tables: dict[str, Records] = {
        "even": [{"x": low, "y": low}, {"x": 1, "y": 1}],
        "curve": [{"x": x, "y": y} for x, y in _visible(curve, low)],
        "marks": _placed(marks, low),
    }
    return draw(compiled(_chart(low)), tables, _label(marks))


def _label(marks: Sequence[Mark]) -> str:
    return (
        "Coverage curve: share of all use against share of the catalogue, "
        f"with {len(marks)} findings placed on it; the table below has the numbers."
    )


def _lowest(marks: Sequence[Mark]) -> float:
    shares = [s for mark in marks for s in (mark.catalogue, mark.use) if s > 0]
    return max(_DEEPEST, 10.0 ** math.floor(math.log10(min([1e-3, *shares]))))


def _visible(curve: Sequence[tuple[float, float]], low: float) -> list[tuple[float, float]]:
    """Return the visible part of the curve, thinned to steps that the eye can see."""
    points: list[tuple[float, float]] = []
    for x, y in curve:
        apart = not points or math.log10(x / points[-1][0]) > 0.02 or x >= 1
        if x >= low and y >= low and apart:
            points.append((min(x, 1.0), min(y, 1.0)))
    return points


def _placed(marks: Sequence[Mark], low: float) -> Records:
    """Return the marks with their positions, the best rank last and so on top."""
    places = [(max(mark.catalogue, low), max(mark.use, low)) for mark in marks]
    decades = -math.log10(low)
    units = [
        (math.log10(x) * WIDTH / decades, math.log10(y) * _HEIGHT / decades) for x, y in places
    ]
    labels = rank_labels([mark.rank for mark in marks], units, apart=LABEL_SPACE)
    return [
        {
            "x": x,
            "y": y,
            "label": y * 10 ** (_offset(y, decades) * decades / _HEIGHT),
            "colour": mark.colour,
            "link": f"#finding-{mark.rank}",
            "rank": label,
        }
        for mark, (x, y), label in zip(marks, places, labels, strict=True)
    ][::-1]


def _offset(y: float, decades: float) -> int:
    """Return how far above its dot a rank stands: below it, because the curve is never below.

    A dot close to the axis has its rank above, where the axis has no labels.
    """
    height = _HEIGHT * (1 + math.log10(y) / decades)
    return -_BELOW if height > 1.5 * _BELOW else _BELOW


def _axis(title: str, values: Sequence[float]) -> alt.Axis:
    return alt.Axis(title=title, values=list(values), labelExpr=PERCENT, labelFlush=False)


def _chart(low: float) -> Chart:
    decades = round(-math.log10(low))
    powers = [10.0**-power for power in range(0, decades + 1, 1 if decades < 6 else 2)]
    scale = alt.Scale(type="log", domain=[low, 1.0], nice=False)
    x = alt.X("x:Q", scale=scale, axis=_axis("share of the catalogue", powers))
    y = alt.Y("y:Q", scale=scale, axis=_axis("share of all use", powers[:-1]))
    even = alt.Chart(alt.NamedData("even")).mark_line(
        stroke=MUTED, strokeDash=[3, 4], strokeWidth=1
    )
    curve = alt.Chart(alt.NamedData("curve")).mark_line(stroke=ACCENT, strokeWidth=2.5)
    marks = alt.Chart(alt.NamedData("marks"))
    dots = marks.mark_circle(size=150, opacity=0.9, stroke=PAPER, strokeWidth=1.5).encode(
        fill=alt.Fill("colour:N", scale=None), href="link:N"
    )
    ranks = marks.encode(x=x, y=alt.Y("label:Q", scale=scale), text="rank:N")
    # A line that the text crosses is covered around it.
    cover = ranks.mark_text(
        color=PAPER, stroke=PAPER, strokeWidth=4, fontSize=12, fontWeight="bold"
    )
    names = ranks.mark_text(color=INK, fontSize=12, fontWeight="bold")
    layers = [*(layer.encode(x=x, y=y) for layer in (even, curve, dots)), cover, names]
    return alt.LayerChart(layer=list(layers)).properties(width=WIDTH, height=_HEIGHT)
