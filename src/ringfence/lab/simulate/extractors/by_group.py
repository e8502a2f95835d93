"""A ring that divides artists, not tracks: each takes whole discographies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.extractors.kept import Kept
from ringfence.lab.simulate.extractors.ranked import ENDED
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.extractors.strategy import Count
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers

_LISTS = Kept()


@dataclass(frozen=True, kw_only=True)
class ByGroup(Ring):
    """Takes one group after the other with all its items, the most used item of each first.

    Groups are dealt out in the order of their numbers; shelves number famous groups first.
    ``split`` has no effect.
    """

    name: ClassVar[str] = "by_group"

    a_day: Count = 150

    def listed(self, shelf: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return each account's n-th item, group by group."""
        del seed
        most = self.a_day * self.days
        lists = _LISTS.of(shelf, (self.accounts, most), lambda: self._dealt(shelf, most))
        return lists[account, nth]

    def _dealt(self, shelf: ItemPool, most: int) -> Integers:
        """Return the items of each account in its order: (accounts, most)."""
        return np.stack([self._own(shelf, account, most) for account in range(self.accounts)])

    def _own(self, shelf: ItemPool, account: int, most: int) -> Integers:
        items = np.full(most, ENDED, np.int64)
        begun = 0
        for group in range(account, shelf.groups, self.accounts):
            whole = shelf.whole(group)[: most - begun]
            items[begun : begun + len(whole)] = whole
            begun += len(whole)
            if begun == most:
                break
        return items
