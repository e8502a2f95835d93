"""When an attack has grown: the times at which groups of accounts are looked for again.

A search for rings costs many times what a verdict on single accounts does. In a replay it is made
when the attack's joint holding has grown by a quarter since the last one, and at the end: a ring is
found at most that much later than by searching at every verdict. Before a handful of accounts hold
a handful of items each no search looks at any of them, and none is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.lab.evaluate.planting import Planted
from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.collision import MIN_SHARED_ITEMS
from ringfence.stats.arrays import Integers

GROWTH: Final = 1.25
"""Factor by which the joint holding grows from one search to the next."""


def joint_holding(planted: Planted, times: Sequence[int] | Integers) -> Integers:
    """Return how many distinct items all extractors together hold before each time."""
    _, first = np.unique(planted.item, return_index=True)
    held: Integers = np.searchsorted(np.sort(planted.moment[first]), np.asarray(times))
    return held


def grown_at(planted: Planted, times: Sequence[int], factor: float = GROWTH) -> frozenset[int]:
    """Return those of the times, ascending, at which the joint holding has grown, and the last."""
    chosen, wanted = {times[-1]}, 0.0
    begin = first_visible(planted)
    for moment, held in zip(times, joint_holding(planted, times).tolist(), strict=True):
        if moment > begin and held >= wanted:
            chosen.add(moment)
            wanted = held * factor
    return frozenset(chosen)


def first_visible(planted: Planted, accounts: int = MIN_MEMBERS) -> int:
    """Return when so many accounts hold enough items to be looked at; else the end."""
    order = np.lexsort((planted.moment, planted.item, planted.account))
    account, item = planted.account[order], planted.item[order]
    new = np.diff(account, prepend=-1).astype(bool) | np.diff(item, prepend=-1).astype(bool)
    account, moment = account[new], planted.moment[order][new]
    by_time = np.lexsort((moment, account))
    account, moment = account[by_time], moment[by_time]
    place = np.arange(account.size) - np.searchsorted(account, account)
    tenth = np.sort(moment[place == MIN_SHARED_ITEMS - 1])
    return int(tenth[accounts - 1]) if tenth.size >= accounts else planted.end
