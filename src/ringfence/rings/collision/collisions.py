"""Collisions: items that two accounts both hold, observed and expected.

Independent accounts that draw from one catalogue hold some of the same items; accounts that divide
it do not. Given who holds how many items of which kind, and how many accounts hold each item, which
of them hold it is left to chance under the null. Within a stratum s, a set of items of one group
(artist, journal) and one class of popularity, let account a hold n_as items and item i be held by
c_i accounts. If the holders of each item were drawn anew, two accounts a and b would both hold

    λ_ab = Σ_s n_as n_bs q_s      q_s = Σ_i c_i (c_i − 1) / Σ_{a≠b} n_as n_bs

items: of all pairs of holdings by different accounts in s, q_s is the share that falls on one item,
so that over all pairs Λ = Σ λ_ab is what was observed, by construction. For a set G of accounts
Λ_G and O_G are the sums over its pairs. A ring that divides the work has O_G ≪ Λ_G, and Λ_G grows
with the square of the ring.

Both margins are given, as in tests of mutual exclusivity of mutations in cancers: WExT (Leiserson,
Reyna and Raphael 2016) and MEScan (Liu et al. 2021) keep the rates of genes and samples; Kalinka
(2013) has the law of intersections of independent draws. Without strata, q_s is the chance that
two people share a birthday. What is new here is the class: within a group, collectors take what
hardly anybody takes, and collide hundreds of times less than its popular items would. In strata of
group and class alone (half octaves of the number of holders), independent users of all kinds have
O/Λ within a few per cent of 1; ``docs/decisions/0013-collisions.md`` has the figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Self

import numpy as np
from scipy import sparse

from ringfence.model.ring import Level
from ringfence.rings.collision.holdings import Holdings, Matrix
from ringfence.rings.collision.hubs import Hubs
from ringfence.rings.collision.indicators import indicators
from ringfence.stats.arrays import Floats, Integers, Rows

CLASSES_AN_OCTAVE: Final = 2
"""Popularity classes for every doubling of the number of holders: within half an octave, the most
popular item collides twice as often as the least, and on average as the mean within 3 %."""


@dataclass(frozen=True)
class Collisions:
    """Collisions among accounts at one level of strata.

    Attributes:
        level: what kinds of items are told apart besides classes of popularity.
        held: (accounts, items) ones.
        tastes: (accounts, strata) n_as √q_s, so that λ_ab is a product of two rows.
        items: (accounts,) items held.
        own: (accounts,) λ_aa, which is no collision and is taken off.
        hubs: accounts that hold nearly everything of some kind; of their pairs less is expected
            than they have, which says nothing of others.
    """

    level: Level
    held: Matrix = field(repr=False)
    tastes: Matrix = field(repr=False)
    items: Floats = field(repr=False)
    own: Floats = field(repr=False)
    hubs: Rows = field(repr=False)

    @classmethod
    def of(cls, holdings: Holdings, level: Level) -> Self:
        """Stratify the items whose kind is known at this level, and estimate q_s from all.

        Where not all accounts are looked at, the pairs of holdings of one account are known of
        those only; the others' count as pairs of different accounts, and less is expected. Accounts
        that hold nearly everything are not counted among the holders
        (:mod:`ringfence.rings.collision.hubs`).
        """
        kind = holdings.kind(level)
        held = holdings.matrix[:, kind > 0]
        kinds, holders, items = _kinds(holdings, level, kind)
        hubs = Hubs.of(held, kinds, items)
        counts, chance = _counted(held, kinds, holders, items, hubs)
        tastes = sparse.csr_array(counts @ sparse.diags_array(np.sqrt(chance).astype(np.float32)))
        own = np.asarray(tastes.power(2).sum(axis=1, dtype=np.float64))
        return cls(level, held, tastes, np.diff(held.indptr).astype(np.float64), own, hubs.rows)

    @cached_property
    def size(self) -> Floats:
        """Items held (accounts,), by which others as large are drawn.

        Of accounts that hold as many, who would meet itself more often is larger: a tie that the
        order of the rows broke would let names decide who is drawn.
        """
        places: Integers = np.unique(np.round(self.own, 6), return_inverse=True)[1]
        return self.items + places / (places.size + 1)

    @cached_property
    def by_size(self) -> Rows:
        """Rows of all accounts, ascending by size."""
        return np.argsort(self.size, kind="stable")

    def among(self, members: Rows) -> tuple[float, float]:
        """Return O_G and Λ_G of a set of different accounts."""
        holders = self._holders(members)
        tastes = self._tastes(members)
        observed = float(holders @ (holders - 1)) / 2
        expected = float(tastes @ tastes - self.own[members].sum()) / 2
        return observed, max(expected, 0.0)

    def toward(self, members: Rows) -> tuple[Floats, Floats]:
        """Return each account's collisions with the members, observed and expected.

        Shape (accounts,) each. A member's own holdings are no collisions with itself.
        """
        inside = np.zeros(self.items.size)
        inside[members] = 1.0
        observed = self.held @ self._holders(members) - inside * self.items
        expected = self.tastes @ self._tastes(members) - inside * self.own
        return np.asarray(observed), np.asarray(np.maximum(expected, 0.0))

    def toward_each(self, groups: Sequence[Rows], of: Rows) -> tuple[Floats, Floats]:
        """Return some accounts' collisions with each of some groups that they are not in.

        Shape (groups, accounts) each, observed and expected.
        """
        held, tastes = self.held[of], self.tastes[of]
        observed = np.array([held @ self._holders(group) for group in groups])
        expected = np.array([tastes @ self._tastes(group) for group in groups])
        return observed, expected

    def between(self, some: Rows, others: Rows) -> tuple[Floats, Floats]:
        """Return collisions of each of some with each of some others, observed and expected.

        Shape (some, others) each: for some thousands at most.
        """
        observed = (self.held[some] @ self.held[others].T).toarray()
        expected = (self.tastes[some] @ self.tastes[others].T).toarray()
        return observed, expected

    def pairs(self, members: Rows) -> tuple[Floats, Floats]:
        """Return collisions of each pair of members, observed and expected; the diagonal is 0.

        Shape (members, members) each: for some thousands at most.
        """
        observed, expected = self.between(members, members)
        np.fill_diagonal(observed, 0.0)
        np.fill_diagonal(expected, 0.0)
        return observed, expected

    def _holders(self, members: Rows) -> Floats:
        return _column_sums(self.held, members)

    def _tastes(self, members: Rows) -> Floats:
        return _column_sums(self.tastes, members)


def _column_sums(matrix: Matrix, rows: Rows) -> Floats:
    """Add up some rows; slices of the arrays are faster than products where rows are few."""
    some = matrix[rows]
    return np.asarray(np.bincount(some.indices, some.data, matrix.shape[1]), dtype=np.float64)


def popularity_class(holders: Floats) -> Integers:
    """Return the class of items with so many holders, at least 1."""
    classes: Integers = np.ceil(CLASSES_AN_OCTAVE * np.log2(holders)).astype(np.int64)
    return classes


def _kinds(holdings: Holdings, level: Level, kind: Integers) -> tuple[Integers, Floats, Floats]:
    """Return kind, holders and number of all items of known kinds, those held here first."""
    kinds = np.concatenate([kind, holdings.kind_elsewhere(level)])
    here, there = holdings.kinds, holdings.elsewhere
    holders = np.concatenate([here.holders, there.holders]).astype(np.float64)
    items = np.concatenate([here.items, there.items]).astype(np.float64)
    return kinds[kinds > 0], holders[kinds > 0], items[kinds > 0]


def _counted(
    held: Matrix, kind: Integers, holders: Floats, items: Floats, hubs: Hubs
) -> tuple[Matrix, Floats]:
    """Return (accounts, strata) n_as, and (strata,) q_s."""
    here = held.shape[1]
    others = holders.copy()
    others[:here] -= hubs.holding(held, kind)
    stratum = _strata(others, kind, here)
    strata = int(stratum.max(initial=-1)) + 1
    counts = held @ indicators(stratum[:here], strata)
    squares = _squares(counts, hubs, _kind_of(stratum, kind, strata))
    inside = stratum >= 0
    weights = (items * others)[inside]
    pairs = np.bincount(stratum[inside], weights, strata) ** 2 - squares
    collided = np.bincount(stratum[inside], weights * (others[inside] - 1), strata)
    return counts, np.divide(collided, pairs, out=np.zeros_like(pairs), where=pairs > 0)


def _strata(holders: Floats, kind: Integers, here: int) -> Integers:
    """Number the strata of the first items without gaps, -1 of others that none of these is in."""
    classes = popularity_class(np.maximum(holders, 1))
    mixed = kind * (int(classes.max(initial=0)) + 1) + classes
    known = np.unique(mixed[:here])
    numbers = np.minimum(np.searchsorted(known, mixed), max(known.size - 1, 0))
    found = known[numbers] == mixed if known.size else np.zeros(mixed.size, dtype=bool)
    return np.where(found, numbers, -1).astype(np.int64)


def _kind_of(stratum: Integers, kind: Integers, strata: int) -> Integers:
    """Return (strata,) the kind of each."""
    kinds = np.zeros(strata, np.int64)
    kinds[stratum[stratum >= 0]] = kind[stratum >= 0]
    return kinds


def _squares(counts: Matrix, hubs: Hubs, kind: Integers) -> Floats:
    """Return (strata,) Σ n_as² over accounts that are no hubs there."""
    each = sparse.coo_array(counts)
    row, column = (places.astype(np.int64) for places in each.coords)
    squares = np.where(hubs.among(row, kind[column]), 0.0, each.data.astype(np.float64) ** 2)
    return np.asarray(np.bincount(column, squares, counts.shape[1]), dtype=np.float64)
