"""Holdings of accounts as a sparse matrix, with the categories and holders of each item."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from scipy import sparse

from ringfence.model.ring import Level
from ringfence.rings.collision.clusters import learn_clusters
from ringfence.stats.arrays import Columns, Integers, Keys
from ringfence.stats.sparse import Matrix


@dataclass(frozen=True)
class ItemTable:
    """Items, one row per item or per number of items that are alike.

    Attributes:
        group: number of the item's group, from 1 on; 0 if it has none.
        genre: number of the item's genre in the catalogue, from 1 on; 0 if it has none.
        holders: accounts that hold the item, of all that are not robots.
        number: number of items that a row represents.
    """

    group: Integers = field(repr=False)
    genre: Integers = field(repr=False)
    holders: Integers = field(repr=False)
    number: Integers = field(repr=False)

    def at(self, rows: slice) -> ItemTable:
        """Return some of the rows."""
        return ItemTable(self.group[rows], self.genre[rows], self.holders[rows], self.number[rows])


@dataclass(frozen=True)
class Holdings:
    """The items that each account holds.

    Attributes:
        accounts: keys, ascending; the rows of the matrix.
        matrix: (accounts, items) ones where an account holds an item.
        items: the columns of the matrix.
        other_items: items that only accounts outside the matrix hold; empty if it has all accounts.
        one_in: one item in this many was examined.
    """

    accounts: Keys
    matrix: Matrix = field(repr=False)
    items: ItemTable = field(repr=False)
    other_items: ItemTable = field(repr=False)
    one_in: int = 1

    @property
    def item_counts(self) -> Integers:
        """Return (accounts,) the number of examined items that each account holds."""
        return np.diff(self.matrix.indptr).astype(np.int64)

    @cached_property
    def cluster(self) -> Integers:
        """Return (items,) the number of each item's learned cluster, from 1 on; 0 if in none.

        If the matrix lacks some accounts, an item without a group is in no cluster. Otherwise, the
        cluster would depend on which of the selected accounts hold the item, which the test is to
        score.
        """
        learned = learn_clusters(self.matrix, self.items.group)
        return (
            np.where(self.items.group > 0, learned, 0) if self.other_items.number.size else learned
        )

    def category(self, level: Level) -> Integers:
        """Return (items,) the number of each item's category at a level; 0 if it has none."""
        return self.cluster if level == "cluster" else _catalogue_category(self.items, level)

    def other_category(self, level: Level) -> Integers:
        """Return the categories of the other items; a group belongs to its items' cluster."""
        if level != "cluster":
            return _catalogue_category(self.other_items, level)
        groups = np.concatenate([self.items.group, self.other_items.group])
        of_group = np.zeros(int(groups.max(initial=0)) + 1, np.int64)
        of_group[self.items.group] = self.cluster
        of_group[0] = 0
        return of_group[self.other_items.group]


def holdings_from_pairs(
    account: Keys, item: Keys, group: Keys, genre: Keys | None = None
) -> Holdings:
    """Return the holdings of all accounts.

    Args:
        account: (holdings,) key of the account.
        item: (holdings,) key of the item; no pair of account and item may occur twice.
        group: (holdings,) key of the item's group, 0 if it has none.
        genre: (holdings,) key of the item's genre, 0 if it has none; none of any by default.
    """
    _, column, holders = np.unique(item, return_inverse=True, return_counts=True)
    rows = {
        "account_key": account,
        "item_key": item,
        "group_key": group,
        "genre_key": np.zeros_like(group) if genre is None else genre,
        "holders": holders[column],
    }
    return holdings_from_rows(rows)


def holdings_from_rows(
    rows: Columns, other_items: Columns | None = None, one_in: int = 1
) -> Holdings:
    """Return the holdings of some of all accounts.

    Args:
        rows: one row per account and item: ``account_key``, ``item_key``, the item's ``group_key``
            and ``genre_key`` or 0, and its ``holders`` among all accounts.
        other_items: items that only other accounts hold: ``group_key``, ``genre_key``, ``holders``
            and the number of such ``items``.
        one_in: one item in this many was examined.
    """
    accounts, row = np.unique(rows["account_key"], return_inverse=True)
    items, first, column = np.unique(rows["item_key"], return_index=True, return_inverse=True)
    ones = np.ones(row.size, np.float32)
    matrix = sparse.csr_array((ones, (row, column)), shape=(accounts.size, items.size))
    facts = {name: rows[name][first] for name in ("group_key", "genre_key", "holders")}
    facts["items"] = np.ones(items.size, np.int64)
    if other_items:
        facts = {name: np.concatenate([own, other_items[name]]) for name, own in facts.items()}
    table = ItemTable(
        _numbered(facts["group_key"]),
        _numbered(facts["genre_key"]),
        facts["holders"].astype(np.int64),
        facts["items"].astype(np.int64),
    )
    held, others = slice(items.size), slice(items.size, None)
    return Holdings(accounts, matrix, table.at(held), table.at(others), one_in)


def _catalogue_category(items: ItemTable, level: Level) -> Integers:
    """Return the category of each item at a level that needs no learning."""
    if level == "global":
        return np.ones_like(items.group)
    return items.genre if level == "genre" else items.group


def _numbered(keys: Keys) -> Integers:
    """Number keys from 1 on, in ascending order; the key 0 stays 0."""
    known, numbers = np.unique(keys, return_inverse=True)
    return (numbers + (1 if known.size and known[0] else 0)).astype(np.int64)
