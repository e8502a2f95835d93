"""A suspicion about the input, and the limits from which something is suspicious."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

MAJORITY: Final = 0.5
"""The share from which something is most of the input."""

NEARLY_ALL: Final = 0.9
"""The share from which something is nearly all of the input."""

HALF_OF_HALF: Final = 0.25
"""The share of lines with records that are lost, from which the rest misleads."""

NOTABLE: Final = 0.1
"""The share of unreadable lines that is worth a warning."""

NOT_BY_ACCIDENT: Final = 0.95
"""The share of pages without an item from which item rules do not fit. Up to 91 % of the pages of
publishers' logs are searches, frames and parts of pages."""

MANY_ADDRESSES: Final = 100
"""Addresses of one crawler from which its name should be verified. Real ones have dozens."""

ENOUGH: Final = 50
"""Uses below which shares say nothing."""

CROWD: Final = 20
"""Clients or networks that are more than those of one person or household."""

FEW_ADDRESSES: Final = 3
"""Addresses that are as few as those of a proxy."""

LONGEST_DAY_SHARE: Final = 0.05
"""The share of days over 25 hours from which the unit must be wrong."""


@dataclass(frozen=True)
class Suspicion:
    """A sign that a rule found: the text of its warning, and whether findings are worthless."""

    text: str
    worthless: bool = False


def share_of(part: float, whole: float) -> float:
    """Return a share, zero of nothing."""
    return part / whole if whole else 0.0


def percent_of(part: float, whole: float) -> str:
    """Return a share as text, such as ``82 %``."""
    return f"{share_of(part, whole):.0%}".replace("%", " %")
