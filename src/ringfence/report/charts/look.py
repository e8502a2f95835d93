"""The look that all charts share: colours, sizes, and short texts of numbers.

Colours are CSS variables of the page with a fallback for other pages and for paper.
"""

from __future__ import annotations

from typing import Final

INK: Final = "var(--ink, #22303c)"
MUTED: Final = "var(--muted, #5b6874)"
GRID: Final = "var(--grid, #dfe3e6)"
ACCENT: Final = "var(--accent, #0b6e8a)"
SOFT: Final = "var(--soft, #b9c6cd)"
ALARM: Final = "var(--alarm, #b3361b)"
SUSPECT: Final = "var(--suspect, #8a5a00)"
PAPER: Final = "var(--paper, #ffffff)"

WIDTH: Final = 340
"""Width of every chart, in units of the drawing. A phone shows about one pixel per unit."""

FULL_WIDTH: Final = 400
"""Least width of a drawing with its labels. So the page shows all text at about the same size."""

FONT_SIZE: Final = 11
"""Size of all text except ranks, in units of the drawing."""

LABEL_SPACE: Final = (24.0, 15.0)
"""Width and height of the text next to a mark, in units of the drawing."""

_NARROW: Final = frozenset(" .,:;'|!/()[]fijlrtI")
_WIDE: Final = frozenset("mwMW%@&—…")


def text_width(text: str) -> float:
    """Estimate the width of a text, in units of the drawing, by the metrics of Arial.

    A digit is 0.556 em wide there. Other letters count as narrow, medium or wide, and those of
    East Asian scripts as square.
    """
    return FONT_SIZE * sum(map(_em, text))


def _em(letter: str) -> float:
    if letter in _NARROW:
        return 0.3
    if letter in _WIDE:
        return 0.9
    if letter >= "\u1100":
        return 1.0
    return 0.69 if letter.isupper() else 0.556


def percent(share: float) -> str:
    """Write a share at an axis that has small ones: ``0.01 %``."""
    return f"{100 * share:.6g} %"


def short_percent(share: float) -> str:
    """Write a share at an axis from none to all: ``50%``."""
    return f"{100 * share:.3g}%"


def short_number(value: float) -> str:
    """Write a number briefly: ``500``, ``1.5k``, ``3M``."""
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:.6g}{unit}"
    return f"{value:.6g}"


def bound(upper: int) -> str:
    """Write the upper end of a bucket of counts briefly, as 511, 1.02k or 3M."""
    for size, unit in ((10**6, "M"), (10**3, "k")):
        if upper >= size:
            return f"{upper / size:.3g}{unit}"
    return str(upper)
