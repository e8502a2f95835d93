"""Slices: share of items of each popularity that a ring holds, once or several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.model.ring_profile import Slice
from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, LeftAxis
from ringfence.report.charts.incidence import ONCE, SHARED_ITEM_COLOUR
from ringfence.report.charts.look import INK, WIDTH, bound, short_percent
from ringfence.report.charts.scale import AxisScale
from ringfence.report.charts.svg import drawing, group, path, rectangle, text

_HEIGHT: Final = 76
_BETWEEN: Final = 36
"""Space between the two plots."""

_TOP: Final = 14
"""Space for the name of a plot above it."""

_FILLED: Final = 0.8
"""Width of a bar, as a share of its place."""

_SHARES: Final = AxisScale(0, 1, _HEIGHT, 0)
_LEFT: Final = LeftAxis(
    [(_SHARES(share), short_percent(share)) for share in (0.0, 0.5, 1.0)], height=_HEIGHT
)
_TITLE: Final = "accounts of the scan that hold the item, up to"


def slices(parts: Sequence[Slice]) -> str:
    """Draw the share of items held by popularity, for a ring above and others below, as SVG.

    Args:
        parts: by popularity, rarely held items first. The chart has the most popular on the left.
    """
    popular_first = parts[::-1]
    place = WIDTH / max(len(parts), 1)
    held = [(place * (n + 0.5), bound(part.holders)) for n, part in enumerate(popular_first)]
    lower = _panel("others", [(part.items, part.others) for part in popular_first])
    content = (
        _panel("the ring", [(part.items, part.ring) for part in popular_first]),
        BottomAxis([], _HEIGHT).svg,
        group([lower], transform=f"translate(0,{_HEIGHT + _BETWEEN})"),
        BottomAxis(held, 2 * _HEIGHT + _BETWEEN, _TITLE).svg,
    )
    return drawing(
        content, _label(parts),
        size=(WIDTH, 2 * _HEIGHT + _BETWEEN + BELOW_WITH_TITLE),
        origin=(_LEFT.space, _TOP),
    )  # fmt: skip


def _label(parts: Sequence[Slice]) -> str:
    once = sum(part.ring[0] for part in parts)
    several = sum(sum(part.ring[1:]) for part in parts)
    return (
        f"Slices: {once} items of the ring are held by one member and {several} by several; "
        "by popularity, next to as many other accounts."
    )


def _panel(name: str, rows: Sequence[tuple[int, tuple[int, int, int]]]) -> str:
    """Draw one group of accounts: (items in the slice, how many are held how often) per slice."""
    place = WIDTH / max(len(rows), 1)
    once: list[str] = []
    several: list[str] = []
    for n, (items, (one, *more)) in enumerate(rows):
        left, right = place * (n + (1 - _FILLED) / 2), place * (n + (1 + _FILLED) / 2)
        low, high = _SHARES(one / items), _SHARES((one + sum(more)) / items)
        once.append(rectangle(left, right, _SHARES(0), low))
        several.append(rectangle(left, right, low, high))
    return (
        _LEFT.svg
        + path(once, fill=ONCE)
        + path(several, fill=SHARED_ITEM_COLOUR)
        + group([text(WIDTH, -3, name)], fill=INK, text_anchor="end")
    )
