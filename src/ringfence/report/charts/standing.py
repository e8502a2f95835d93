"""Position of an account among all accounts, test by test."""

from __future__ import annotations

from collections.abc import Sequence

from ringfence.report.charts.axes import BELOW_WITH_TITLE, BottomAxis
from ringfence.report.charts.look import ACCENT, GRID, INK, short_percent, text_width
from ringfence.report.charts.svg import PADDING, drawing, group, number, path, text
from ringfence.visible import clip, visible

_WIDTH = 235
_STEP = 20
_LONGEST = 18
_NAME_GAP = 10
_SHARE_GAP = 12
_DOT = 9.5
"""Diameter of a dot."""


def standing(tests: Sequence[tuple[str, float]]) -> str:
    """Draw one dot per test on a line from 0 (least extreme) to 1 (most extreme), as SVG.

    Args:
        tests: (test, share of accounts that are less extreme, in [0, 1]).
    """
    rows = [
        (_STEP * (n + 0.5), clip(visible(test), _LONGEST), value)
        for n, (test, value) in enumerate(tests)
    ]
    height = _STEP * len(rows)
    content = (
        BottomAxis(
            [(_WIDTH * share, short_percent(share)) for share in (0.0, 0.5, 1.0)],
            height,
            "share of accounts that are less extreme",
            width=_WIDTH,
            grid=True,
        ).svg,
        path((f"M0 {number(y)}h{_WIDTH}" for y, _, _ in rows), stroke=GRID),
        # A line of length zero with round ends is a dot.
        path(
            (f"M{number(_WIDTH * value)} {number(y)}h0" for y, _, value in rows),
            stroke=ACCENT, stroke_width=_DOT, stroke_linecap="round",
        ),
        group((text(-_NAME_GAP, y + 3, name) for y, name, _ in rows), fill=INK, text_anchor="end"),
        group((text(_WIDTH + _SHARE_GAP, y + 3, _share(value)) for y, _, value in rows), fill=INK),
    )  # fmt: skip
    shares = max((text_width(_share(value)) for _, _, value in rows), default=0.0)
    names = max((text_width(name) for _, name, _ in rows), default=0.0)
    return drawing(
        content,
        _label(rows),
        size=(_WIDTH + _SHARE_GAP + shares + PADDING, height + BELOW_WITH_TITLE),
        origin=(PADDING + names + _NAME_GAP, PADDING),
    )


def _label(rows: Sequence[tuple[float, str, float]]) -> str:
    return "Position among all accounts: " + "; ".join(
        f"{name}: more extreme than {_share(value)}" for _, name, value in rows
    )


def _share(value: float) -> str:
    percent = 100 * value
    if 99.9 < percent < 100:
        # Rounded down, so that only the most extreme account gets 100 %.
        return f"{int(percent * 1000) / 1000:g} %"
    return f"{percent:.3g} %"
