"""Compute how many items two accounts share at once if both choose the same group.

Ten people who each transcribe a different manuscript share nothing. Perhaps three hundred shared
pages are expected, but this means that one pair is expected to choose the same manuscript. If
nobody else has whole manuscripts, no other accounts show this
(:mod:`ringfence.rings.collision.alike`). The group column shows it: the items of each account are
in few groups, and are a large share of each.

Let the members choose their groups independently, with as many items of each group as they hold. If
account a holds n_ag items of a group g, and account b holds n_bh items of a group h of size s_h,
then they share c = n_ag n_bh / s_h items if g = h. The index of dispersion of this count is
Σ c² / Σ c over all choices of members and groups, which is a product of two means.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Self

import numpy as np
from scipy import sparse

from ringfence.rings.collision.holdings import Holdings
from ringfence.stats.arrays import Floats, Rows
from ringfence.stats.sparse import Matrix, one_hot


@dataclass(frozen=True)
class WholeGroups:
    """Counts of holdings by group; an item without a group is a group of its own.

    Attributes:
        counts: (accounts, groups) n_as; column 0 has the items without a group.
        size: (groups,) s, the number of items with at least two holders.
    """

    counts: Matrix = field(repr=False)
    size: Floats = field(repr=False)

    @classmethod
    def of(cls, holdings: Holdings) -> Self:
        """Count the holdings by group."""
        own, others = holdings.items, holdings.other_items
        groups = 1 + int(max(own.group.max(initial=0), others.group.max(initial=0)))
        size = np.bincount(own.group, minlength=groups).astype(np.float64)
        size += np.bincount(others.group, others.number, minlength=groups)
        counts = sparse.csr_array(holdings.matrix @ one_hot(own.group, groups))
        return cls(counts, size)

    def items_at_once(self, members: Rows) -> float:
        """Return the index of dispersion of collisions if the members choose groups independently.

        At least 1, which is the result without groups.
        """
        return float(_at_once(self._moments[members].sum(axis=0)))

    @cached_property
    def items_at_once_each(self) -> Floats:
        """Return (accounts,) the same for accounts that choose groups as each of them does."""
        return _at_once(self._moments)

    @cached_property
    def _moments(self) -> Floats:
        """Return (accounts, 4) sums over groups of n, n², n / s and (n / s)²."""
        entries = sparse.coo_array(self.counts)
        row, group = entries.coords
        held = entries.data.astype(np.float64)
        # An item without a group is a whole group of one item.
        alone = group == 0
        share = held / np.maximum(self.size[group], 1.0)
        each = (held, *(np.where(alone, held, one) for one in (held**2, share, share**2)))
        return np.column_stack([np.bincount(row, one, self.counts.shape[0]) for one in each])


def _at_once(moments: Floats) -> Floats:
    """Return Σ n² Σ (n / s)² / (Σ n Σ n / s), at least 1."""
    held, squares, shares, share_squares = np.moveaxis(moments, -1, 0)
    product = np.maximum(held * shares, np.finfo(np.float64).tiny)
    return np.asarray(np.maximum(squares * share_squares / product, 1.0))
