"""The search for rings: sets of accounts with far fewer collisions than expected.

If two accounts divide the work, they collide at a share ε of the rate of independent ones. With
Poisson counts the likelihood ratio of a pair is exp((1 − ε) λ) ε^O, and a ring is a set with a
large sum of its logarithms over all pairs: the *evidence* of the set. Finding the set with the most
is a dense-subgraph problem with a planted solution, approached as such:

* accounts come in an order of weak evidence of their own, and the first some hundreds to thousands
  are looked at together: single accounts of a ring are odd, if only a little;
* the matrix of likelihood ratios less 1, each divided by its standard deviation under the null, has
  mean 0 for independent pairs and a block of large numbers for a ring; its leading eigenvectors
  point at that block (as in Alon, Krivelevich and Sudakov 1998 for planted cliques);
* accounts ordered by an eigenvector, or by their own evidence, are added one by one; from the
  prefix with the most evidence, less the price of the search, on, accounts come and go as long as
  that adds to it, and what is left is a candidate;
* every account is asked whether it divides the work with the best candidate's members, and every
  member whether it adds to the evidence;
* that ring is taken out, and the search goes on until nothing pays its price;
* rings that have more evidence together than apart are one.

All counts enter through sums over pairs, so names and order of accounts and items do not matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy.sparse.linalg import ArpackError, eigsh

from ringfence.rings.collisions import Collisions, Floats, Members
from ringfence.rings.tail import DEPTHS, log_price, log_price_of, log_tail, shape_of

Flags = npt.NDArray[np.bool_]

RATES: Final = (0.05, 0.3, 0.6)
"""Shares ε of the usual collisions that rings are looked for at: dividing cleanly, with bought
collisions, with many of them."""

VECTORS: Final = 4
"""Leading eigenvectors looked at."""

LEAST_MEMBERS: Final = 8
"""Fewer are no ring: pairs are never evidence."""

LARGEST_RATIO: Final = 8.0
"""Where a pair's likelihood ratio is cut off, so that single pairs do not lead the eigenvectors."""

STRANGERS: Final = 0.01
"""Independent accounts that may be expected to join a ring by chance when all are asked."""

ROUNDS: Final = 10
"""Rounds of asking all accounts at last; they change little after the first."""

MOST_RINGS: Final = 50
"""Rings looked for at each depth at most."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A set of accounts that pays its price.

    Attributes:
        members: rows of the accounts, ascending.
        rate: the share ε of usual collisions at which it has the most evidence.
        evidence: ln of the likelihood ratio over all pairs, less the price.
    """

    members: Members = field(repr=False)
    rate: float
    evidence: float


def search(collisions: Collisions, order: Members) -> tuple[Candidate, ...]:
    """Find disjoint sets that have far fewer collisions than expected, most evidence first.

    Args:
        collisions: at one level of strata.
        order: rows of the accounts to look among, most evidence of their own first; the others
            are only asked whether they belong to what was found.
    """
    rank = np.full(collisions.items.size, collisions.items.size)
    rank[order] = np.arange(order.size)
    free = np.ones(rank.size, dtype=bool)
    found: list[Candidate] = []
    deepest = order[: DEPTHS[-1]]
    all_observed, all_expected = collisions.pairs(deepest)
    for depth in DEPTHS:
        left = np.flatnonzero(free[deepest[:depth]])
        rows, both = deepest[left], np.ix_(left, left)
        observed, expected = all_observed[both], all_expected[both]
        for _ in range(MOST_RINGS):
            best = _best(rows, observed, expected)
            if best is None:
                break
            whole = _completed(collisions, best, free, rank)
            if whole:
                found.append(whole)
                free[whole.members] = False
            left = np.flatnonzero(free[rows] & ~np.isin(rows, best.members))
            rows, both = rows[left], np.ix_(left, left)
            observed, expected = observed[both], expected[both]
        if depth >= order.size:
            break
    return tuple(sorted(merged(collisions, found, rank), key=lambda one: -one.evidence))


def evidence(observed: Floats | float, expected: Floats | float, rate: float) -> Floats:
    """Return ln of the likelihood ratio of dividing the work at this rate against independence."""
    return np.asarray((1 - rate) * np.asarray(expected) + np.log(rate) * np.asarray(observed))


def _best(rows: Members, observed: Floats, expected: Floats) -> Candidate | None:
    """Return the set with the most evidence, None if none pays its price."""
    candidates = _candidates(rows, observed, expected)
    return max(candidates, key=lambda one: one.evidence, default=None)


def _candidates(rows: Members, observed: Floats, expected: Floats) -> Iterator[Candidate]:
    """Yield sets among these accounts that pay their price, at every rate, from every ordering."""
    if rows.size < LEAST_MEMBERS:
        return
    for rate in RATES:
        pairs = evidence(observed, expected, rate)
        for ordering in _orderings(observed, expected, rate):
            start = ordering[: _best_prefix(pairs, ordering)]
            places, sum_ = _climbed(pairs, start)
            if places.size >= LEAST_MEMBERS and sum_ > 0:
                yield Candidate(np.sort(rows[places]), rate, sum_)


def _orderings(observed: Floats, expected: Floats, rate: float) -> Iterator[Members]:
    """Yield orders of the accounts in which a ring may come first."""
    yield np.arange(observed.shape[0])
    for vector in _leading(_standardised(observed, expected, rate)):
        # Rounded: the last digits depend on how many threads have added.
        yield np.argsort(-np.round(vector * np.sign(np.sum(vector**3)), 4), kind="stable")


def _standardised(observed: Floats, expected: Floats, rate: float) -> Floats:
    """Return likelihood ratios less 1, over their standard deviation under the null."""
    log = np.minimum(evidence(observed, expected, rate), np.log1p(LARGEST_RATIO**2))
    variance = np.expm1(np.minimum((1 - rate) ** 2 * expected, np.log1p(LARGEST_RATIO**2)))
    matrix = np.minimum(np.expm1(log) / np.sqrt(np.maximum(variance, 1e-3)), LARGEST_RATIO)
    np.fill_diagonal(matrix, 0.0)
    return np.asarray(matrix)


def _leading(matrix: Floats) -> Iterator[Floats]:
    """Yield the leading eigenvectors; none if they do not converge."""
    start = np.ones(matrix.shape[0])
    try:
        values, vectors = eigsh(matrix, k=VECTORS, which="LA", tol=1e-3, v0=start, rng=0)
    except ArpackError:
        return
    for column in np.argsort(-values):
        yield vectors[:, column]


def _best_prefix(pairs: Floats, order: Members) -> int:
    """Return the size of the prefix with the most evidence less its price, at least a ring's."""
    ordered = pairs[np.ix_(order, order)]
    sums = np.cumsum(np.tril(ordered, -1).sum(axis=1))
    net = sums - log_price(order.size, np.arange(1.0, order.size + 1))
    return LEAST_MEMBERS + int(np.argmax(net[LEAST_MEMBERS - 1 :]))


def _climbed(pairs: Floats, start: Members) -> tuple[Members, float]:
    """Let accounts come and go while that adds to the evidence less the price; return both."""
    best, most = start, _net(pairs, start)
    for _ in range(ROUNDS):
        gain = pairs[:, best].sum(axis=1)
        moved = np.flatnonzero(gain > np.log(len(pairs) * np.e / best.size))
        net = _net(pairs, moved) if moved.size else most
        if net <= most:
            break
        best, most = moved, net
    return best, most


def _net(pairs: Floats, members: Members) -> float:
    within = float(pairs[np.ix_(members, members)].sum()) / 2
    return within - float(log_price(len(pairs), members.size))


def _completed(
    collisions: Collisions, one: Candidate, free: Flags, rank: Members
) -> Candidate | None:
    """Let accounts join that divide the work with the members, and members leave that do not.

    Returns:
        The ring, None if what is left does not pay its price.
    """
    members = _grown(collisions, one, free)
    if members.size < LEAST_MEMBERS:
        return None
    among = float(evidence(*collisions.among(members), one.rate))
    net = among - log_price_of(rank[members], rank.size)
    return Candidate(members, one.rate, net) if net > 0 else None


def merged(collisions: Collisions, found: list[Candidate], rank: Members) -> Iterator[Candidate]:
    """Put together what was found in pieces: a large ring shows in part at each depth."""
    left = sorted(found, key=lambda one: -one.evidence)
    while left:
        whole = left.pop(0)
        for other in tuple(left):
            both = np.union1d(whole.members, other.members)
            among = float(evidence(*collisions.among(both), whole.rate))
            net = among - log_price_of(rank[both], rank.size)
            if net > whole.evidence + other.evidence:
                whole = Candidate(both, whole.rate, net)
                left.remove(other)
        yield whole


def _grown(collisions: Collisions, one: Candidate, free: Flags) -> Members:
    """Ask all free accounts, until nobody comes or goes.

    Members stay as long as they add evidence; others have to be too unusual for chance alone.
    """
    members = one.members
    for _ in range(ROUNDS):
        observed, expected = collisions.toward(members)
        stay = np.zeros(observed.size, dtype=bool)
        stay[members] = evidence(observed, expected, one.rate)[members] > 0
        asked = np.flatnonzero(stay | (free & _dividing(observed, expected, members)))
        settled = np.array_equal(asked, members)
        members = asked
        if settled or members.size < LEAST_MEMBERS:
            break
    return members


def _dividing(observed: Floats, expected: Floats, members: Members) -> Flags:
    """Say of each account whether it collides too little with the members to be independent."""
    others = np.ones(observed.size, dtype=bool)
    others[members] = False
    shape = shape_of(observed[others], expected[others])
    return np.asarray(log_tail(observed, expected, shape) < -np.log(observed.size / STRANGERS))
