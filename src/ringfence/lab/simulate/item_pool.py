"""What there is to take, as extractors see it: items by number, with groups and popularity."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ringfence.stats.arrays import Floats, Integers


class ItemPool(ABC):
    """A catalogue by numbers: items from 0 and groups from 0.

    Attributes:
        items: how many items there are.
        groups: how many groups there are.
    """

    items: int
    groups: int

    @abstractmethod
    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first; at most ``items``."""

    @abstractmethod
    def used(self, chance: Floats) -> Integers:
        """Draw an item a number in [0, 1), as likely as it is used: what any user may hold."""

    @abstractmethod
    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item a number in [0, 1), all equally likely."""

    @abstractmethod
    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""

    @abstractmethod
    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, as likely as it is used within the group."""

    @abstractmethod
    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""

    @abstractmethod
    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first; at most ``size``."""
