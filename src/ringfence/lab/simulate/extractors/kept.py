"""What was made last, kept: lists that every day of a campaign needs and that take long to make."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from weakref import ReferenceType, ref

import numpy as np

from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers


class Kept:
    """One array, made anew when another shelf or anything else is asked for."""

    def __init__(self) -> None:
        """Keep nothing yet."""
        self._shelf: ReferenceType[ItemPool] | None = None
        self._asked: Hashable = None
        self._made: Integers = np.zeros(0, np.int64)

    def of(self, shelf: ItemPool, asked: Hashable, make: Callable[[], Integers]) -> Integers:
        """Return what ``make`` returns; ``asked`` and the shelf must determine it."""
        if self._shelf is None or self._shelf() is not shelf or self._asked != asked:
            self._made = make()
            self._shelf, self._asked = ref(shelf), asked
        return self._made
