"""A shelf whose items and groups have the names that a population's events use."""

from __future__ import annotations

from abc import abstractmethod

from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Integers, Names

"""Text as an array of Python objects."""


class NamedShelf(ItemPool):
    """What there is to take, and what its items and groups are called."""

    @abstractmethod
    def item_names(self, items: Integers) -> Names:
        """Return the name of each item."""

    @abstractmethod
    def group_names(self, groups: Integers) -> Names:
        """Return the name of each group."""
