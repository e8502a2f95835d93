"""Draw how much of each part of the catalogue the dumps contain."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.leaks.assessment import CoverageRow
from ringfence.report.charts.drawing import ACCENT, INK, SOFT, Compiled, compiled, draw
from ringfence.visible import clip, visible

_WIDTH = 225
_STEP = 17
_LONGEST = 16


def coverage_bars(rows: Sequence[CoverageRow], heading: str) -> str:
    """Draw one bar per row: metadata in a soft colour, and files over it, as SVG.

    Args:
        rows: the rows, in order.
        heading: what the chart shows, for people who cannot see it.
    """
    drawn = [
        {
            "place": place,
            "label": clip(visible(one.label), _LONGEST),
            "metadata": one.metadata,
            "files": one.files,
        }
        for place, one in enumerate(rows)
    ]
    said = "; ".join(
        f"{clip(visible(one.label), _LONGEST)}: metadata {one.metadata:.1%}, files {one.files:.1%}"
        for one in rows
    )
    return draw(_bars(), {"rows": drawn}, f"{heading}. {said}")


@cache
def _bars() -> Compiled:
    rows = alt.Chart(alt.NamedData("rows"))
    y = alt.Y("place:O", axis=None, scale=alt.Scale(paddingInner=0.3))
    axis = alt.Axis(title="share of the items", values=[0, 0.25, 0.5, 0.75, 1], format="~%")
    scale = alt.Scale(domain=[0, 1], nice=False)
    layers = (
        rows.mark_bar(fill=SOFT).encode(y=y, x=alt.X("metadata:Q", axis=axis, scale=scale)),
        rows.mark_bar(fill=ACCENT, height=5).encode(y=y, x=alt.X("files:Q", scale=scale)),
        rows.mark_text(align="right", fontSize=11, color=INK).encode(
            x=alt.value(-8), y=y, text="label:N"
        ),
    )
    return compiled(
        alt.LayerChart(layer=list(layers)).properties(width=_WIDTH, height=alt.Step(_STEP))
    )
