"""Accounts that are used up: each lives some days, then another takes its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ringfence.lab.simulate.extractors.rates import Lives, Rate, Steady
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers


@dataclass(frozen=True, kw_only=True)
class Replaced(Ring):
    """Works down a list with one generation of accounts after the other.

    ``accounts`` counts all of them; as many as make the generations equal live at a time.

    Attributes:
        life: days an account is used.
    """

    name: ClassVar[str] = "replaced"

    life: Count = 7

    def rate(self, seed: int) -> Rate:
        """Return a steady rate while an account lives."""
        del seed
        return Lives(Steady(self.a_day), self.life, self._at_a_time())

    def listed(self, shelf: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the list's next items: a successor goes on where its predecessor ended."""
        ring = Ring(accounts=self._at_a_time(), days=self.days, a_day=self.a_day, split=self.split)
        generation, member = account // ring.accounts, account % ring.accounts
        return ring.listed(shelf, seed, member, nth + generation * self.life * self.a_day)

    def _at_a_time(self) -> int:
        generations = -(-self.days // self.life)
        return -(-self.accounts // generations)
