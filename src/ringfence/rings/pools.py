"""Pools: the sets of accounts that rings are looked for in, and what looking there costs.

A ring is not given but searched for, among all sets of accounts. Whatever the search does, the
chance that any set of m of N independent accounts has a p-value so low is at most C(N, m) times it
(Bonferroni); N sizes are tried, and so the price in logarithms is ln C(N, m) + ln N. It grows with
the members, evidence with their pairs: rings of dozens can afford it.

Sets within a pool that was chosen without looking at collisions are fewer, and cost less: the first
D accounts in the order of evidence of their own, and accounts that are linked. A set costs what it
costs by its cheapest pool: so many members inside, the others from all accounts. Half of what may
be spent goes to the depths, half to the linked sets, each kind shared equally.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.special import gammaln

from ringfence.rings.collisions import Floats, Members

DEPTHS: Final = (250, 1_000, 4_000)
"""So many accounts are first looked at together, and priced together; then all."""


class Pools:
    """Where rings are looked for.

    Args:
        accounts: how many there are.
        order: rows of the accounts to look among, most evidence of their own first.
        linked: sets of linked accounts, rows each.

    Attributes:
        rank: (accounts,) places in the order; those not in it come last.
        oddest: rows of the accounts with the most evidence of their own, a tenth of all.
    """

    def __init__(self, accounts: int, order: Members, linked: Sequence[Members] = ()) -> None:
        self.rank = np.full(accounts, accounts)
        self.rank[order] = np.arange(order.size)
        self.oddest = order[: accounts // 10]
        self._order = order
        self._linked = [rows[np.argsort(self.rank[rows], kind="stable")] for rows in linked]
        self._looked_at = [rows[self.rank[rows] < accounts] for rows in self._linked]
        depths = [depth for depth in DEPTHS if depth < accounts]
        self._sizes = np.array([*depths, accounts, *(rows.size for rows in linked)], np.float64)
        self._many = np.repeat(
            [len(depths) + 1, max(len(linked), 1)], [len(depths) + 1, len(linked)]
        )
        self._depths = np.array([*depths, accounts + 1])
        self._sets = _membership(self._linked, accounts)

    def depths(self) -> Iterator[Members]:
        """Yield the accounts of each depth, in order."""
        for depth in DEPTHS:
            yield self._order[:depth]
            if depth >= self._order.size:
                break

    def linked(self) -> Iterator[Members]:
        """Yield the accounts of each linked set that are to be looked at, in order."""
        yield from self._looked_at

    def log_price(self, members: Members) -> float:
        """Return ln of how many sets like this one were looked at, by the cheapest pool."""
        accounts = self.rank.size
        inside = self._inside(members)
        outside = members.size - inside
        price = _log_choose(self._sizes, inside) + np.log(self._sizes) + np.log(2 * self._many)
        strangers = np.where(outside > 0, np.log(max(accounts, 1)), 0.0)
        return float(np.min(price + _log_choose(accounts - self._sizes, outside) + strangers))

    def log_odds(self, members: Members) -> Floats:
        """Return (members,) ln of the odds that an account from its pool is none of them, >= 0.

        Of its pools the one that most of the members are in counts.
        """
        inside = np.maximum(self._inside(members), 1)
        odds = np.log(np.maximum((self._sizes - inside) / inside, 1.0))
        depths = self._depths.size
        within = self.rank[members][:, None] < self._depths
        least = np.min(np.where(within, odds[:depths], np.inf), axis=1)
        for row, odd in enumerate(odds[depths:]):
            least = np.where(np.isin(members, self._linked[row]), np.minimum(least, odd), least)
        return np.asarray(least)

    def _inside(self, members: Members) -> Floats:
        """Return how many of the members each pool has."""
        by_depth = np.sum(self.rank[members][:, None] < self._depths, axis=0)
        chosen = np.zeros(self.rank.size)
        chosen[members] = 1.0
        return np.concatenate([by_depth, self._sets @ chosen]).astype(np.float64)


def log_price(among: int, members: Floats | int) -> Floats:
    """Return ln of how many sets of so many members there are, times the sizes and depths tried."""
    m = np.asarray(members, dtype=np.float64)
    tried = np.log(among) + np.log(2 * (len(DEPTHS) + 1))
    return np.asarray(_log_choose(among, m) + tried, dtype=np.float64)


def _membership(sets: Sequence[Members], accounts: int) -> sparse.csr_array:
    column = np.concatenate([np.zeros(0, np.intp), *sets])
    starts = np.cumsum([0, *(rows.size for rows in sets)])
    return sparse.csr_array((np.ones(column.size), column, starts), shape=(len(sets), accounts))


def _log_choose(of: npt.ArrayLike, chosen: npt.ArrayLike) -> Floats:
    n, k = np.asarray(of, dtype=np.float64), np.asarray(chosen, dtype=np.float64)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(np.maximum(n - k, 0) + 1))
