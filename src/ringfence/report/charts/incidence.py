"""Incidence: who of a group holds which items; where accounts divide the work, they interlock."""

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
"""Colour of what one account of the group holds."""

SHARED: Final = SUSPECT
"""Colour of what several hold."""

_LINES = 190
"""Height of the lines, of all accounts together."""

_COUNTS = 46
"""Height of the counts below."""

_TICKS = 5

_TITLE = "accounts of the scan that hold the item"


def incidence(drawn: Incidence, highest: int) -> str:
    """Draw a line an account and a tooth an item, most popular items first, as SVG.

    Below, for each item, how many of the accounts hold it.

    Args:
        drawn: who holds what.
        highest: end of the scale of these counts, the same for groups that are compared.
    """
    tables: Mapping[str, Records] = {
        "once": _marks(drawn, shared=False),
        "shared": _marks(drawn, shared=True),
        "counts": [
            {"place": n, "end": n + 1, "times": times, "colour": SHARED if times > 1 else ONCE}
            for n, times in enumerate(drawn.times)
        ],
        "frame": [{"place": 0, "line": 0, "times": 0}, _corner(drawn, highest)],
        "labels": _labels(drawn),
        "title": [{}],
    }
    return draw(_chart(), tables, _label(drawn))


def _marks(drawn: Incidence, *, shared: bool) -> Records:
    """Return the ends of every tooth; a gap after each keeps them apart in one path."""
    times = drawn.times
    rows: list[dict[str, float | None]] = []
    for line, places in enumerate(drawn.lines):
        for place in places:
            if (times[place] > 1) is shared:
                x = place + 0.5
                rows += [{"place": x, "line": line + y} for y in (0.06, 0.94)]
                rows.append({"place": x, "line": None})
    return [{**row, "order": n} for n, row in enumerate(rows)]


def _corner(drawn: Incidence, highest: int) -> dict[str, object]:
    return {
        "place": max(len(drawn.holders), 1),
        "line": max(len(drawn.lines), 1),
        "times": max(highest, 1),
    }


def _labels(drawn: Incidence) -> Records:
    """Name the popularity of some places: how many accounts of the scan hold the item there."""
    last = len(drawn.holders) - 1
    places = sorted({round(last * n / (_TICKS - 1)) for n in range(_TICKS)}) if last >= 0 else []
    return [{"place": place + 0.5, "text": f"{drawn.holders[place]:,}"} for place in places]


def _label(drawn: Incidence) -> str:
    several = sum(times > 1 for times in drawn.times)
    return (
        f"Incidence: {len(drawn.lines)} accounts, {len(drawn.holders)} items; "
        f"{several} of these are held by more than one of the accounts."
    )


@cache
def _chart() -> Compiled:
    x = alt.X("place:Q", axis=None, scale=alt.Scale(nice=False, zero=True))
    y = alt.Y("line:Q", axis=None, scale=alt.Scale(nice=False, reverse=True))
    frame = alt.Chart(alt.NamedData("frame")).mark_point(color=GRID, opacity=0)
    layers = [frame.encode(x=x, y=y)]
    for name, colour in (("once", ONCE), ("shared", SHARED)):
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
