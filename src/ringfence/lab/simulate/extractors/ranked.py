"""The list that extractors work down: items by use, the most used first."""

from __future__ import annotations

from weakref import ReferenceType, ref

import numpy as np

from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers

ENDED = -1
"""Stands for an item where the list is over."""

_ROOM = 1.25
"""A longer list than asked for: the next day asks for more."""


class _Lists:
    """The list of the shelf that was asked last, as far as it was needed."""

    def __init__(self) -> None:
        self.shelf: ReferenceType[ItemPool] | None = None
        self.items: Integers = np.zeros(0, np.int64)

    def of(self, shelf: ItemPool, count: int) -> Integers:
        """Return the first items, or all if there are not so many."""
        count = min(count, shelf.items)
        if self.shelf is None or self.shelf() is not shelf or len(self.items) < count:
            self.items = shelf.top(min(int(count * _ROOM), shelf.items))
            self.shelf = ref(shelf)
        return self.items[:count]


_LISTS = _Lists()


def ranked(shelf: ItemPool, position: Integers) -> Integers:
    """Return the items at positions of the list by use, :data:`ENDED` beyond its end.

    The list of one shelf is kept between calls: making it takes longer than a day of takes.
    """
    if not len(position):
        return position
    items = _LISTS.of(shelf, int(position.max()) + 1)
    inside = position < len(items)
    return np.where(inside, items[np.where(inside, position, 0)], ENDED)
