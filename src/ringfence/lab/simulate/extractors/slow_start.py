"""Patience: a new account behaves like a user at first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.rates import Growing, Rate
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count, Positive


@dataclass(frozen=True, kw_only=True)
class SlowStart(Ring):
    """Grows from a user's pace to ``a_day`` by the same factor every day.

    Attributes:
        first: takes of the first day; a median person's day has 50 distinct items.
        growing: days until the full pace is reached.
    """

    name: ClassVar[str] = "slow_start"

    first: Positive = 50.0
    growing: Count = 21

    def rate(self, seed: int) -> Rate:
        """Return the growing rate."""
        del seed
        return Growing(self.first, self.a_day, self.growing)
