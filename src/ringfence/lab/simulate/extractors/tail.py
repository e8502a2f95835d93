"""A ring that takes what hardly anybody asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.extractors.ranked import ENDED
from ringfence.lab.simulate.extractors.ring import Ring
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of, permuted
from ringfence.stats.arrays import Integers


@dataclass(frozen=True, kw_only=True)
class Tail(Ring):
    """Takes items at random from the whole catalogue, which is tail; nobody takes one twice.

    ``split`` has no effect.
    """

    name: ClassVar[str] = "tail"

    def listed(self, shelf: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the next items of one random order of all items, dealt out."""
        position = nth * self.accounts + account
        inside = position < shelf.items
        item = permuted(np.where(inside, position, 0), shelf.items, key_of(seed, _ORDER))
        return np.where(inside, item, ENDED)


_ORDER = 10
