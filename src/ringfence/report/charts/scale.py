"""Scales: where a value stands on an axis, and which round values its axis names."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

_ROOTS = ((math.sqrt(50), 10), (math.sqrt(10), 5), (math.sqrt(2), 2))
"""Least ratio to a power of ten, and the multiple that it rounds to: halfway on a log scale."""


def even(value: float) -> float:
    """Return the value itself: the bend of a linear scale."""
    return value


@dataclass(frozen=True)
class AxisScale:
    """A scale from values to positions.

    Attributes:
        low: value at ``start``.
        high: value at ``end``; larger than ``low``.
        start: position, in units of the drawing.
        end: position.
        bend: increasing function in which values are spread evenly, such as ``math.log10``.
    """

    low: float
    high: float
    start: float
    end: float
    bend: Callable[[float], float] = even

    def __call__(self, value: float) -> float:
        """Return the position of a value."""
        low, high = self.bend(self.low), self.bend(self.high)
        return self.start + (self.end - self.start) * (self.bend(value) - low) / (high - low)


def step(span: float, count: int) -> float:
    """Return the distance of about ``count`` ticks over a span: 1, 2 or 5 times a power of ten.

    The rule is that of d3-array, ``tickStep``.
    """
    rough = span / count
    power: float = 10.0 ** math.floor(math.log10(rough))
    return power * next((factor for root, factor in _ROOTS if rough / power >= root), 1)


def ticks(high: float, count: int, *, low: float = 0, least: float = 0) -> list[float]:
    """Return about ``count`` round values from ``low`` to ``high``, at least ``least`` apart."""
    apart = max(step(high - low, count), least)
    first, last = math.ceil(low / apart - 1e-9), math.floor(high / apart + 1e-9)
    return [round(apart * n, 12) for n in range(first, last + 1)]


def rounded_up(high: float) -> float:
    """Return the end of an axis from 0: ``high`` rounded up to a tenth, or so, of the axis."""
    apart = step(high, 10) if high > 0 else 1.0
    return round(apart * math.ceil(high / apart - 1e-9), 12) if high > 0 else 1.0


def plain(value: float) -> str:
    """Write the value of a tick with its decimals and thousands separators."""
    return f"{value:,.6f}".rstrip("0").rstrip(".")
