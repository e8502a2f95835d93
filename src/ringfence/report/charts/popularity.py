"""Popularity of the items that an account holds, compared with all holdings."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.report.charts.drawing import ACCENT, INK, WIDTH, Compiled, bound, compiled, draw

_HEIGHT = 130


def popularity(buckets: Sequence[tuple[int, float, float]]) -> str:
    """Draw an account's holdings by popularity (bars) and those of all accounts (lines), as SVG.

    Args:
        buckets: (largest number of holders, share of this account's items, share of all holdings)
            per bucket, least popular first.
    """
    rows = [
        {"place": place, "held": bound(upper), "account": account, "all": everybody}
        for place, (upper, account, everybody) in enumerate(buckets)
    ]
    label = (
        "Holdings against popularity: this account's items (bars) and all holdings (lines), "
        "by how many accounts hold an item."
    )
    return draw(_chart(), {"rows": rows}, label)


@cache
def _chart() -> Compiled:
    rows = alt.Chart(alt.NamedData("rows"))
    x = alt.X(
        "held:O",
        sort=alt.SortField("place"),
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1),
        axis=alt.Axis(title="accounts that hold the item, up to", labelAngle=0, labelOverlap=True),
    )
    axis = alt.Axis(title="share of items", tickCount=4, format="~%")
    bars = rows.mark_bar(fill=ACCENT).encode(x=x, y=alt.Y("account:Q", axis=axis))
    lines = rows.mark_tick(color=INK, thickness=3).encode(x=x, y=alt.Y("all:Q", axis=axis))
    return compiled(alt.LayerChart(layer=[bars, lines]).properties(width=WIDTH, height=_HEIGHT))
