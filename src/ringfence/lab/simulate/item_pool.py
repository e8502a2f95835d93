"""The items of a catalogue as extractors see them: by number, with groups and popularity."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ringfence.stats.arrays import Floats, Integers


class ItemPool(ABC):
    """A catalogue whose items and groups are numbers from 0.

    Attributes:
        items: number of items.
        groups: number of groups.
    """

    items: int
    groups: int

    @abstractmethod
    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first; at most ``items``."""

    @abstractmethod
    def used(self, chance: Floats) -> Integers:
        """Draw an item for each number in [0, 1), by popularity: an item that any user may hold."""

    @abstractmethod
    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item for each number in [0, 1), all equally likely."""

    @abstractmethod
    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""

    @abstractmethod
    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, by popularity within the group."""

    @abstractmethod
    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""

    @abstractmethod
    def listed(self, position: Integers) -> Integers:
        """Return the items at positions of the list of all items by name, as in a site map."""

    @abstractmethod
    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first; at most ``size``."""
