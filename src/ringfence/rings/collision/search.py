"""The search for rings: sets of accounts with far fewer collisions than expected.

If two accounts divide the work, they collide at a share ε of the rate of independent ones. With
Poisson counts the likelihood ratio of a pair is exp((1 − ε) λ) ε^O, and a ring is a set with a
large sum of its logarithms over all pairs: the *evidence* of the set. Finding the set with the most
is a dense-subgraph problem with a planted solution, approached as such:

* accounts come in an order of weak evidence of their own, and the first dozens to thousands
  are looked at together: single accounts of a ring are odd, if only a little;
* the matrix of likelihood ratios less 1, each divided by its standard deviation under the null, has
  mean 0 for independent pairs and a block of large numbers for a ring; its leading eigenvectors
  point at that block (as in Alon, Krivelevich and Sudakov 1998 for planted cliques);
* of the first half of the accounts in the order of an eigenvector, or of their own evidence, some
  prefix has the most evidence, less the price of the search, and so has what is left at some point
  when the worst leave one by one; from both on accounts come and go as long as that adds to it,
  and what is left is a candidate;
* every account is asked whether it divides the work with the best candidate's members, and every
  member too (:mod:`ringfence.rings.collision.membership`);
* that ring is taken out, and the search goes on until nothing pays its price;
* the same among more accounts, where rings found before may get more members;
* then accounts that hold about as much are looked at, set by set, and linked accounts, in the order
  of their sums of evidence;
* rings that have more evidence together than apart are one.

All counts enter through sums over pairs, so names and order of accounts and items do not matter.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import takewhile
from typing import Final, Self

import numpy as np
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, eigsh

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.membership import LEAST_MEMBERS, belonging, evidence
from ringfence.rings.collision.pools import Pools, log_price
from ringfence.stats.arrays import Flags, Floats, Rows

RATES: Final = (0.05, 0.3, 0.6)
"""Shares ε of the usual collisions that rings are looked for at: dividing cleanly, with bought
collisions, with many of them."""

VECTORS: Final = 4
"""Leading eigenvectors looked at."""

TRIED: Final = 3
"""Sets that are tried before a pool is given up: the one with the most evidence may be of accounts
that do not belong together."""

ROUGH: Final = 1e-2
"""Relative precision of eigenvalues: what follows asks every account again."""

RESTARTS: Final = 12
"""Of the Lanczos iteration, at most. An eigenvalue that has not come out of the bulk by then is no
ring's that could pay its price."""

A_PAIR: Final = float(np.log(5))
"""Evidence that one pair can give at most: who takes runs of items (albums, series) has a whole run
in common with another or nothing, and nothing is then no rarer than one pair in five or so."""

LARGEST_RATIO: Final = 8.0
"""Where a pair's likelihood ratio is cut off, so that single pairs do not lead the eigenvectors."""

ROUNDS: Final = 10
"""Rounds of coming and going at most; they change little after the first."""

MOST_RINGS: Final = 50
"""Rings looked for at each depth at most."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A set of accounts, with how much of its evidence is left when its price is paid.

    Attributes:
        members: rows of the accounts, ascending.
        rate: the share ε of usual collisions at which it has the most evidence.
        evidence: ln of the likelihood ratio over all pairs, less the price.
    """

    members: Rows = field(repr=False)
    rate: float
    evidence: float


def search(
    collisions: Collisions, pools: Pools, wanted: Callable[[], bool] = lambda: True
) -> tuple[Candidate, ...]:
    """Find disjoint sets that have far fewer collisions than expected, most evidence first.

    Args:
        collisions: at one level of strata.
        pools: where to look; all accounts are only asked whether they belong to what was found.
        wanted: asked before each pool; once it says no, no more are looked at.
    """

    def while_wanted(some: Iterable[Rows]) -> Iterator[Rows]:
        return takewhile(lambda _: wanted(), some)

    free = np.ones(pools.rank.size, dtype=bool)
    found: list[Candidate] = []
    deepest = Pairs.of(collisions, tuple(pools.depths())[-1])
    for rows in while_wanted(pools.depths()):
        found = [
            _extended(collisions, one, deepest.dividing_with(one, rows.size, free), free, pools)
            for one in found
        ]
        here = deepest.at(np.flatnonzero(free[rows]))
        found += _in_pool(collisions, here, free, pools, VECTORS)
    for rows in while_wanted(pools.alike()):
        here = Pairs.of(collisions, rows[free[rows]])
        found += _in_pool(collisions, here, free, pools, VECTORS)
    for rows in while_wanted(pools.linked()):
        here = Pairs.of(collisions, rows[free[rows]])
        found += _in_pool(collisions, here, free, pools, 0)
    return tuple(sorted(merged(collisions, found, pools), key=lambda one: -one.evidence))


@dataclass(frozen=True)
class Pairs:
    """Collisions of each pair of some accounts.

    Attributes:
        rows: of the accounts.
        observed: (rows, rows) collisions.
        expected: the same of independent accounts.
        items: (rows,) that each holds.
        hub: (rows,) whether it holds nearly everything of some kind.
    """

    rows: Rows = field(repr=False)
    observed: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    items: Floats = field(repr=False)
    hub: Flags = field(repr=False)

    @classmethod
    def of(cls, collisions: Collisions, rows: Rows) -> Self:
        """Count those of some accounts."""
        hub = np.isin(rows, collisions.hubs)
        return cls(rows, *collisions.pairs(rows), collisions.items[rows], hub)

    def at(self, places: Rows) -> Pairs:
        """Return those of some of the accounts."""
        both = np.ix_(places, places)
        return Pairs(
            self.rows[places],
            self.observed[both],
            self.expected[both],
            self.items[places],
            self.hub[places],
        )

    def evidence(self, places: Rows, rate: float) -> float:
        """Return that of a set, counted in bunches, less its price."""
        among = np.ix_(places, places)
        observed, expected = self.observed[among].sum() / 2, self.expected[among].sum() / 2
        price = float(log_price(self.rows.size, places.size))
        return float(evidence(observed, expected, rate)) / self.bunching(places) - price

    def dividing_with(self, ring: Candidate, depth: int, free: Flags) -> Rows:
        """Return free rows among the first so many that would have been found with a ring there.

        In the order of what each adds, as many as add most together.
        """
        inside = np.isin(self.rows[:depth], ring.members)
        ours, others = np.flatnonzero(inside), np.flatnonzero(free[self.rows[:depth]] & ~inside)
        if not ours.size:
            return ours
        entrance = _entrance(depth, ours.size)
        gain = self._each(others, ours, ring.rate).sum(axis=1) - entrance
        best = np.argsort(-np.round(gain, 4), kind="stable")[: np.count_nonzero(gain > 0)]
        joining = others[best]
        among = np.tril(self._each(joining, joining, ring.rate), -1).sum(axis=1)
        sums = np.cumsum(gain[best] + among)
        rows: Rows = self.rows[joining[: int(np.argmax(sums)) + 1]] if best.size else best
        return rows

    def _each(self, these: Rows, those: Rows, rate: float) -> Floats:
        both = np.ix_(these, those)
        return _each(self.observed[both], self.expected[both], rate)

    def bunching(self, places: Rows) -> float:
        """Return the variance over the mean of some accounts' collisions with others, at least 1.

        An account and a copy of it, half of which it holds, say nothing of independent ones.
        """
        others = np.setdiff1d(np.flatnonzero(~self.hub), places)
        observed, expected = (
            each[np.ix_(places, others)] for each in (self.observed, self.expected)
        )
        fewer = np.minimum.outer(self.items[places], self.items[others])
        squares = np.where(2 * observed < fewer, observed - expected, 0.0) ** 2
        return max(float(squares.sum()) / max(float(expected.sum()), 1.0), 1.0)


def _in_pool(
    collisions: Collisions, here: Pairs, free: Flags, pools: Pools, vectors: int
) -> Iterator[Candidate]:
    """Yield rings of free accounts, most evidence first; their members are free no more."""
    for _ in range(MOST_RINGS):
        best = _best(here, vectors)
        if not best:
            break
        tried = (_completed(collisions, one, free, pools) for one in best)
        whole = next((one for one in tried if one), None)
        if whole:
            free[whole.members] = False
            yield whole
        here = here.at(np.flatnonzero(free[here.rows] & ~np.isin(here.rows, best[0].members)))


def _extended(
    collisions: Collisions, ring: Candidate, more: Rows, free: Flags, pools: Pools
) -> Candidate:
    """Let more accounts join; return the ring as it was if that adds nothing."""
    if not more.size:
        return ring
    wider = replace(ring, members=np.union1d(ring.members, more))
    whole = _completed(collisions, wider, free, pools)
    if not whole or whole.evidence <= ring.evidence:
        return ring
    free[ring.members] = True
    free[whole.members] = False
    return whole


def _each(observed: Floats, expected: Floats, rate: float) -> Floats:
    """Return the evidence of each pair, as much as one can give."""
    pairs = evidence(observed, expected, rate)
    return np.minimum(pairs, A_PAIR, out=pairs)


def _entrance(among: int, members: int) -> float:
    """Return the evidence that one more member has to bring, among so many accounts."""
    return float(np.log(among * np.e / members))


def _best(here: Pairs, vectors: int) -> list[Candidate]:
    """Return the sets with the most evidence that pay their price, the most first."""
    distinct = {one.members.tobytes(): one for one in _candidates(here, vectors)}
    return sorted(distinct.values(), key=lambda one: -one.evidence)[:TRIED]


def _candidates(here: Pairs, vectors: int) -> Iterator[Candidate]:
    """Yield sets among these accounts that pay their price, at every rate, from every ordering."""
    if here.rows.size < LEAST_MEMBERS:
        return
    for rate in RATES:
        pairs = _each(here.observed, here.expected, rate)
        for ordering in _orderings(here, pairs, rate, vectors):
            first = ordering[: max(ordering.size // 2, LEAST_MEMBERS)]
            for start in (first[: _best_prefix(pairs, first)], _peeled(pairs, first)):
                places, net = _climbed(pairs, start)
                if places.size >= LEAST_MEMBERS and net > 0:
                    net = here.evidence(places, rate)
                    if net > 0:
                        yield Candidate(np.sort(here.rows[places]), rate, net)


def _orderings(here: Pairs, pairs: Floats, rate: float, vectors: int) -> Iterator[Rows]:
    """Yield orders of the accounts in which a ring may come first."""
    yield np.arange(here.rows.size)
    if not vectors:
        yield np.argsort(-np.round(pairs.sum(axis=1), 4), kind="stable")
    else:
        matrix = _standardised(here.observed, here.expected, rate)
        for vector in _leading(matrix, vectors):
            # Rounded: the last digits depend on how many threads have added.
            yield np.argsort(-np.round(vector * np.sign(np.sum(vector**3)), 4), kind="stable")


def _standardised(observed: Floats, expected: Floats, rate: float) -> Floats:
    """Return likelihood ratios less 1, over their standard deviation under the null."""
    largest = np.log1p(LARGEST_RATIO**2)
    matrix = evidence(observed, expected, rate)
    deviation = (1 - rate) ** 2 * expected
    # In place, for thousands of accounts have millions of pairs; and exp is three times as fast as
    # expm1, whose digits near nought nothing here needs: eigenvectors are rough.
    for log in (matrix, deviation):
        np.exp(np.minimum(log, largest, out=log), out=log)
        np.subtract(log, 1.0, out=log)
    np.sqrt(np.maximum(deviation, 1e-3, out=deviation), out=deviation)
    matrix /= deviation
    np.minimum(matrix, LARGEST_RATIO, out=matrix)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _leading(matrix: Floats, vectors: int) -> Iterator[Floats]:
    """Yield the leading eigenvectors, those that soon stand out: a ring's do."""
    start = np.ones(matrix.shape[0])
    limited = partial(eigsh, tol=ROUGH, maxiter=RESTARTS, v0=start, rng=0)
    try:
        values, found = limited(matrix, k=vectors, which="LA")
    except ArpackNoConvergence as soon:
        values, found = np.real(soon.eigenvalues), np.real(soon.eigenvectors)
    except ArpackError:
        return  # A matrix of zeros has none.
    for column in np.argsort(-values):
        yield found[:, column]


def _best_prefix(pairs: Floats, first: Rows) -> int:
    """Return the size of the prefix with the most evidence less its price, at least a ring's."""
    ordered = pairs[np.ix_(first, first)]
    sums = np.cumsum(np.tril(ordered, -1).sum(axis=1))
    net = sums - log_price(len(pairs), np.arange(1.0, first.size + 1))
    return LEAST_MEMBERS + int(np.argmax(net[LEAST_MEMBERS - 1 :]))


def _peeled(pairs: Floats, first: Rows) -> Rows:
    """Return what is left where the evidence less its price is most, as the worst leave one by one.

    Greedy peeling (Charikar 2000), for rings that take the same slices: of two accounts with the
    same slice, one has to go before it is seen that the other fits.
    """
    among = pairs[np.ix_(first, first)]
    gains = among.sum(axis=1)
    total = float(gains.sum()) / 2
    order = np.empty(first.size, np.intp)
    sums = np.empty(first.size)
    for size in range(first.size, 0, -1):
        sums[size - 1] = total
        worst = int(gains.argmin())
        order[size - 1], total = worst, total - float(gains[worst])
        gains -= among[worst]
        gains[worst] = np.inf
    net = sums - log_price(len(pairs), np.arange(1.0, first.size + 1))
    best = LEAST_MEMBERS + int(np.argmax(net[LEAST_MEMBERS - 1 :]))
    return first[order[:best]]


def _climbed(pairs: Floats, start: Rows) -> tuple[Rows, float]:
    """Let accounts come and go while that adds to the evidence less the price; return both."""
    best, most = start, _net(pairs, start)
    for _ in range(ROUNDS):
        gain = pairs[:, best].sum(axis=1)
        moved = np.flatnonzero(gain > _entrance(len(pairs), best.size))
        net = _net(pairs, moved) if moved.size else most
        if net <= most:
            break
        best, most = moved, net
    return best, most


def _net(pairs: Floats, members: Rows) -> float:
    within = float(pairs[np.ix_(members, members)].sum()) / 2
    return within - float(log_price(len(pairs), members.size))


def _completed(
    collisions: Collisions, one: Candidate, free: Flags, pools: Pools
) -> Candidate | None:
    """Let accounts join and leave; return the ring, None if what is left does not pay its price."""
    members = belonging(collisions, one.members, one.rate, free, pools)
    if members.size < LEAST_MEMBERS:
        return None
    whole = weighed(collisions, members, pools)
    return whole if whole.evidence > 0 else None


def weighed(collisions: Collisions, members: Rows, pools: Pools) -> Candidate:
    """Return a set with its evidence less its price, at the rate at which it has the most."""
    among = collisions.among(members)
    best = max(RATES, key=lambda rate: float(evidence(*among, rate)))
    net = float(evidence(*among, best)) - pools.log_price(members)
    return Candidate(members, best, net)


def merged(collisions: Collisions, found: Sequence[Candidate], pools: Pools) -> Iterator[Candidate]:
    """Put together what was found in pieces: a large ring shows in part at each depth.

    Who was a stranger in one piece does not belong to the whole, and leaves.
    """
    nobody = np.zeros(pools.rank.size, dtype=bool)
    left = sorted(found, key=lambda one: -one.evidence)
    while left:
        first = whole = left.pop(0)
        for other in tuple(left):
            union = weighed(collisions, np.union1d(whole.members, other.members), pools)
            if union.evidence > whole.evidence + other.evidence:
                whole = union
                left.remove(other)
        asked = None if whole is first else _completed(collisions, whole, nobody, pools)
        yield asked or whole
