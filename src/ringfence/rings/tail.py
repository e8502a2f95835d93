"""How rare so few collisions are: the lower tail of their law, and the price of having searched.

Collisions of independent accounts are nearly Poisson. What is not left to chance, tastes finer than
the strata, makes whole accounts collide a little more or less than expected; a gamma-distributed
factor of mean 1 and shape k on the expectation Λ gives the negative binomial law with variance
Λ + Λ² / k. :func:`shape_of` measures k on groups of accounts drawn at random.

A ring is not given but searched for, among all sets of accounts. Whatever the search does, the
chance that any set of m of N independent accounts has so low a p-value is at most C(N, m) times it
(Bonferroni); N sizes are tried, and so the price in logarithms is ln C(N, m) + ln N. It grows with
the members, evidence with their pairs: rings of dozens can afford it. Where accounts come in an
order that does not depend on their collisions (their own evidence), sets within the first D of them
are fewer, C(D, m), and cost less.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import gammaln
from scipy.stats import nbinom

from ringfence.rings.collisions import Floats, Members

LARGEST_SHAPE: Final = 1e6
"""Above it the law is Poisson for all sums that occur."""

LEAST_SHAPE: Final = 0.1
"""Below it, and where nothing was measured, hardly any number of collisions is unusual."""

ERRORS: Final = 2.0
"""Standard errors that the measured excess of variance is raised by: to the safe side."""


def log_tail(observed: Floats | float, expected: Floats | float, shape: float) -> Floats:
    """Return an upper bound of ln P(O ≤ observed) for the law with these means and this shape.

    Below the mean, probabilities fall at least as fast as the ratio ρ of the first two, so that
    their sum is at most P(O = observed) / (1 − ρ). It is 0 (no evidence) at the mean and above it.
    """
    seen = np.asarray(observed, dtype=np.float64)
    mean = np.maximum(np.asarray(expected, dtype=np.float64), np.finfo(np.float64).tiny)
    ratio = seen * (shape + mean) / (np.maximum(seen - 1 + shape, shape) * mean)
    # k - 1 + shape is below shape only for k = 0, where the ratio is 0 anyway.
    below = (seen < mean) & (ratio < 1)
    first = nbinom.logpmf(np.floor(seen), shape, shape / (shape + mean))
    bound = np.minimum(first - np.log1p(-np.where(below, ratio, 0.0)), 0.0)
    return np.where(below, bound, 0.0)


DEPTHS: Final = (250, 1_000, 4_000)
"""So many accounts are first looked at together, and priced together; then all."""


def log_price(among: int, members: Floats | int) -> Floats:
    """Return ln of how many sets of so many members there are, times sizes and depths tried."""
    m = np.asarray(members, dtype=np.float64)
    tried = np.log(among) + np.log(len(DEPTHS) + 1)
    return np.asarray(_log_choose(among, m) + tried, dtype=np.float64)


def log_price_of(ranks: Floats | Members, accounts: int) -> float:
    """Return the price of a set by its members' places in the order of evidence of their own.

    At the depth at which it costs least: so many members within it, the others from all accounts.

    Args:
        ranks: (members,) places, from 0.
        accounts: how many there are.
    """
    prices = []
    for depth in (*(d for d in DEPTHS if d < accounts), accounts):
        inside = int(np.sum(ranks < depth))
        outside = _log_choose(accounts - depth, np.float64(len(ranks) - inside))
        strangers = np.log(accounts) if inside < len(ranks) else 0.0
        prices.append(float(log_price(depth, inside) + outside + strangers))
    return min(prices)


def _log_choose(of: int, chosen: Floats | np.float64) -> Floats:
    return np.asarray(gammaln(of + 1) - gammaln(chosen + 1) - gammaln(of - chosen + 1))


def shape_of(observed: Floats, expected: Floats) -> float:
    """Return the shape k that groups of independent accounts show, one value a group.

    The variance beyond Poisson's is measured on the lower side, E[(Λ − O)₊²] = (Λ + Λ² / k) / 2 for
    a symmetric law, and on both sides; the larger counts. Groups that hold more than is expected
    (a course and its reading list, friends, fans) are as much a sign of tastes that strata do not
    know as groups that hold less: who is not in the same course meets less often.
    """
    if not expected.size or not np.mean(expected**2):
        return LEAST_SHAPE
    excess = (observed - expected) ** 2 - expected
    lower = 2 * np.maximum(expected - observed, 0) ** 2 - expected
    variance = max(_raised(excess), _raised(lower)) / float(np.mean(expected**2))
    return 1 / float(np.clip(variance, 1 / LARGEST_SHAPE, 1 / LEAST_SHAPE))


def _raised(values: Floats) -> float:
    """Return the mean, raised by the standard errors that it is uncertain by."""
    return float(np.mean(values)) + ERRORS * float(np.std(values)) / float(np.sqrt(values.size))
