"""Popularity of the items that an account holds, compared with all holdings."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis, LeftAxis
from ringfence.report.charts.look import ACCENT, INK, WIDTH, bound, short_percent
from ringfence.report.charts.scale import AxisScale, rounded_up, ticks
from ringfence.report.charts.svg import PADDING, drawing, number, path, rectangle

_HEIGHT = 130
_FILLED = 0.8
"""Width of a bar, as a share of its place."""


def popularity(buckets: Sequence[tuple[int, float, float]]) -> str:
    """Draw an account's holdings by popularity (bars) and those of all accounts (lines), as SVG.

    Args:
        buckets: (largest number of holders, share of this account's items, share of all holdings)
            per bucket, least popular first.
    """
    most = max(max(account, everybody) for _, account, everybody in buckets)
    y = AxisScale(0, rounded_up(most), _HEIGHT, 0)
    place = WIDTH / len(buckets)
    starts = [place * (n + (1 - _FILLED) / 2) for n in range(len(buckets))]
    shares = [(y(share), short_percent(share)) for share in ticks(y.high, 4)]
    left = LeftAxis(shares, "share of items", _HEIGHT)
    held = [(place * (n + 0.5), bound(upper)) for n, (upper, _, _) in enumerate(buckets)]
    content = (
        left.svg,
        BottomAxis(held, _HEIGHT, "accounts that hold the item, up to").svg,
        path(
            (
                rectangle(x, x + _FILLED * place, y(0), y(account))
                for x, (_, account, _) in zip(starts, buckets, strict=True)
            ),
            fill=ACCENT,
        ),
        path(
            (
                f"M{number(x)} {number(y(everybody))}h{number(_FILLED * place)}"
                for x, (_, _, everybody) in zip(starts, buckets, strict=True)
            ),
            stroke=INK,
            stroke_width=3,
            opacity=0.7,
        ),
    )
    label = (
        "Holdings against popularity: this account's items (bars) and all holdings (lines), "
        "by how many accounts hold an item."
    )
    return drawing(
        content,
        label,
        size=(WIDTH, _HEIGHT + BELOW_WITH_TITLE),
        origin=(left.space, PADDING),
    )
