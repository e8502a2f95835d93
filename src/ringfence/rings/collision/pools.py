"""Pools: the sets of accounts that rings are looked for in, and what looking there costs.

A ring is not given but searched for, among all sets of accounts. Whatever the search does, the
chance that any set of m of N independent accounts has a p-value so low is at most C(N, m) times it
(Bonferroni); N sizes are tried, and so the price in logarithms is ln C(N, m) + ln N. It grows with
the members, evidence with their pairs: rings of dozens can afford it.

Sets within a pool that was chosen without looking at collisions are fewer, and cost less: the first
D accounts in the order of evidence of their own, accounts that are linked, and accounts that hold
about as many items: whoever deals the work out often gives each account one quota. A set costs what
it costs by its cheapest pool: so many members inside, the others from all accounts. What may be
spent goes in equal parts to the depths, to the linked sets and to those alike, each shared equally.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import gammaln

from ringfence.stats.arrays import Floats, Integers, Rows

DEPTHS: Final = (60, 250, 1_000, 4_000)
"""So many accounts are first looked at together, and priced together, each about four times as many
as the one before; then all."""

WIDE_ENOUGH: Final = 250
"""Accounts, at least, of a depth whose odds count. Where most of the most_suspicious sixty are
members, odds
among these would be even, and honest ones that fit by chance would be believed."""

ALIKE: Final = 500
"""So many accounts that hold about as much are looked at together."""

WIDEST: Final = 64_000
"""So many accounts, those with the most evidence of their own, are looked at with those alike."""

KINDS: Final = 3
"""Of pools: depths, linked, alike."""

WITH_STRANGERS: Final = 2
"""A pool pays for sets that are all in it, and for those that have others besides."""


class Pools:
    """Where rings are looked for.

    Args:
        accounts: how many there are.
        order: rows of the accounts to look among, most evidence of their own first.
        items: (accounts,) items that each holds.
        linked: sets of linked accounts, rows each.

    Attributes:
        rank: (accounts,) places in the order; those not in it come last.
        most_suspicious: rows of the accounts with the most evidence of their own, a tenth of all.
    """

    def __init__(
        self, accounts: int, order: Rows, items: Integers, linked: Sequence[Rows] = ()
    ) -> None:
        self.rank = np.full(accounts, accounts)
        self.rank[order] = np.arange(order.size)
        self.most_suspicious = order[: accounts // 10]
        self._order = order
        self._linked = [self._ordered(rows) for rows in linked]
        self._alike = [self._ordered(rows) for rows in _alike(order[:WIDEST], items)]
        sets = [*self._linked, *self._alike]
        depths = [depth for depth in DEPTHS if depth < accounts]
        self._depths = np.array([*depths, accounts + 1])
        self._sizes = np.array([*depths, accounts, *(rows.size for rows in sets)], np.float64)
        many = [self._depths.size, len(self._linked), len(self._alike)]
        self._many = np.repeat(many, many)
        self._sets = _membership(sets, accounts)

    def depths(self) -> Iterator[Rows]:
        """Yield the accounts of each depth, in order."""
        for depth in DEPTHS:
            yield self._order[:depth]
            if depth >= self._order.size:
                break

    def linked(self) -> Iterator[Rows]:
        """Yield the accounts of each linked set that are to be looked at, in order."""
        for rows in self._linked:
            yield rows[self.rank[rows] < self.rank.size]

    def alike(self) -> Iterator[Rows]:
        """Yield the accounts of each set that hold about as much, in order."""
        yield from self._alike

    def log_price(self, members: Rows) -> float:
        """Return ln of how many sets like this one were looked at, by the cheapest pool."""
        accounts = self.rank.size
        inside = self._inside(members)
        outside = members.size - inside
        price = (
            _log_choose(self._sizes, inside)
            + np.log(self._sizes)
            + np.log(WITH_STRANGERS * KINDS * self._many)
        )
        strangers = np.where(outside > 0, np.log(max(accounts, 1)), 0.0)
        return float(np.min(price + _log_choose(accounts - self._sizes, outside) + strangers))

    def log_odds(self, members: Rows) -> Floats:
        """Return (members,) ln of the odds that an account from its pool is none of them, >= 0.

        Of its pools, depths of at least :data:`WIDE_ENOUGH`, that counts of which members are the
        largest share.
        """
        inside = np.maximum(self._inside(members), 1)
        odds = np.log(np.maximum((self._sizes - inside) / inside, 1.0))
        depths = self._depths.size
        wide = self._depths >= min(WIDE_ENOUGH, self._depths[-1])
        within = (self.rank[members][:, None] < self._depths) & wide
        least = np.min(np.where(within, odds[:depths], np.inf), axis=1)
        sets = self._sets[:, members].tocoo()
        np.minimum.at(least, sets.coords[1], odds[depths:][sets.coords[0]])
        return np.asarray(least)

    def _ordered(self, rows: Rows) -> Rows:
        return rows[np.argsort(self.rank[rows], kind="stable")]

    def _inside(self, members: Rows) -> Floats:
        """Return how many of the members each pool has."""
        by_depth = np.sum(self.rank[members][:, None] < self._depths, axis=0)
        chosen = np.zeros(self.rank.size)
        chosen[members] = 1.0
        return np.concatenate([by_depth, self._sets @ chosen]).astype(np.float64)


def log_price(among: int, members: Floats | int) -> Floats:
    """Return ln of how many sets of so many members there are, times the sizes and depths tried."""
    m = np.asarray(members, dtype=np.float64)
    tried = np.log(among) + np.log(WITH_STRANGERS * KINDS * (len(DEPTHS) + 1))
    return np.asarray(_log_choose(among, m) + tried, dtype=np.float64)


def _alike(order: Rows, items: Integers) -> list[Rows]:
    """Cut accounts by how much they hold; none where all are in one set."""
    by_items = order[np.argsort(items[order], kind="stable")]
    return np.array_split(by_items, -(-order.size // ALIKE)) if order.size > ALIKE else []


def _membership(sets: Sequence[Rows], accounts: int) -> sparse.csr_array:
    column = np.concatenate([np.zeros(0, np.intp), *sets])
    starts = np.cumsum([0, *(rows.size for rows in sets)])
    return sparse.csr_array((np.ones(column.size), column, starts), shape=(len(sets), accounts))


def _log_choose(of: npt.ArrayLike, chosen: npt.ArrayLike) -> Floats:
    n, k = np.asarray(of, dtype=np.float64), np.asarray(chosen, dtype=np.float64)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(np.maximum(n - k, 0) + 1))
