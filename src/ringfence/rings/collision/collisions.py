"""Collisions: items that two accounts both hold, observed and expected.

Independent accounts that use one catalogue hold some of the same items. Accounts that divide it do
not. The null hypothesis takes as given how many items of each kind an account holds, and how many
accounts hold each item. Which of them hold it is left to chance. A stratum s is a set of items of
one category (artist, journal) and one class of popularity. Let account a hold n_as items of it, and
item i be held by c_i accounts. If the holders of each item were drawn again, accounts a and b would
share

    λ_ab = Σ_s n_as n_bs q_s      q_s = Σ_i c_i (c_i − 1) / Σ_{a≠b} n_as n_bs

items. Here q_s is the share of all pairs of holdings in s, by different accounts, that fall on one
item. Summed over all pairs of accounts, Λ = Σ λ_ab equals the observed number by construction. For
a set G of accounts, Λ_G and O_G are the sums over its pairs. A ring that divides the work has
O_G ≪ Λ_G, and Λ_G grows with the square of the ring.

Sources: both margins are given, as in tests for mutual exclusivity of mutations in cancers: WExT
(Leiserson, Reyna and Raphael 2016) and MEScan (Liu et al. 2021) keep the rates of genes and
samples. Kalinka (2013) derives the distribution of intersections of independent draws. Without
strata, q_s is the chance that two people share a birthday. New here is the popularity class: within
a group, collectors take rare items and collide hundreds of times less than its popular items would.

In strata of category and class (half octaves of the number of holders), independent users of all
kinds have O/Λ within a few percent of 1. ``docs/decisions/0013-collision-test.md`` has the figures.

The expectation is wrong if something other than the strata separates users, such as markets with
separate catalogues. It is too high within a group if a ring divides whole groups.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

import numpy as np
from scipy import sparse

from ringfence.model.ring import Level
from ringfence.rings.collision.division import mean_at_log_ratio
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.strata import Strata
from ringfence.stats.arrays import Floats, Integers, Rows
from ringfence.stats.sparse import Matrix, gram_matrix, sum_rows

ROWS_AT_ONCE: Final = 1_000
"""Accounts whose pairs with a whole set are in memory at once."""


@dataclass(frozen=True)
class Collisions:
    """Collisions among accounts at one level of strata.

    Attributes:
        level: the category of the strata.
        held: (accounts, items) ones; items that have a category at this level.
        weighted_counts: (accounts, strata) n_as √q_s, so that λ_ab is a product of two rows.
        item_counts: (accounts,) items held.
        self_expected: (accounts,) λ_aa, which is subtracted because it is not a collision.
        bulk_holders: rows of accounts that hold nearly everything of some category. The expected
            collisions of their pairs are too low.
    """

    level: Level
    held: Matrix = field(repr=False)
    weighted_counts: Matrix = field(repr=False)
    item_counts: Floats = field(repr=False)
    self_expected: Floats = field(repr=False)
    bulk_holders: Rows = field(repr=False)

    @classmethod
    def of(cls, holdings: Holdings, level: Level) -> Self:
        """Stratify the items that have a category at this level, and estimate q_s from all."""
        held = holdings.matrix[:, holdings.category(level) > 0]
        strata = Strata.of(holdings, level, held)
        root = sparse.diags_array(np.sqrt(strata.chance).astype(np.float32))
        weighted = sparse.csr_array(strata.counts @ root)
        own = np.asarray(weighted.power(2).sum(axis=1, dtype=np.float64))
        counts = np.diff(held.indptr).astype(np.float64)
        return cls(level, held, weighted, counts, own, strata.bulk.rows)

    @cached_property
    def matching_size(self) -> Floats:
        """Return (accounts,) the value by which matched controls are drawn: items held.

        Ties are broken by λ_aa. If the order of the rows broke them, names would decide who is
        drawn.
        """
        places: Integers = np.unique(np.round(self.self_expected, 6), return_inverse=True)[1]
        return self.item_counts + places / (places.size + 1)

    @cached_property
    def ranked_by_size(self) -> Rows:
        """Return the rows of all accounts, ascending by :attr:`matching_size`."""
        return np.argsort(self.matching_size, kind="stable")

    def within(self, members: Rows) -> tuple[float, float]:
        """Return O and Λ, summed over all pairs of a set of different accounts."""
        holders = sum_rows(self.held, members)
        weighted = sum_rows(self.weighted_counts, members)
        observed = float(holders @ (holders - 1)) / 2
        expected = float(weighted @ weighted - self.self_expected[members].sum()) / 2
        return observed, max(expected, 0.0)

    def expected_with_limited_pairs(self, members: Rows, limit: float) -> float:
        """Return Λ of a set in which no pair is more evidence than a limit.

        The expected collisions of a pair are reduced to those at which its log-likelihood ratio
        is the limit, given what the pair shares
        (:func:`~ringfence.rings.collision.division.mean_at_log_ratio`). The result is at most Λ, so
        that a lower tail computed from it is at least the tail computed from Λ.
        """
        held, weighted = self.held[members], self.weighted_counts[members]
        total = 0.0
        for start in range(0, members.size, ROWS_AT_ONCE):
            rows = slice(start, start + ROWS_AT_ONCE)
            expected = (weighted[rows] @ weighted.T).toarray().astype(np.float64)
            observed = (held[rows] @ held.T).toarray().astype(np.int64)
            most = mean_at_log_ratio(np.arange(observed.max(initial=0) + 1.0), limit)
            np.minimum(expected, most[observed], out=expected)
            np.fill_diagonal(expected[:, start:], 0.0)
            total += float(expected.sum())
        return max(total / 2, 0.0)

    def with_set(self, members: Rows) -> tuple[Floats, Floats]:
        """Return each account's observed and expected collisions with the members of a set.

        Shape (accounts,) each. A member does not collide with itself.
        """
        inside = np.zeros(self.item_counts.size)
        inside[members] = 1.0
        observed = self.held @ sum_rows(self.held, members) - inside * self.item_counts
        weighted = self.weighted_counts @ sum_rows(self.weighted_counts, members)
        expected = weighted - inside * self.self_expected
        return np.asarray(observed), np.asarray(np.maximum(expected, 0.0))

    def with_each_set(self, sets: Sequence[Rows], accounts: Rows) -> tuple[Floats, Floats]:
        """Return the collisions of some accounts with each of several sets without them.

        Shape (sets, accounts) each, observed and expected.
        """
        held, weighted = self.held[accounts], self.weighted_counts[accounts]
        observed = np.array([held @ sum_rows(self.held, each) for each in sets])
        expected = np.array([weighted @ sum_rows(self.weighted_counts, each) for each in sets])
        return observed, expected

    def between(self, some: Rows, others: Rows) -> tuple[Floats, Floats]:
        """Return the collisions of each of some accounts with each of some others.

        Shape (some, others) each, observed and expected. Use it for at most some thousands.
        """
        observed = (self.held[some] @ self.held[others].T).toarray()
        expected = (self.weighted_counts[some] @ self.weighted_counts[others].T).toarray()
        return observed, expected

    def pairwise(self, members: Rows) -> tuple[Floats, Floats]:
        """Return the collisions of each pair of members; the diagonal is 0.

        Shape (members, members) each, observed and expected. Use it for at most some thousands.
        """
        held, weighted = self.held[members], self.weighted_counts[members]
        observed = (held @ held.T).toarray()
        expected = gram_matrix(weighted)
        np.fill_diagonal(observed, 0.0)
        np.fill_diagonal(expected, 0.0)
        return observed, expected
