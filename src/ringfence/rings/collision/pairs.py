"""Collisions of every pair of some accounts, with which candidate sets are scored quickly."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.division import log_likelihood_ratio, pair_log_ratios
from ringfence.rings.collision.search_scopes import log_penalty
from ringfence.stats.arrays import Flags, Floats, Rows


@dataclass(frozen=True, eq=False)
class Candidate:
    """A set of accounts that may be a ring.

    Attributes:
        members: rows of the accounts, ascending.
        rate: the share of the usual collisions at which it has the largest log-likelihood ratio.
        score: the log-likelihood ratio over all pairs, less the multiplicity penalty.
    """

    members: Rows = field(repr=False)
    rate: float
    score: float


@dataclass(frozen=True)
class PairCounts:
    """Collisions of each pair of some accounts.

    Attributes:
        rows: (accounts,) rows of the accounts.
        observed: (accounts, accounts) collisions.
        expected: (accounts, accounts) the same for independent accounts.
        item_counts: (accounts,) items that each account holds.
        is_bulk: (accounts,) whether it holds nearly everything of some category.
    """

    rows: Rows = field(repr=False)
    observed: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    item_counts: Floats = field(repr=False)
    is_bulk: Flags = field(repr=False)

    @classmethod
    def of(cls, collisions: Collisions, rows: Rows) -> Self:
        """Count the collisions of each pair of these accounts."""
        is_bulk = np.isin(rows, collisions.bulk_holders)
        return cls(rows, *collisions.pairwise(rows), collisions.item_counts[rows], is_bulk)

    def at(self, places: Rows) -> PairCounts:
        """Return the counts of some of the accounts, which are named once and in order."""
        if places.size == self.rows.size:
            return self
        both = np.ix_(places, places)
        return PairCounts(
            self.rows[places],
            self.observed[both],
            self.expected[both],
            self.item_counts[places],
            self.is_bulk[places],
        )

    def score(self, places: Rows, rate: float) -> float:
        """Return the score of a set; its log-likelihood ratio is divided by the overdispersion."""
        among = np.ix_(places, places)
        observed, expected = self.observed[among].sum() / 2, self.expected[among].sum() / 2
        penalty = float(log_penalty(self.rows.size, places.size))
        ratio = float(log_likelihood_ratio(observed, expected, rate))
        return ratio / self.index_of_dispersion(places) - penalty

    def index_of_dispersion(self, places: Rows) -> float:
        """Return the variance over the mean of a set's collisions with others, at least 1.

        A pair of which one account holds half of the other's items is left out: copies say nothing
        about independent accounts.
        """
        others = np.setdiff1d(np.flatnonzero(~self.is_bulk), places)
        both = np.ix_(places, others)
        observed, expected = self.observed[both], self.expected[both]
        smaller = np.minimum.outer(self.item_counts[places], self.item_counts[others])
        squares = np.where(2 * observed < smaller, observed - expected, 0.0) ** 2
        return max(float(squares.sum()) / max(float(expected.sum()), 1.0), 1.0)

    def rows_that_would_join(self, ring: Candidate, depth: int, free: Flags) -> Rows:
        """Return the free rows that a search among the first accounts would have added to a ring.

        Accounts are sorted by their contribution; the prefix that adds most is returned.

        Args:
            ring: found among fewer accounts.
            depth: how many of the first accounts are searched.
            free: by row, whether an account may join.
        """
        inside = np.isin(self.rows[:depth], ring.members)
        ours, others = np.flatnonzero(inside), np.flatnonzero(free[self.rows[:depth]] & ~inside)
        if not ours.size:
            return ours
        gain = self._log_ratios(others, ours, ring.rate).sum(axis=1)
        gain -= entry_threshold(depth, ours.size)
        best = np.argsort(-np.round(gain, 4), kind="stable")[: np.count_nonzero(gain > 0)]
        joining = others[best]
        among = np.tril(self._log_ratios(joining, joining, ring.rate), -1).sum(axis=1)
        sums = np.cumsum(gain[best] + among)
        rows: Rows = self.rows[joining[: int(np.argmax(sums)) + 1]] if best.size else best
        return rows

    def _log_ratios(self, some: Rows, others: Rows, rate: float) -> Floats:
        both = np.ix_(some, others)
        return pair_log_ratios(self.observed[both], self.expected[both], rate)


def entry_threshold(accounts: int, members: int) -> float:
    """Return what a new member must add to the log-likelihood ratio to outweigh its penalty."""
    return float(np.log(accounts * np.e / members))
