"""Candidate sets among some accounts: a planted dense subgraph in a matrix of likelihood ratios.

The matrix of likelihood ratios minus 1, each divided by its standard deviation under the null, has
mean 0 for independent pairs and a block of large numbers for a ring. Its leading eigenvectors point
at that block, as for planted cliques (Alon, Krivelevich and Sudakov 1998). The accounts are sorted
by an eigenvector, or by their own evidence. Two sets are taken from the first half: the prefix with
the best score, and the best remainder when the worst account is removed step by step (greedy
peeling, Charikar 2000). Starting from each set, accounts are moved in and out while the score
grows.

The search fails if a ring's accounts are few in the scope, or if no ordering puts them in its first
half.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
from scipy.linalg.blas import dsymv
from scipy.sparse.linalg import ArpackError, ArpackNoConvergence, LinearOperator, eigsh

from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.collision.division import (
    MAX_PAIR_LOG_RATIO,
    RATES,
    log_likelihood_ratio,
)
from ringfence.rings.collision.pairs import Candidate, PairCounts, entry_threshold
from ringfence.rings.collision.search_scopes import log_penalty
from ringfence.stats.arrays import Floats, Rows

MAX_CANDIDATES: Final = 3
"""Candidates returned at most. The one with the best score may have accounts that do not belong
together."""

EIGEN_TOLERANCE: Final = 1e-2
"""Relative precision of eigenvalues; every account is tested again afterwards."""

MAX_RESTARTS: Final = 12
"""Restarts of the Lanczos iteration at most. An eigenvalue that has not separated by then does not
belong to a ring that could outweigh its penalty."""

MAX_PAIR_RATIO: Final = 8.0
"""A pair's standardised likelihood ratio is cut here, so that no single pair leads an
eigenvector."""

_ROWS_OF_SUMS: Final = 256
"""Rows whose sums below the diagonal are computed at once."""

MAX_MOVES: Final = 10
"""Rounds of moving accounts at most; they change little after the first."""


def best_candidates(pairs: PairCounts, vectors: int) -> list[Candidate]:
    """Return the sets with the best positive scores, best first.

    Args:
        pairs: of the accounts to search.
        vectors: leading eigenvectors to use. With 0, accounts are sorted by the sum of their
            log-likelihood ratios.
    """
    distinct = {one.members.tobytes(): one for one in _candidates(pairs, vectors)}
    return sorted(distinct.values(), key=lambda one: -one.score)[:MAX_CANDIDATES]


def _candidates(pairs: PairCounts, vectors: int) -> Iterator[Candidate]:
    """Yield sets with a positive score, at every rate and from every ordering."""
    if pairs.rows.size < MIN_MEMBERS:
        return
    for rate in RATES:
        ratios = log_likelihood_ratio(pairs.observed, pairs.expected, rate)
        log_ratios = np.minimum(ratios, MAX_PAIR_LOG_RATIO)
        for ordering in _orderings(pairs, ratios, log_ratios, rate, vectors):
            first = ordering[: max(ordering.size // 2, MIN_MEMBERS)]
            among = log_ratios.take(first, axis=0).take(first, axis=1)
            for start in (_best_prefix(among, ordering.size), _peel(among, ordering.size)):
                places, net = _climb(log_ratios, first[start])
                if places.size >= MIN_MEMBERS and net > 0:
                    score = pairs.score(places, rate)
                    if score > 0:
                        yield Candidate(np.sort(pairs.rows[places]), rate, score)


def _orderings(
    pairs: PairCounts, ratios: Floats, log_ratios: Floats, rate: float, vectors: int
) -> Iterator[Rows]:
    """Yield orders of the accounts in which a ring may come first.

    Args:
        pairs: of the accounts.
        ratios: log-likelihood ratios of the pairs; they are overwritten.
        log_ratios: the same, limited for each pair.
        rate: the share of the usual collisions at which they were computed.
        vectors: leading eigenvectors to use.
    """
    yield np.arange(pairs.rows.size)
    if not vectors:
        yield np.argsort(-np.round(log_ratios.sum(axis=1), 4), kind="stable")
        return
    matrix = _standardise(ratios, pairs.expected, rate)
    for vector in _leading_eigenvectors(matrix, vectors):
        # Rounded, because the last digits depend on the number of threads.
        yield np.argsort(-np.round(vector * np.sign(np.sum(vector**3)), 4), kind="stable")


def _standardise(matrix: Floats, expected: Floats, rate: float) -> Floats:
    """Turn log-likelihood ratios into likelihood ratios minus 1, over their standard deviations.

    The standard deviations are those under the null. The matrix is changed in place.
    """
    largest = np.log1p(MAX_PAIR_RATIO**2)
    deviation = (1 - rate) ** 2 * expected
    # In place, because thousands of accounts have millions of pairs. exp is three times as fast as
    # expm1, whose precision near 0 is not needed.
    for log in (matrix, deviation):
        np.exp(np.minimum(log, largest, out=log), out=log)
        np.subtract(log, 1.0, out=log)
    np.sqrt(np.maximum(deviation, 1e-3, out=deviation), out=deviation)
    matrix /= deviation
    np.minimum(matrix, MAX_PAIR_RATIO, out=matrix)
    np.fill_diagonal(matrix, 0.0)
    return matrix


def _leading_eigenvectors(matrix: Floats, vectors: int) -> Iterator[Floats]:
    """Yield the leading eigenvectors that converge early, as those of a ring do.

    A product with a vector takes as long as reading the matrix, so only one triangle is read.
    """
    start = np.ones(matrix.shape[0])
    product = partial(dsymv, 1.0, matrix.T)
    operator = LinearOperator(matrix.shape, matvec=product, dtype=matrix.dtype)
    limited = partial(eigsh, tol=EIGEN_TOLERANCE, maxiter=MAX_RESTARTS, v0=start, rng=0)
    try:
        values, found = limited(operator, k=vectors, which="LA")
    except ArpackNoConvergence as partly:
        values, found = np.real(partly.eigenvalues), np.real(partly.eigenvectors)
    except ArpackError:
        return  # A matrix of zeros has none.
    for column in np.argsort(-values):
        yield found[:, column]


def _best_prefix(among: Floats, accounts: int) -> Rows:
    """Return the prefix with the best score that is large enough for a ring.

    Args:
        among: log-likelihood ratios of the pairs of ordered accounts.
        accounts: the number of accounts that are searched.
    """
    added = np.empty(len(among))
    for start in range(0, len(among), _ROWS_OF_SUMS):
        rows = among[start : start + _ROWS_OF_SUMS]
        before, own = rows[:, :start], rows[:, start : start + _ROWS_OF_SUMS]
        added[start : start + _ROWS_OF_SUMS] = before.sum(axis=1) + np.tril(own, -1).sum(axis=1)
    return np.arange(_best_size(np.cumsum(added), accounts))


def _peel(among: Floats, accounts: int) -> Rows:
    """Return the remainder with the best score as the worst account is removed step by step.

    This finds rings that divide the same items: of two accounts with the same share, one must be
    removed before the other fits. The arguments are those of :func:`_best_prefix`.
    """
    gains = among.sum(axis=1)
    total = float(gains.sum()) / 2
    order = np.empty(gains.size, np.intp)
    sums = np.empty(gains.size)
    for size in range(gains.size, 0, -1):
        sums[size - 1] = total
        worst = int(gains.argmin())
        order[size - 1], total = worst, total - float(gains[worst])
        gains -= among[worst]
        gains[worst] = np.inf
    return order[: _best_size(sums, accounts)]


def _best_size(sums: Floats, accounts: int) -> int:
    """Return the size with the best score, given the log-likelihood ratio of each size from 1."""
    net = sums - log_penalty(accounts, np.arange(1.0, sums.size + 1))
    return MIN_MEMBERS + int(np.argmax(net[MIN_MEMBERS - 1 :]))


def _climb(log_ratios: Floats, start: Rows) -> tuple[Rows, float]:
    """Move accounts in and out while the net log-likelihood ratio grows; return set and ratio."""
    best, most = start, _net(log_ratios, start)
    for _ in range(MAX_MOVES):
        gain = log_ratios[:, best].sum(axis=1)
        moved = np.flatnonzero(gain > entry_threshold(len(log_ratios), best.size))
        net = _net(log_ratios, moved) if moved.size else most
        if net <= most:
            break
        best, most = moved, net
    return best, most


def _net(log_ratios: Floats, members: Rows) -> float:
    within = float(log_ratios[np.ix_(members, members)].sum()) / 2
    return within - float(log_penalty(len(log_ratios), members.size))
