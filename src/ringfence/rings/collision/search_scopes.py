"""Search scopes: the sets of accounts in which rings are searched for, and the penalty for it.

A ring is not given in advance; it is searched for among all sets of accounts. For any search, the
chance that any set of m of N independent accounts has a p-value this low is at most C(N, m) times
the p-value (Bonferroni). N sizes are tried, so the multiplicity penalty is ln C(N, m) + ln N. It
grows with the members, and evidence grows with their pairs, so rings of dozens outweigh it.

A scope that is chosen without looking at collisions has fewer sets, and a smaller penalty. There
are three kinds: the most suspicious accounts by their own evidence, at several depths; accounts
that are linked; and accounts that hold about the same number of items, because a ring that divides
work often gives each account the same quota. A set gets the smallest penalty of all scopes: for its
members inside the scope, and for the other members among all accounts. The three kinds share the
error budget equally, and so do the scopes of one kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from scipy import sparse

from ringfence.stats.arrays import Floats, Integers, Rows
from ringfence.stats.multiplicity import log_choose
from ringfence.stats.sparse import Matrix

DEPTHS: Final = (60, 250, 1_000, 4_000)
"""Numbers of most suspicious accounts that are examined together, then all accounts."""

MIN_ODDS_DEPTH: Final = 250
"""The smallest depth whose prior odds count. Where most of the first sixty are members, the odds
among them would be even, and honest accounts that fit by chance would be believed."""

SAME_SIZE_ACCOUNTS: Final = 500
"""Largest number of accounts in a scope of accounts that hold about the same number of items."""

SAME_SIZE_DEPTH: Final = 64_000
"""The most suspicious accounts that are cut into scopes of the same size."""

SCOPE_KINDS: Final = 3
"""Kinds of scopes: depths, linked accounts, accounts of the same size."""

WITH_STRANGERS: Final = 2
"""A scope has a penalty for sets inside it, and a second one for sets with members outside it."""


class SearchScopes:
    """The scopes of one scan.

    Args:
        accounts: the number of accounts in the scan.
        order: rows of the accounts to examine, the most suspicious by their own evidence first.
        item_counts: (accounts,) items that each account holds.
        linked: rows of each set of linked accounts.

    Attributes:
        rank: (accounts,) place of each account in the order; accounts outside it come last.
        most_suspicious: rows of the first tenth of all accounts in the order.
    """

    def __init__(
        self, accounts: int, order: Rows, item_counts: Integers, linked: Sequence[Rows] = ()
    ) -> None:
        self.rank = np.full(accounts, accounts)
        self.rank[order] = np.arange(order.size)
        self.most_suspicious = order[: accounts // 10]
        self._order = order
        self._linked = [self._by_rank(rows) for rows in linked]
        same_size = _cut_by_size(order[:SAME_SIZE_DEPTH], item_counts)
        self._same_size = [self._by_rank(rows) for rows in same_size]
        sets = [*self._linked, *self._same_size]
        depths = [depth for depth in DEPTHS if depth < accounts]
        self._depths = np.array([*depths, accounts + 1])
        self._sizes = np.array([*depths, accounts, *(rows.size for rows in sets)], np.float64)
        of_kind = [self._depths.size, len(self._linked), len(self._same_size)]
        self._scopes_of_kind = np.repeat(of_kind, of_kind)
        self._sets = _scopes_by_accounts(sets, accounts)

    def depths(self) -> Iterator[Rows]:
        """Yield the accounts of each depth, smallest depth first."""
        for depth in DEPTHS:
            yield self._order[:depth]
            if depth >= self._order.size:
                break

    def linked(self) -> Iterator[Rows]:
        """Yield the examined accounts of each linked set, most suspicious first."""
        for rows in self._linked:
            yield rows[self.rank[rows] < self.rank.size]

    def same_size(self) -> Iterator[Rows]:
        """Yield the accounts of each scope of the same size, most suspicious first."""
        yield from self._same_size

    def log_penalty(self, members: Rows) -> float:
        """Return ln of the number of sets like this one that were searched, by the best scope."""
        accounts = self.rank.size
        inside = self._members_inside(members)
        outside = members.size - inside
        penalty = (
            log_choose(self._sizes, inside)
            + np.log(self._sizes)
            + np.log(WITH_STRANGERS * SCOPE_KINDS * self._scopes_of_kind)
        )
        strangers = np.where(outside > 0, np.log(max(accounts, 1)), 0.0)
        return float(np.min(penalty + log_choose(accounts - self._sizes, outside) + strangers))

    def log_prior_odds(self, members: Rows) -> Floats:
        """Return (members,) ln of the prior odds against each member, at least 0.

        The odds are those of a random account of the scope. Of a member's scopes, the one counts of
        which ring members are the largest share; depths below :data:`MIN_ODDS_DEPTH` do not count.
        """
        inside = np.maximum(self._members_inside(members), 1)
        odds = np.log(np.maximum((self._sizes - inside) / inside, 1.0))
        depths = self._depths.size
        deep = self._depths >= min(MIN_ODDS_DEPTH, self._depths[-1])
        within = (self.rank[members][:, None] < self._depths) & deep
        smallest = np.min(np.where(within, odds[:depths], np.inf), axis=1)
        sets = self._sets[:, members].tocoo()
        np.minimum.at(smallest, sets.coords[1], odds[depths:][sets.coords[0]])
        return np.asarray(smallest)

    def _by_rank(self, rows: Rows) -> Rows:
        return rows[np.argsort(self.rank[rows], kind="stable")]

    def _members_inside(self, members: Rows) -> Floats:
        """Return (scopes,) how many of the members each scope has."""
        by_depth = np.sum(self.rank[members][:, None] < self._depths, axis=0)
        chosen = np.zeros(self.rank.size)
        chosen[members] = 1.0
        return np.concatenate([by_depth, self._sets @ chosen]).astype(np.float64)


def log_penalty(accounts: int, members: Floats | int) -> Floats:
    """Return ln of the number of sets of this size within one depth, times sizes and depths."""
    m = np.asarray(members, dtype=np.float64)
    tried = np.log(accounts) + np.log(WITH_STRANGERS * SCOPE_KINDS * (len(DEPTHS) + 1))
    return np.asarray(log_choose(accounts, m) + tried, dtype=np.float64)


def _cut_by_size(order: Rows, item_counts: Integers) -> list[Rows]:
    """Cut accounts into scopes by the items that they hold; none if all fit in one scope."""
    by_items = order[np.argsort(item_counts[order], kind="stable")]
    if order.size <= SAME_SIZE_ACCOUNTS:
        return []
    return np.array_split(by_items, -(-order.size // SAME_SIZE_ACCOUNTS))


def _scopes_by_accounts(sets: Sequence[Rows], accounts: int) -> Matrix:
    """Return (sets, accounts) ones where an account is in a set."""
    column = np.concatenate([np.zeros(0, np.intp), *sets])
    starts = np.cumsum([0, *(rows.size for rows in sets)])
    return sparse.csr_array((np.ones(column.size), column, starts), shape=(len(sets), accounts))
