"""Slices: share of items of each popularity that a ring holds, once or several times."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import altair as alt

from ringfence.model.ring_profile import Slice
from ringfence.report.charts.drawing import INK, WIDTH, Compiled, Records, bound, compiled, draw
from ringfence.report.charts.incidence import ONCE, SHARED_ITEM_COLOUR

_HEIGHT = 76


def slices(parts: Sequence[Slice]) -> str:
    """Draw the share of items held by popularity, for a ring above and others below, as SVG.

    Args:
        parts: by popularity, rarely held items first. The chart has the most popular on the left.
    """
    rows = [row for place, part in enumerate(reversed(parts)) for row in _bars(place, part)]
    once, several = (sum(number(part) for part in parts) for number in (_once, _several))
    label = (
        f"Slices: {once} items of the ring are held by one member and {several} by several; "
        "by popularity, next to as many other accounts."
    )
    return draw(_chart(), {"rows": rows, "names": [{}]}, label)


def _once(part: Slice) -> int:
    return part.ring[0]


def _several(part: Slice) -> int:
    return sum(part.ring[1:])


def _bars(place: int, part: Slice) -> Records:
    bars = []
    for who, (once, *several) in (("ring", part.ring), ("others", part.others)):
        low, high = once / part.items, (once + sum(several)) / part.items
        side = {"place": place, "held": bound(part.holders), "who": who}
        bars.append({**side, "low": 0, "high": low, "colour": ONCE})
        bars.append({**side, "low": low, "high": high, "colour": SHARED_ITEM_COLOUR})
    return bars


@cache
def _chart() -> Compiled:
    panels = [_panel("ring", "the ring", last=False), _panel("others", "others", last=True)]
    return compiled(alt.VConcatChart(vconcat=panels, spacing=18))


def _panel(who: str, name: str, *, last: bool) -> alt.LayerChart:
    title = "accounts of the scan that hold the item, up to" if last else None
    x = alt.X(
        "held:O",
        sort=alt.SortField("place"),
        scale=alt.Scale(paddingInner=0.2, paddingOuter=0.1),
        axis=alt.Axis(title=title, labelAngle=0, labelOverlap=True, labels=last),
    )
    y = alt.Y(
        "low:Q",
        scale=alt.Scale(domain=[0, 1]),
        axis=alt.Axis(title=None, values=[0, 0.5, 1], format="~%"),
    )
    rows = alt.Chart(alt.NamedData("rows")).transform_filter(alt.datum.who == who)
    bars = rows.mark_bar().encode(x=x, y=y, y2="high:Q", fill=alt.Fill("colour:N", scale=None))
    words = alt.Chart(alt.NamedData("names")).mark_text(
        align="right", baseline="bottom", fontSize=11, color=INK
    )
    named = words.encode(x=alt.value(WIDTH), y=alt.value(-3), text=alt.value(name))
    return alt.LayerChart(layer=[bars, named]).properties(width=WIDTH, height=_HEIGHT)
