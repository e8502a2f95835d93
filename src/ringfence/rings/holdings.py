"""Who holds what, as a sparse matrix: the rows of the ledger that a collision can happen in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.engine import DuckDBEngine, Statement

Keys = npt.NDArray[np.uint64]
Integers = npt.NDArray[np.int64]
Matrix = sparse.csr_array

AT_MOST: Final = 10_000_000
"""Holdings that are looked at. Where there are more, items are sampled: one in so many, the same
for every account, so that overlaps are those of the items looked at, observed and expected."""

SHARED: Final = Statement(
    "rings.shared",
    """
SELECT count(*) AS holdings
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.holders > 1 AND h.account_key NOT IN (SELECT account_key FROM robots)
""",
)

HELD: Final = Statement(
    "rings.held",
    """
SELECT h.account_key, h.item_key, coalesce(c.group_key, 0) AS group_key
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.holders > 1
  AND h.item_key % $one_in = 0
  AND h.account_key NOT IN (SELECT account_key FROM robots)
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
        one_in: of so many items one was looked at.
    """

    accounts: Keys
    matrix: Matrix = field(repr=False)
    group: Integers = field(repr=False)
    one_in: int = 1

    @property
    def items(self) -> Integers:
        """Items that each account holds, of those looked at."""
        return np.diff(self.matrix.indptr).astype(np.int64)


def load_holdings(engine: DuckDBEngine, at_most: int = AT_MOST) -> Holdings:
    """Read the holdings from a ledger whose evidence steps have run.

    Args:
        engine: holds the ledger and the catalogue.
        at_most: holdings to look at, about.
    """
    one_in = -(-int(engine.rows(SHARED)[0][0]) // at_most) or 1
    rows = engine.columns(HELD, {"one_in": one_in})
    return holdings_of(rows["account_key"], rows["item_key"], rows["group_key"], one_in)


def holdings_of(
    account: npt.NDArray[np.uint64],
    item: npt.NDArray[np.uint64],
    group: npt.NDArray[np.uint64],
    one_in: int = 1,
) -> Holdings:
    """Make holdings of one row an account and item: their keys, and the item's group's or 0."""
    accounts, row = np.unique(account, return_inverse=True)
    items, first, column = np.unique(item, return_index=True, return_inverse=True)
    known, groups = np.unique(group[first], return_inverse=True)
    groups = groups + (1 if known.size and known[0] else 0)
    ones = np.ones(row.size, np.float32)
    matrix = sparse.csr_array((ones, (row, column)), shape=(accounts.size, items.size))
    return Holdings(accounts, matrix, groups.astype(np.int64), one_in)
