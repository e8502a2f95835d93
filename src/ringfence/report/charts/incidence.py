"""Incidence: which account of a group holds which items."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import altair as alt

from ringfence.model.ring_profile import Incidence
from ringfence.report.charts.drawing import (
    ACCENT,
    GRID,
    MUTED,
    SUSPECT,
    WIDTH,
    Compiled,
    Records,
    compiled,
    draw,
)

ONCE: Final = ACCENT
"""Colour of an item that one account of the group holds."""

SHARED_ITEM_COLOUR: Final = SUSPECT
"""Colour of an item that several accounts hold."""

_LINES = 190
"""Height of all rows together."""

_COUNTS = 46
"""Height of the counts below the rows."""

_TICKS = 5

_TITLE = "accounts of the scan that hold the item"


def incidence(shown: Incidence, highest: int, label: str = "") -> str:
    """Draw one row per account and one mark per item, most popular items first, as SVG.

    Where accounts divide the work, every item has one mark. Below the rows stands how many of the
    accounts hold each item.

    Args:
        shown: which account holds which items.
        highest: end of the scale of the counts, the same for groups that are compared.
        label: the content in words; by default that of a group as it is now.
    """
    tables: Mapping[str, Records] = {
        "once": _marks(shown, shared=False),
        "shared": _marks(shown, shared=True),
        "counts": [
            {
                "place": n,
                "end": n + 1,
                "times": times,
                "colour": SHARED_ITEM_COLOUR if times > 1 else ONCE,
            }
            for n, times in enumerate(shown.times)
        ],
        "frame": [{"place": 0, "line": 0, "times": 0}, _corner(shown, highest)],
        "labels": _labels(shown),
        "title": [{}],
    }
    return draw(_chart(), tables, label or _label(shown))


def _marks(shown: Incidence, *, shared: bool) -> Records:
    """Return the ends of every mark; a gap after each separates them within one path."""
    times = shown.times
    rows: list[dict[str, float | None]] = []
    for line, places in enumerate(shown.lines):
        for place in places:
            if (times[place] > 1) is shared:
                x = place + 0.5
                rows += [{"place": x, "line": line + y} for y in (0.06, 0.94)]
                rows.append({"place": x, "line": None})
    return [{**row, "order": n} for n, row in enumerate(rows)]


def _corner(shown: Incidence, highest: int) -> dict[str, object]:
    return {
        "place": max(len(shown.holders), 1),
        "line": max(len(shown.lines), 1),
        "times": max(highest, 1),
    }


def _labels(shown: Incidence) -> Records:
    """Return how many accounts of the scan hold the item, for some positions."""
    last = len(shown.holders) - 1
    places = sorted({round(last * n / (_TICKS - 1)) for n in range(_TICKS)}) if last >= 0 else []
    return [{"place": place + 0.5, "text": f"{shown.holders[place]:,}"} for place in places]


def _label(shown: Incidence) -> str:
    several = sum(times > 1 for times in shown.times)
    return (
        f"Incidence: {len(shown.lines)} accounts, {len(shown.holders)} items; "
        f"{several} of these are held by several of the accounts."
    )


@cache
def _chart() -> Compiled:
    x = alt.X("place:Q", axis=None, scale=alt.Scale(nice=False, zero=True))
    y = alt.Y("line:Q", axis=None, scale=alt.Scale(nice=False, reverse=True))
    frame = alt.Chart(alt.NamedData("frame")).mark_point(color=GRID, opacity=0)
    layers = [frame.encode(x=x, y=y)]
    for name, colour in (("once", ONCE), ("shared", SHARED_ITEM_COLOUR)):
        line = alt.Chart(alt.NamedData(name)).mark_line(
            stroke=colour, strokeWidth=1.2, invalid="break-paths-show-path-domains"
        )
        layers.append(line.encode(x=x, y=y, order="order:Q"))
    lines = alt.LayerChart(layer=layers).properties(width=WIDTH, height=_LINES)
    return compiled(alt.VConcatChart(vconcat=[lines, _counts(x)], spacing=6))


def _counts(x: alt.X) -> alt.LayerChart:
    y = alt.Y("times:Q", axis=alt.Axis(title=None, tickCount=2, format="d"))
    bars = alt.Chart(alt.NamedData("counts")).mark_rect()
    text = alt.Chart(alt.NamedData("labels")).mark_text(fontSize=11, baseline="top", color=MUTED)
    frame = alt.Chart(alt.NamedData("frame")).mark_point(color=GRID, opacity=0)
    title = alt.Chart(alt.NamedData("title")).mark_text(fontSize=11, baseline="top", color=MUTED)
    layers = [
        frame.encode(x=x, y=y),
        bars.encode(x=x, x2="end:Q", y=y, y2=alt.datum(0), fill=alt.Fill("colour:N", scale=None)),
        text.encode(x=x, y=alt.value(_COUNTS + 5), text="text:N"),
        title.encode(x=alt.value(WIDTH / 2), y=alt.value(_COUNTS + 21), text=alt.value(_TITLE)),
    ]
    return alt.LayerChart(layer=layers).properties(width=WIDTH, height=_COUNTS)
