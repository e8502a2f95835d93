"""Choose the items of a ring: the list by popularity, and how accounts divide it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Final, Literal
from weakref import ReferenceType, ref

import numpy as np

from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import permuted
from ringfence.stats.arrays import Integers

SplitName = Literal["interleaved", "blocks", "random"]

ENDED: Final = -1
"""Stands for an item after the end of a list."""

_ROOM: Final = 1.25
"""The list is made longer than asked for, because the next day asks for more."""


class LastList:
    """A cache of one array, which is made again for another pool or another question.

    Every day of a campaign needs the same lists, and they take long to make.
    """

    def __init__(self) -> None:
        self._pool: ReferenceType[ItemPool] | None = None
        self._question: Hashable = None
        self._items: Integers = np.zeros(0, np.int64)

    def get(self, pool: ItemPool, question: Hashable, make: Callable[[], Integers]) -> Integers:
        """Return the result of ``make``; the pool and ``question`` must determine it."""
        if self._pool is None or self._pool() is not pool or self._question != question:
            self._items = make()
            self._pool, self._question = ref(pool), question
        return self._items


class _PopularItems:
    """The most used items of the pool that was asked last, as far as they were needed."""

    def __init__(self) -> None:
        self.pool: ReferenceType[ItemPool] | None = None
        self.items: Integers = np.zeros(0, np.int64)

    def get(self, pool: ItemPool, count: int) -> Integers:
        """Return the first items, or all of them if the pool has fewer."""
        count = min(count, pool.items)
        if self.pool is None or self.pool() is not pool or len(self.items) < count:
            self.items = pool.top(min(int(count * _ROOM), pool.items))
            self.pool = ref(pool)
        return self.items[:count]


_POPULAR: Final = _PopularItems()


def ranked(pool: ItemPool, position: Integers) -> Integers:
    """Return the items at positions of the list by use, :data:`ENDED` after its end.

    The list of one pool is cached: making it takes longer than a day of events.
    """
    if not len(position):
        return position
    items = _POPULAR.get(pool, int(position.max()) + 1)
    inside = position < len(items)
    return np.where(inside, items[np.where(inside, position, 0)], ENDED)


@dataclass(frozen=True)
class Division:
    """The numbers that say how a list is divided between accounts.

    Attributes:
        accounts: number of accounts.
        share: largest number of items that one account takes.
        key: key of the random division.
    """

    accounts: int
    share: int
    key: int


def interleaved(division: Division, account: Integers, nth: Integers) -> Integers:
    """Deal the list out like cards: all accounts work on the same, most used part of it."""
    return nth * division.accounts + account


def blocks(division: Division, account: Integers, nth: Integers) -> Integers:
    """Give each account a run of the list: the first account has the most used items."""
    return account * division.share + nth


def random(division: Division, account: Integers, nth: Integers) -> Integers:
    """Give each account a random part of the list, in random order."""
    size = division.accounts * division.share
    return permuted(blocks(division, account, nth), size, division.key)


SPLITS: Final[dict[SplitName, Callable[[Division, Integers, Integers], Integers]]] = {
    "interleaved": interleaved,
    "blocks": blocks,
    "random": random,
}
"""Position in the list of an account's n-th item; no two accounts have the same position."""
