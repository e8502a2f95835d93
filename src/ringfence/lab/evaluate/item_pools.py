"""The items that attacks can take from a population, with the names that its events use.

The catalogue of a scenario is known. A file of events shows only the items that were taken, while
large attacks mostly take items that nobody ever took. A pool for a file therefore adds two unseen
items per seen item, in groups of 17. The incident's 256 million tracks are three times the 86
million tracks that carry nearly all use.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import permuted
from ringfence.stats.arrays import Floats, Integers, Names

UNSEEN_PER_ITEM: Final = 2
"""Unseen items per seen item."""

UNSEEN_GROUP_SIZE: Final = 17
"""Items of an unseen group: the incident's 256 million tracks per about 15 million artists."""

_NAMES_KEY: Final = 41

POOL_ITEMS: Final = """
CREATE OR REPLACE TEMP TABLE pool_items AS
WITH taken AS (
  SELECT item, coalesce(min("group"), '') AS "group", count(DISTINCT account) AS holders,
    count(*) AS uses
  FROM population
  GROUP BY item
)
SELECT row_number() OVER (ORDER BY holders DESC, uses DESC, item) - 1 AS number,
  item, "group", uses
FROM taken
"""

GROUPS: Final = """
CREATE OR REPLACE TEMP TABLE pool_groups AS
SELECT row_number() OVER (ORDER BY sum(uses) DESC, "group") - 1 AS number, "group"
FROM pool_items
GROUP BY "group"
"""

SEEN: Final = """
SELECT i.item, g.number AS group_number, i.uses
FROM pool_items AS i
JOIN pool_groups AS g ON g."group" = i."group"
ORDER BY i.number
"""

GROUP_NAMES: Final = 'SELECT "group" FROM pool_groups ORDER BY number'

TASTES: Final = """
WITH liked AS (
  SELECT e.account, g.number AS group_number, count(*) AS uses
  FROM population AS e
  JOIN pool_groups AS g ON g."group" = coalesce(e."group", '')
  GROUP BY e.account, g.number
)
SELECT dense_rank() OVER (ORDER BY account) - 1 AS account_number, group_number
FROM liked
ORDER BY account, uses DESC, group_number
"""


class NamedItemPool(ItemPool):
    """An item pool whose items and groups have names."""

    @abstractmethod
    def item_names(self, items: Integers) -> Names:
        """Return the name of each item."""

    @abstractmethod
    def group_names(self, groups: Integers) -> Names:
        """Return the name of each group."""


class ScenarioItemPool(NamedItemPool):
    """The catalogue of a scenario, with the names of the scenario's files.

    Args:
        law: the catalogue.
    """

    def __init__(self, law: CatalogueLaw) -> None:
        self._law = law
        self.items = law.items
        self.groups = law.groups

    def top(self, count: int) -> Integers:
        """Return the most used items, the most used first."""
        return self._law.top(count)

    def used(self, chance: Floats) -> Integers:
        """Return one item per number in [0, 1), in proportion to use."""
        return self._law.used(chance)

    def anywhere(self, chance: Floats) -> Integers:
        """Return one item per number in [0, 1), uniformly."""
        return self._law.anywhere(chance)

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        return self._law.group_of(item)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Return one item of each group, in proportion to use within the group."""
        return self._law.within(group, chance)

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        return self._law.whole(group)

    def listed(self, position: Integers) -> Integers:
        """Return the items by name, as in a site map."""
        return self._law.listed(position)

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups that one user likes, the most liked first."""
        return self._law.taste(seed, size)

    def item_names(self, items: Integers) -> Names:
        """Return the names of the scenario's events."""
        return _public_names("tr-", items, self._law.public)

    def group_names(self, groups: Integers) -> Names:
        """Return the names of the scenario's events."""
        return _public_names("ar-", groups, self._law.public_group)


def _public_names(prefix: str, numbers: Integers, public: Callable[[Integers], Integers]) -> Names:
    distinct, places = np.unique(numbers, return_inverse=True)
    return np.array([f"{prefix}{n}" for n in public(distinct)], dtype=object)[places]


@dataclass(frozen=True)
class FileCatalogue:
    """The items and tastes found in a file of events.

    Attributes:
        item: (items,) names, by number of accounts, the most held first.
        group: (items,) group number of each item.
        uses: (items,) uses of each item, at least 1.
        groups: (groups,) names, the most used first.
        taste_account: (tastes,) number of an account, ascending.
        taste_group: (tastes,) a group that this account used, the most used first.
    """

    item: Names
    group: Integers
    uses: Floats
    groups: Names
    taste_account: Integers
    taste_group: Integers


def read_catalogue(engine: Engine) -> FileCatalogue:
    """Read items, groups and tastes from the view ``population`` (account, item, group)."""
    engine.run(POOL_ITEMS)
    engine.run(GROUPS)
    items, tastes = engine.columns(SEEN), engine.columns(TASTES)
    return FileCatalogue(
        items["item"],
        items["group_number"].astype(np.int64),
        items["uses"].astype(np.float64),
        engine.columns(GROUP_NAMES)["group"],
        tastes["account_number"].astype(np.int64),
        tastes["group_number"].astype(np.int64),
    )


class FileItemPool(NamedItemPool):
    """The items of a file first, and unseen items after them.

    Choices in proportion to use never return an unseen item, because nobody uses it. Events without
    a group share one group. It is too large to be a taste, so attacks that work by group mean
    nothing on such a file.

    Args:
        catalogue: the items of the file; at least one.
    """

    def __init__(self, catalogue: FileCatalogue) -> None:
        self._catalogue = catalogue
        self._known = catalogue.item.size
        self._known_groups = catalogue.groups.size
        self.items = self._known * (1 + UNSEEN_PER_ITEM)
        unseen = self._known * UNSEEN_PER_ITEM
        self.groups = self._known_groups + -(-unseen // UNSEEN_GROUP_SIZE)
        self._used = np.cumsum(catalogue.uses)
        # Items in the order of groups, the most used of a group first, with running sums of use.
        self._by_group = np.lexsort((-catalogue.uses, catalogue.group))
        self._begins = np.searchsorted(
            catalogue.group[self._by_group], np.arange(self._known_groups + 1)
        )
        self._sums = np.concatenate([[0.0], np.cumsum(catalogue.uses[self._by_group])])

    def top(self, count: int) -> Integers:
        """Return the items that most accounts hold, the most held first."""
        return np.arange(min(count, self.items), dtype=np.int64)

    def used(self, chance: Floats) -> Integers:
        """Return one seen item per number in [0, 1), in proportion to use."""
        chosen: Integers = np.searchsorted(self._used, chance * self._used[-1], side="right")
        return chosen

    def anywhere(self, chance: Floats) -> Integers:
        """Return one item per number in [0, 1), seen or unseen, uniformly."""
        return (chance * self.items).astype(np.int64)

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        unseen = self._known_groups + (item - self._known) // UNSEEN_GROUP_SIZE
        known = self._catalogue.group[np.minimum(item, self._known - 1)]
        return np.where(item < self._known, known, unseen)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Return one item of each group, in proportion to use; uniformly in an unseen group."""
        known = np.minimum(group, self._known_groups - 1)
        first, end = self._begins[known], self._begins[known + 1]
        target = self._sums[first] + chance * (self._sums[end] - self._sums[first])
        place = np.searchsorted(self._sums, target, side="right") - 1
        seen = self._by_group[np.clip(place, first, end - 1)]
        begin = self._known + (group - self._known_groups) * UNSEEN_GROUP_SIZE
        size = np.minimum(UNSEEN_GROUP_SIZE, self.items - begin)
        unseen = begin + (chance * size).astype(np.int64)
        return np.where(group < self._known_groups, seen, unseen)

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        if group < self._known_groups:
            return self._by_group[self._begins[group] : self._begins[group + 1]]
        begin = self._known + (group - self._known_groups) * UNSEEN_GROUP_SIZE
        return np.arange(begin, min(begin + UNSEEN_GROUP_SIZE, self.items), dtype=np.int64)

    def listed(self, position: Integers) -> Integers:
        """Return the file's items by name, and the unseen ones after them."""
        known = self._by_name[np.minimum(position, self._known - 1)]
        return np.where(position < self._known, known, position)

    @cached_property
    def _by_name(self) -> Integers:
        """(items of the file,) the items in the order of their names."""
        return np.argsort(self._catalogue.item.astype(str), kind="stable")

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups of one account of the file, the most used first."""
        accounts = self._catalogue.taste_account
        one = np.random.default_rng(seed).integers(accounts[-1] + 1)
        first, end = np.searchsorted(accounts, [one, one + 1])
        return self._catalogue.taste_group[first : min(end, first + size)]

    def item_names(self, items: Integers) -> Names:
        """Return the file's names; the numbers in unseen items' names follow no order."""
        return _file_names(self._catalogue.item, items, "unseen item", self.items)

    def group_names(self, groups: Integers) -> Names:
        """Return the file's names; the numbers in unseen groups' names follow no order."""
        return _file_names(self._catalogue.groups, groups, "unseen group", self.groups)


def _file_names(known: Names, numbers: Integers, unseen: str, count: int) -> Names:
    """Return names of numbers below ``count``.

    Unseen names are numbered by a permutation, so that an attack that works down a list does not
    show in the order of the names.
    """
    distinct, places = np.unique(numbers, return_inverse=True)
    shown = permuted(distinct, count, _NAMES_KEY)
    names = [
        known[n] if n < known.size else f"{unseen} {m}"
        for n, m in zip(distinct, shown, strict=True)
    ]
    return np.array(names, dtype=object)[places]
