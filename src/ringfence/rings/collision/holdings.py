"""Who holds what, as a sparse matrix: the rows of the ledger that a collision can happen in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

import numpy as np
from scipy import sparse

from ringfence.model.ring import Level
from ringfence.rings.collision.clusters import learned_clusters
from ringfence.stats.arrays import Columns, Integers, Keys

Matrix = sparse.csr_array

"""What kinds of items are told apart besides how popular they are, from fine to coarse: artists or
journals; what the catalogue says is coarser (genres, markets); what is learned from use; none."""

LEVELS: Final[tuple[Level, ...]] = ("group", "genre", "cluster", "global")


@dataclass(frozen=True)
class Kinds:
    """What is known of items, one row an item or so many alike.

    Attributes:
        group: number of each one's group from 1 on, 0 of items that have none.
        genre: the same of the catalogue's coarser kinds.
        holders: accounts that hold it, of all that are no robots.
        items: how many items a row stands for.
    """

    group: Integers = field(repr=False)
    genre: Integers = field(repr=False)
    holders: Integers = field(repr=False)
    items: Integers = field(repr=False)

    def at(self, rows: slice) -> Kinds:
        """Return some rows."""
        return Kinds(self.group[rows], self.genre[rows], self.holders[rows], self.items[rows])


@dataclass(frozen=True)
class Holdings:
    """Accounts by items.

    Attributes:
        accounts: keys, ascending; the rows.
        matrix: (accounts, items) ones where an account holds an item.
        kinds: of the items.
        elsewhere: of items that only others hold, where these are not all accounts.
        one_in: of so many items one was looked at.
    """

    accounts: Keys
    matrix: Matrix = field(repr=False)
    kinds: Kinds = field(repr=False)
    elsewhere: Kinds = field(repr=False)
    one_in: int = 1

    @cached_property
    def cluster(self) -> Integers:
        """Number of each item's cluster learned from use, from 1 on; 0 of items in none.

        Where not all accounts are looked at, an item without a group is in none: it would be in one
        because some of these hold it, and that is what is to be scored.
        """
        learned = learned_clusters(self.matrix, self.kinds.group)
        return np.where(self.kinds.group > 0, learned, 0) if self.elsewhere.items.size else learned

    def kind(self, level: Level) -> Integers:
        """Return (items,) the number of each item's kind at a level, 0 of items that have none."""
        return self.cluster if level == "cluster" else _known(self.kinds, level)

    def kind_elsewhere(self, level: Level) -> Integers:
        """Return the same of items that only others hold; a group is in its items' cluster."""
        if level != "cluster":
            return _known(self.elsewhere, level)
        groups = np.concatenate([self.kinds.group, self.elsewhere.group])
        of_group = np.zeros(int(groups.max(initial=0)) + 1, np.int64)
        of_group[self.kinds.group] = self.cluster
        of_group[0] = 0
        return of_group[self.elsewhere.group]

    @property
    def items(self) -> Integers:
        """Items that each account holds, of those looked at."""
        return np.diff(self.matrix.indptr).astype(np.int64)


def holdings_of(account: Keys, item: Keys, group: Keys, genre: Keys | None = None) -> Holdings:
    """Make the holdings of all accounts of one row an account and item: keys, kinds' keys or 0."""
    _, column, holders = np.unique(item, return_inverse=True, return_counts=True)
    rows = {
        "account_key": account,
        "item_key": item,
        "group_key": group,
        "genre_key": np.zeros_like(group) if genre is None else genre,
        "holders": holders[column],
    }
    return holdings_among(rows)


def holdings_among(rows: Columns, elsewhere: Columns | None = None, one_in: int = 1) -> Holdings:
    """Make the holdings of some accounts.

    Args:
        rows: one row an account and item: ``account_key``, ``item_key``, the item's ``group_key``
            and ``genre_key`` or 0, and its ``holders`` among all accounts.
        elsewhere: of items that only others hold: ``group_key``, ``genre_key``, ``holders``, and
            how many ``items`` there are of each.
        one_in: of so many items one was looked at.
    """
    accounts, row = np.unique(rows["account_key"], return_inverse=True)
    items, first, column = np.unique(rows["item_key"], return_index=True, return_inverse=True)
    ones = np.ones(row.size, np.float32)
    matrix = sparse.csr_array((ones, (row, column)), shape=(accounts.size, items.size))
    own = {name: rows[name][first] for name in ("group_key", "genre_key", "holders")}
    own["items"] = np.ones(items.size, np.int64)
    if elsewhere:
        own = {name: np.concatenate([values, elsewhere[name]]) for name, values in own.items()}
    kinds = Kinds(
        _numbered(own["group_key"]),
        _numbered(own["genre_key"]),
        own["holders"].astype(np.int64),
        own["items"].astype(np.int64),
    )
    here, there = slice(items.size), slice(items.size, None)
    return Holdings(accounts, matrix, kinds.at(here), kinds.at(there), one_in)


def _known(kinds: Kinds, level: Level) -> Integers:
    """Return kinds that the catalogue knows."""
    if level == "global":
        return np.ones_like(kinds.group)
    return kinds.genre if level == "genre" else kinds.group


def _numbered(keys: Keys) -> Integers:
    """Number kinds from 1 on, in the order of their keys; the key 0 stays 0."""
    known, numbers = np.unique(keys, return_inverse=True)
    return (numbers + (1 if known.size and known[0] else 0)).astype(np.int64)
