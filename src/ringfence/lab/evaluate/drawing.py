"""Turn an Altair chart into inline SVG, with one look for all charts.

Compiling Vega-Lite costs more than drawing. So a chart that is drawn several times is compiled once
with named, empty tables, and only its rows change. Nothing is fetched: all data is inline.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import altair as alt
import vl_convert

from ringfence.lab.evaluate.address_space import may_draw
from ringfence.report.charts.look import FULL_WIDTH, GRID, MUTED

SHORT_NUMBER = "datum.value >= 1000 ? format(datum.value, '~s') : format(datum.value, '~g')"
"""Vega expression of the label of an axis of counts: ``500``, ``20k``."""

PERCENT = "format(datum.value * 100, '~g') + ' %'"
"""Vega expression of the label of an axis of shares: ``25 %``."""

NOT_DRAWN = "(Not drawn: a limit on address space, such as <code>ulimit -v</code>, forbids it.)"

Records = Sequence[Mapping[str, object]]
Compiled = Mapping[str, Any]
Chart = alt.Chart | alt.LayerChart | alt.VConcatChart

_LOOK = {
    "aria": False,  # one label describes a chart; one label per bar would be noise
    "background": "transparent",
    "padding": 2,
    "font": "sans-serif",
    "view": {"stroke": None},
    "axis": {
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 11,
        "titleFontSize": 11,
        "titleFontWeight": "normal",
        "titlePadding": 7,
        "gridColor": GRID,
        "domainColor": GRID,
        "tickColor": GRID,
        "labelPadding": 4,
        "ticks": False,
    },
}

_OPENING = re.compile(r"<svg\b[^>]*?\bviewBox=\"0 0 ([\d.]+) ([\d.]+)\"[^>]*>")
_TAG = re.compile(r"<[^>]*>")
_BASE = re.compile(r'href="[^"#]*#')
"""Vega puts an address of its own before links; these links stay on the page."""
_ROLE = re.compile(r' (?:role|aria-label|aria-roledescription)="[^"]*"')
"""Vega gives some marks a role without a name. One label describes the whole drawing."""
_LONG_FRACTION = re.compile(r"(\.\d\d)\d+")


def compiled(chart: Chart) -> Compiled:
    """Return the chart in the common look as a Vega specification; empty if none can be drawn."""
    if not may_draw():
        return {}
    return dict(vl_convert.vegalite_to_vega({**chart.to_dict(), "config": _LOOK}))


def draw(chart: Compiled, tables: Mapping[str, Records], label: str) -> str:
    """Return the chart with these rows as an SVG element.

    If nothing can be drawn, a paragraph with the content in words takes its place.

    Args:
        chart: what :func:`compiled` returned.
        tables: the rows of each named table of the chart.
        label: the content of the chart in words, for people who cannot see it.
    """
    if not chart:
        return f'<p class="note">{escape(label)} {NOT_DRAWN}</p>'
    data = [
        {**table, "values": list(tables[table["name"]])} if table["name"] in tables else table
        for table in chart["data"]
    ]
    svg = vl_convert.vega_to_svg({**chart, "data": data})
    return _inline(svg, label)


def _inline(svg: str, label: str) -> str:
    """Let the page size the drawing, give it a label, and shorten fractions."""
    svg = _TAG.sub(lambda tag: _ROLE.sub("", _LONG_FRACTION.sub(r"\1", tag[0])), svg)
    svg = _BASE.sub('href="#', svg)
    return _OPENING.sub(lambda opening: _opening(opening[1], opening[2], label), svg, count=1)


def _opening(width: str, height: str, label: str) -> str:
    view_box = f"0 0 {max(float(width), FULL_WIDTH):g} {height}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'class="chart" viewBox="{view_box}" role="img" aria-label="{escape(label)}">'
    )
