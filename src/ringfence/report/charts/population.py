"""The histogram of items per account, with the findings marked."""

from __future__ import annotations

import math
from collections.abc import Sequence

import altair as alt

from ringfence.report.charts.drawing import (
    ACCENT,
    INK,
    LABEL_SPACE,
    PAPER,
    SHORT_NUMBER,
    WIDTH,
    Chart,
    Records,
    compiled,
    draw,
)
from ringfence.report.charts.mark import Mark, rank_labels

_HEIGHT = 205
_STRIP = 45


def population(buckets: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> str:
    """Draw the histogram of items held per account with the findings above it, as SVG.

    Both axes are logarithmic, so that one account among many thousands can be seen.

    Args:
        buckets: (largest number of items held, accounts) per bucket, increasing.
        marks: the findings.
    """
    top = max([10, *(upper for upper, _ in buckets), *(mark.items for mark in marks)]) * 1.3
    most = max([10, *(accounts for _, accounts in buckets)])
    tables: dict[str, Records] = {"bars": _bars(buckets), "marks": _placed(marks, top)}
    return draw(compiled(_chart(top, most, _STRIP if marks else 0)), tables, _label(buckets, marks))


def _label(buckets: Sequence[tuple[int, int]], marks: Sequence[Mark]) -> str:
    accounts = sum(number for _, number in buckets)
    return (
        f"Histogram of the items held by each of {accounts} accounts, "
        f"with {len(marks)} findings marked; the table below has the numbers."
    )


def _bars(buckets: Sequence[tuple[int, int]]) -> Records:
    lowers = [0, *(upper for upper, _ in buckets)]
    return [
        {"from": max(lower + 0.5, 0.7), "to": upper + 0.5, "accounts": accounts}
        for lower, (upper, accounts) in zip(lowers, buckets, strict=False)
        if accounts and upper > 0
    ]


def _placed(marks: Sequence[Mark], top: float) -> Records:
    """Return the marks with their positions, the best rank last and so on top."""
    units = [
        (math.log10(max(mark.items, 1)) * WIDTH / math.log10(top / 0.7), 0.0) for mark in marks
    ]
    labels = rank_labels([mark.rank for mark in marks], units, apart=LABEL_SPACE)
    return [
        {
            "x": max(mark.items, 1),
            "colour": mark.colour,
            "link": f"#finding-{mark.rank}",
            "rank": label,
        }
        for mark, label in zip(marks, labels, strict=True)
    ][::-1]


def _powers(most: float) -> list[int]:
    decades = math.floor(math.log10(most))
    return [10**power for power in range(0, decades + 1, 1 + decades // 7)]


def _chart(top: float, most: int, strip: int) -> Chart:
    x = alt.X(
        "from:Q",
        scale=alt.Scale(type="log", domain=[0.7, top], nice=False),
        axis=alt.Axis(title="items held", values=_powers(top), labelExpr=SHORT_NUMBER, grid=False),
    )
    y = alt.Y(
        "accounts:Q",
        scale=alt.Scale(type="symlog", domain=[0, most], nice=False, range=[_HEIGHT, strip]),
        axis=alt.Axis(title="accounts", values=_powers(most), labelExpr=SHORT_NUMBER),
    )
    bars = alt.Chart(alt.NamedData("bars")).mark_rect(fill=ACCENT, stroke=PAPER, strokeWidth=1)
    marks = alt.Chart(alt.NamedData("marks")).encode(x=alt.X("x:Q"))
    layers = (
        bars.encode(x=x, x2="to:Q", y=y, y2=alt.Y2Datum(0)),
        marks.mark_rule(strokeDash=[2, 3]).encode(
            y=alt.value(30), y2=alt.value(_HEIGHT), stroke=alt.Stroke("colour:N", scale=None)
        ),
        marks.mark_circle(size=150, opacity=0.9, stroke=PAPER, strokeWidth=1.5).encode(
            y=alt.value(30), fill=alt.Fill("colour:N", scale=None), href="link:N"
        ),
        marks.mark_text(color=INK, fontSize=12, fontWeight="bold").encode(
            y=alt.value(14), text="rank:N"
        ),
    )
    return alt.LayerChart(layer=list(layers)).properties(width=WIDTH, height=_HEIGHT)
