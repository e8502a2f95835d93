"""A pool of items that is small enough to hold its lists, for tests of extractors."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Floats, Integers

SIZE = 10


class ListPool(ItemPool):
    """Groups of ten items; use falls with the number of the item, 1 / (n + 10)."""

    def __init__(self, items: int) -> None:
        """Make a pool with a number of items that is a multiple of ten."""
        self.items = items
        self.groups = items // SIZE

    def top(self, count: int) -> Integers:
        """Return the first items."""
        return np.arange(min(count, self.items))

    def used(self, chance: Floats) -> Integers:
        """Invert the sum of use."""
        chosen = SIZE * np.expm1(chance * np.log1p(self.items / SIZE))
        return np.minimum(chosen.astype(np.int64), self.items - 1)

    def anywhere(self, chance: Floats) -> Integers:
        """Return any item."""
        return (chance * self.items).astype(np.int64)

    def group_of(self, item: Integers) -> Integers:
        """Return tens."""
        return item // SIZE

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Prefer the first ones."""
        return group * SIZE + (chance**2 * SIZE).astype(np.int64)

    def whole(self, group: int) -> Integers:
        """Return ten items."""
        return np.arange(group * SIZE, (group + 1) * SIZE)

    def listed(self, position: Integers) -> Integers:
        """Return the items in their order."""
        return position

    def taste(self, seed: int, size: int) -> Integers:
        """Return groups by popularity."""
        chance = hashed_uniform(np.full(size, seed), np.arange(size))
        liked = self.used(chance) // SIZE
        return liked[np.sort(np.unique(liked, return_index=True)[1])]
