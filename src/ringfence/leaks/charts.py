"""Draw how much of each part of the catalogue the dumps contain."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.leaks.assessment import CoverageRow
from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis
from ringfence.report.charts.look import ACCENT, INK, SOFT, short_percent, text_width
from ringfence.report.charts.svg import PADDING, drawing, group, path, rectangle, text
from ringfence.visible import clip, visible

_WIDTH: Final = 225
_STEP: Final = 17
_LONGEST: Final = 16
_GAP: Final = 8
"""Distance of a name from its bar."""

_METADATA: Final = 12
_FILES: Final = 5
"""Thickness of the two bars of a row, of which the second lies on the first."""


def coverage_bars(rows: Sequence[CoverageRow], heading: str) -> str:
    """Draw one bar per row: metadata in a soft colour, and files over it, as SVG.

    Args:
        rows: the rows, in order.
        heading: what the chart shows, for people who cannot see it.
    """
    names = [clip(visible(one.label), _LONGEST) for one in rows]
    middles = [_STEP * (n + 0.5) for n in range(len(rows))]
    height = _STEP * len(rows)
    shares = [(_WIDTH * share, short_percent(share)) for share in (0.0, 0.25, 0.5, 0.75, 1.0)]
    content = (
        BottomAxis(shares, height, "share of the items", width=_WIDTH, grid=True).svg,
        _bars(middles, [one.metadata for one in rows], _METADATA, SOFT),
        _bars(middles, [one.files for one in rows], _FILES, ACCENT),
        group(
            (text(-_GAP, y + 3, name) for y, name in zip(middles, names, strict=True)),
            fill=INK, text_anchor="end",
        ),
    )  # fmt: skip
    said = "; ".join(
        f"{name}: metadata {one.metadata:.1%}, files {one.files:.1%}"
        for name, one in zip(names, rows, strict=True)
    )
    return drawing(
        content,
        f"{heading}. {said}",
        size=(_WIDTH + PADDING, height + BELOW_WITH_TITLE),
        origin=(PADDING + _GAP + max(map(text_width, names), default=0.0), PADDING),
    )


def _bars(middles: Sequence[float], shares: Sequence[float], thickness: int, colour: str) -> str:
    half = thickness / 2
    return path(
        (
            rectangle(0, _WIDTH * share, middle - half, middle + half)
            for middle, share in zip(middles, shares, strict=True)
        ),
        fill=colour,
    )
