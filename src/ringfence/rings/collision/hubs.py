"""Accounts that hold nearly everything: they say nothing of how others meet.

What is expected of two accounts goes by how popular the items are, as if holders were drawn anew.
An archive, or an extractor nobody has stopped, that holds all items of a kind is drawn for certain.
Of an item that it and one other account hold, no two others can meet, and yet the item looks as if
two holders might be any two. So such accounts are not counted among the holders.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.rings.collision.indicators import indicators
from ringfence.stats.arrays import Floats, Integers

SHARE: Final = 1 / 3
"""Share of a kind's items, or of all, above which an account is a hub. What is expected of others
is at most a twelfth too much with a hub below it; a ring's members, at least eight, hold less."""

LEAST_ITEMS: Final = 200
"""Of fewer items, many hold a third who are no hubs."""


@dataclass(frozen=True)
class Hubs:
    """Which accounts hold nearly everything, by kind of item.

    Attributes:
        marks: ascending, row × kinds + kind of each account and kind that it is a hub of.
        kinds: how many kinds there are, 0 counted.
    """

    marks: Integers = field(repr=False)
    kinds: int

    @classmethod
    def of(cls, held: sparse.csr_array, kind: Integers, items: Floats) -> Self:
        """Find them.

        Args:
            held: (accounts, items) ones.
            kind: (items,) of each of these, and then of others that nobody here holds.
            items: (items,) how many one of these stands for.
        """
        size = np.bincount(kind, items)
        each = sparse.csr_array(held @ indicators(kind[: held.shape[1]], size.size))
        of_kind = sparse.coo_array(each)
        row, column = (places.astype(np.int64) for places in of_kind.coords)
        most = (size >= LEAST_ITEMS)[column] & (of_kind.data > SHARE * size[column])
        total = max(float(size.sum()), LEAST_ITEMS / SHARE)
        most |= (np.diff(held.indptr) > SHARE * total)[row]
        marks = (row * size.size + column)[most]
        return cls(np.sort(marks), size.size)

    @property
    def rows(self) -> Integers:
        """Accounts that are a hub of any kind, ascending."""
        return np.unique(self.marks // self.kinds)

    def holding(self, held: sparse.csr_array, kind: Integers) -> Floats:
        """Return (items,) how many hubs of its kind hold each item."""
        rows = self.rows
        some = sparse.coo_array(held[rows])
        row, item = some.coords
        hub = np.isin(rows[row] * self.kinds + kind[item], self.marks)
        return np.bincount(item[hub], minlength=held.shape[1]).astype(np.float64)

    def among(self, rows: Integers, kind: Integers) -> npt.NDArray[np.bool_]:
        """Say of pairs of an account and a kind whether they are a hub's."""
        hubs = np.zeros(int(rows.max(initial=0)) + 1, dtype=bool)
        hubs[self.rows[self.rows < hubs.size]] = True
        found = hubs[rows]
        found[found] = np.isin(rows[found] * self.kinds + kind[found], self.marks)
        return found
