"""Bulk holders: accounts that hold nearly everything, and distort what is expected of others.

The expected number of collisions assumes that the holders of an item are drawn at random. An
archive, or an extractor that nobody has stopped, may hold all items of a category. If it holds an
item with one other account, no two other accounts share this item. Yet the item would count as one
whose two holders might be any two accounts. Bulk holders are therefore left out of the holders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
from scipy import sparse

from ringfence.stats.arrays import Flags, Floats, Integers
from ringfence.stats.sparse import Matrix, one_hot

MIN_BULK_SHARE: Final = 1 / 3
"""A bulk holder holds more than this share of a category's items, or of all items.

Below it, one account raises what is expected of others by at most a twelfth. Each member of a ring
of at least eight holds less."""

MIN_CATEGORY: Final = 200
"""A category with fewer items has no bulk holders: many ordinary accounts hold a third of it."""


@dataclass(frozen=True)
class BulkHolders:
    """Accounts that hold nearly everything, by category of item.

    Attributes:
        places: row × categories + category for each account and category, ascending.
        categories: the number of categories, including category 0.
    """

    places: Integers = field(repr=False)
    categories: int

    @classmethod
    def of(cls, held: Matrix, category: Integers, number: Floats) -> Self:
        """Find the bulk holders.

        Args:
            held: (accounts, columns) ones.
            category: (items,) category of each column of ``held``, then of other items.
            number: (items,) number of items that each entry represents.
        """
        size = np.bincount(category, number)
        counts = sparse.csr_array(held @ one_hot(category[: held.shape[1]], size.size))
        by_category = sparse.coo_array(counts)
        row, column = (places.astype(np.int64) for places in by_category.coords)
        bulk = (size >= MIN_CATEGORY)[column] & (by_category.data > MIN_BULK_SHARE * size[column])
        total = max(float(size.sum()), MIN_CATEGORY / MIN_BULK_SHARE)
        bulk |= (np.diff(held.indptr) > MIN_BULK_SHARE * total)[row]
        return cls(np.sort((row * size.size + column)[bulk]), size.size)

    @property
    def rows(self) -> Integers:
        """Return the accounts that are a bulk holder of any category, ascending."""
        return np.unique(self.places // self.categories)

    def per_item(self, held: Matrix, category: Integers) -> Floats:
        """Return (columns,) the number of bulk holders of the item's category that hold it."""
        rows = self.rows
        some = sparse.coo_array(held[rows])
        row, item = some.coords
        bulk = np.isin(rows[row] * self.categories + category[item], self.places)
        return np.bincount(item[bulk], minlength=held.shape[1]).astype(np.float64)

    def contains(self, rows: Integers, category: Integers) -> Flags:
        """Return whether the account in each row is a bulk holder of the given category."""
        bulk = np.zeros(int(rows.max(initial=0)) + 1, dtype=bool)
        bulk[self.rows[self.rows < bulk.size]] = True
        found = bulk[rows]
        found[found] = np.isin(rows[found] * self.categories + category[found], self.places)
        return found
