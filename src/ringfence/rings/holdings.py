"""Who holds what, as a sparse matrix: the rows of the ledger that a collision can happen in."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.engine import DuckDBEngine, Statement
from ringfence.rings.clusters import learned_clusters

Keys = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Matrix = sparse.csr_array

Level = Literal["group", "genre", "cluster", "global"]
"""What kinds of items are told apart besides how popular they are, from fine to coarse: artists or
journals; what the catalogue says is coarser (genres, markets); what is learned from use; none."""

LEVELS: Final[tuple[Level, ...]] = ("group", "genre", "cluster", "global")

AT_MOST: Final = 10_000_000
"""Holdings that are looked at. Where there are more, items are sampled: one in so many, the same
for every account, so that overlaps are those of the items looked at, observed and expected."""

SHARED: Final = Statement(
    "rings.shared",
    """
SELECT count(*) AS holdings
FROM holdings AS h
JOIN ring_accounts AS r ON r.account_key = h.account_key
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.holders > 1
""",
)

HELD: Final = Statement(
    "rings.held",
    """
SELECT h.account_key, h.item_key, coalesce(c.group_key, 0) AS group_key,
  coalesce(c.genre_key, 0) AS genre_key
FROM holdings AS h
JOIN ring_accounts AS r ON r.account_key = h.account_key
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.holders > 1
  AND h.item_key % CAST($one_in AS UBIGINT) = 0
""",
)
"""An item that one account holds cannot be a collision, and is left out on both sides."""


@dataclass(frozen=True)
class Holdings:
    """Accounts by items.

    Attributes:
        accounts: keys, ascending; the rows.
        matrix: (accounts, items) ones where an account holds an item.
        group: (items,) number of each item's group from 1 on, 0 of items that have none.
        genre: (items,) the same of the catalogue's coarser kinds.
        one_in: of so many items one was looked at.
    """

    accounts: Keys
    matrix: Matrix = field(repr=False)
    group: Integers = field(repr=False)
    genre: Integers = field(repr=False)
    one_in: int = 1

    @cached_property
    def cluster(self) -> Integers:
        """The same of clusters learned from use."""
        return learned_clusters(self.matrix, self.group)

    def kind(self, level: Level) -> Integers:
        """Return (items,) the number of each item's kind at a level, 0 of items that have none."""
        if level == "global":
            return np.ones_like(self.group)
        return {"group": self.group, "genre": self.genre}.get(level, self.cluster)

    @property
    def items(self) -> Integers:
        """Items that each account holds, of those looked at."""
        return np.diff(self.matrix.indptr).astype(np.int64)


def load_holdings(engine: DuckDBEngine, accounts: Keys, at_most: int = AT_MOST) -> Holdings:
    """Read the holdings of some accounts from a ledger whose evidence steps have run.

    Where items are sampled, collisions observed and expected are those of the items looked at: a
    thinned Poisson count is a Poisson count, and the sampling error is in its p-value.

    Args:
        engine: holds the ledger and the catalogue; the temp table ``ring_accounts`` is made.
        accounts: their keys, robots not among them.
        at_most: holdings to look at, about.
    """
    engine.table("ring_accounts", {"account_key": accounts})
    one_in = -(-int(engine.rows(SHARED)[0][0]) // at_most) or 1
    rows = engine.columns(HELD, {"one_in": one_in})
    return holdings_of(
        rows["account_key"], rows["item_key"], rows["group_key"], rows["genre_key"], one_in
    )


def holdings_of(
    account: Keys, item: Keys, group: Keys, genre: Keys | None = None, one_in: int = 1
) -> Holdings:
    """Make holdings of one row an account and item: their keys, and the item's kinds' or 0."""
    accounts, row = np.unique(account, return_inverse=True)
    items, first, column = np.unique(item, return_index=True, return_inverse=True)
    ones = np.ones(row.size, np.float32)
    matrix = sparse.csr_array((ones, (row, column)), shape=(accounts.size, items.size))
    groups = _numbered(group[first])
    genres = np.zeros_like(groups) if genre is None else _numbered(genre[first])
    return Holdings(accounts, matrix, groups, genres, one_in)


def _numbered(keys: Keys) -> Integers:
    """Number kinds from 1 on, in the order of their keys; the key 0 stays 0."""
    known, numbers = np.unique(keys, return_inverse=True)
    return (numbers + (1 if known.size and known[0] else 0)).astype(np.int64)
