"""The shelf behind a file of events: what was taken, and as much again that nobody knew of.

Items are numbered by how many accounts hold them, most first; groups by how much they are used.
A file tells only what was taken, while large attacks take most of what nobody ever took. So there
are twice as many unseen items as seen ones, in groups of 17: the incident's 256 million tracks, of
which 86 million carry nearly all use, are three times as many as those used.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.lab.evaluate.named_shelf import NamedShelf
from ringfence.lab.simulate.permutation import permuted
from ringfence.stats.arrays import Floats, Integers, Names

UNSEEN: Final = 2
"""Unseen items a seen one."""

_NAMES_KEY: Final = 41

GROUP_SIZE: Final = 17
"""Items of an unseen group: the incident's 256 million tracks over some 15 million artists."""

# An evaluation needs no other engine, so these are no portable statements.
ITEMS: Final = """
CREATE OR REPLACE TEMP TABLE shelf_items AS
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
CREATE OR REPLACE TEMP TABLE shelf_groups AS
SELECT row_number() OVER (ORDER BY sum(uses) DESC, "group") - 1 AS number, "group"
FROM shelf_items
GROUP BY "group"
"""

SEEN: Final = """
SELECT i.item, g.number AS group_number, i.uses
FROM shelf_items AS i
JOIN shelf_groups AS g ON g."group" = i."group"
ORDER BY i.number
"""

GROUP_NAMES: Final = 'SELECT "group" FROM shelf_groups ORDER BY number'

TASTES: Final = """
WITH liked AS (
  SELECT e.account, g.number AS group_number, count(*) AS uses
  FROM population AS e
  JOIN shelf_groups AS g ON g."group" = coalesce(e."group", '')
  GROUP BY e.account, g.number
)
SELECT dense_rank() OVER (ORDER BY account) - 1 AS account_number, group_number
FROM liked
ORDER BY account, uses DESC, group_number
"""


@dataclass(frozen=True)
class Seen:
    """What was taken, in arrays.

    Attributes:
        item: names by item number.
        group: group number of each item.
        uses: uses of each item, at least 1.
        groups: names by group number.
        taste_account: number of an account, ascending.
        taste_group: the groups that this account used, the most used first.
    """

    item: Names
    group: Integers
    uses: Floats
    groups: Names
    taste_account: Integers
    taste_group: Integers


def seen_in(engine: Engine) -> Seen:
    """Read what was taken from the engine's view ``population`` (account, item, group)."""
    engine.run(ITEMS)
    engine.run(GROUPS)
    items, tastes = engine.columns(SEEN), engine.columns(TASTES)
    return Seen(
        items["item"],
        items["group_number"].astype(np.int64),
        items["uses"].astype(np.float64),
        engine.columns(GROUP_NAMES)["group"],
        tastes["account_number"].astype(np.int64),
        tastes["group_number"].astype(np.int64),
    )


class FileShelf(NamedShelf):
    """Items that a file's accounts took, first, and unseen ones after them.

    Draws by use never give an unseen item: nobody uses them. Events without a group share one,
    which is too large to be a taste; attacks that go by group mean nothing on such files.

    Args:
        seen: what was taken; at least one item.
    """

    def __init__(self, seen: Seen) -> None:
        self._seen = seen
        self._known = seen.item.size
        self._known_groups = seen.groups.size
        self.items = self._known * (1 + UNSEEN)
        unseen = self._known * UNSEEN
        self.groups = self._known_groups + -(-unseen // GROUP_SIZE)
        self._used = np.cumsum(seen.uses)
        # Items of a group side by side, the most used first, with running sums of use.
        self._by_group = np.lexsort((-seen.uses, seen.group))
        self._begins = np.searchsorted(
            seen.group[self._by_group], np.arange(self._known_groups + 1)
        )
        self._sums = np.concatenate([[0.0], np.cumsum(seen.uses[self._by_group])])

    def top(self, count: int) -> Integers:
        """Return the items most accounts hold, the most held first."""
        return np.arange(min(count, self.items), dtype=np.int64)

    def used(self, chance: Floats) -> Integers:
        """Draw an item a number, as likely as it is used."""
        drawn: Integers = np.searchsorted(self._used, chance * self._used[-1], side="right")
        return drawn

    def anywhere(self, chance: Floats) -> Integers:
        """Draw an item a number, seen or unseen, all equally likely."""
        return (chance * self.items).astype(np.int64)

    def group_of(self, item: Integers) -> Integers:
        """Return the group of each item."""
        unseen = self._known_groups + (item - self._known) // GROUP_SIZE
        known = self._seen.group[np.minimum(item, self._known - 1)]
        return np.where(item < self._known, known, unseen)

    def within(self, group: Integers, chance: Floats) -> Integers:
        """Draw an item of each group, as likely as it is used; of an unseen group evenly."""
        known = np.minimum(group, self._known_groups - 1)
        first, end = self._begins[known], self._begins[known + 1]
        drawn = self._sums[first] + chance * (self._sums[end] - self._sums[first])
        place = np.searchsorted(self._sums, drawn, side="right") - 1
        seen = self._by_group[np.clip(place, first, end - 1)]
        begin = self._known + (group - self._known_groups) * GROUP_SIZE
        size = np.minimum(GROUP_SIZE, self.items - begin)
        unseen = begin + (chance * size).astype(np.int64)
        return np.where(group < self._known_groups, seen, unseen)

    def whole(self, group: int) -> Integers:
        """Return all items of a group, the most used first."""
        if group < self._known_groups:
            return self._by_group[self._begins[group] : self._begins[group + 1]]
        begin = self._known + (group - self._known_groups) * GROUP_SIZE
        return np.arange(begin, min(begin + GROUP_SIZE, self.items), dtype=np.int64)

    def taste(self, seed: int, size: int) -> Integers:
        """Return the groups of one account of the file, the most used first."""
        accounts = self._seen.taste_account
        one = np.random.default_rng(seed).integers(accounts[-1] + 1)
        first, end = np.searchsorted(accounts, [one, one + 1])
        return self._seen.taste_group[first : min(end, first + size)]

    def item_names(self, items: Integers) -> Names:
        """Return the names the file uses; unseen items have numbers that follow no order."""
        return _named(self._seen.item, items, "unseen item", self.items)

    def group_names(self, groups: Integers) -> Names:
        """Return the names the file uses; unseen groups have numbers that follow no order."""
        return _named(self._seen.groups, groups, "unseen group", self.groups)


def _named(known: Names, numbers: Integers, unseen: str, of: int) -> Names:
    """Name numbers below ``of``. A list worked down must not show in the numbers of its names."""
    distinct, places = np.unique(numbers, return_inverse=True)
    shown = permuted(distinct, of, _NAMES_KEY)
    names = [
        known[n] if n < known.size else f"{unseen} {m}"
        for n, m in zip(distinct, shown, strict=True)
    ]
    return np.array(names, dtype=object)[places]
