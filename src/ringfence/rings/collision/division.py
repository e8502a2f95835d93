"""The alternative hypothesis: accounts that divide the work, and the evidence for it.

Two accounts that divide the work have a share ε, the *rate*, of the collisions of independent
accounts. With Poisson counts, the likelihood ratio of a pair is exp((1 − ε) λ) ε^O. The
log-likelihood ratio of a set is the sum over its pairs.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import rel_entr

from ringfence.stats.arrays import Floats

RATES: Final = (0.05, 0.3, 0.6, 0.8)
"""Shares of the usual collisions at which rings are searched for: a clean division, and rings that
buy some, many or most of the usual collisions.

At the rate ε, a set has a positive log-likelihood ratio if its own share is below (1 − ε) / −ln ε.
For these rates, that is .32, .58, .78 and .90. The number of rates does not change the penalty,
which counts all sets of accounts."""

MIN_RATE: Final = 0.01
"""Members are assumed to have at least this share of the usual collisions."""

MAX_PAIR_LOG_RATIO: Final = float(np.log(5))
"""The log-likelihood ratio of one pair is at most this. Two people who take whole albums share an
entire album or nothing, so that zero overlap is about a 1-in-5 event."""

NEWTON_STEPS: Final = 4
"""Steps of Newton's method. Three leave a relative error of 1e-11."""


def log_likelihood_ratio(observed: Floats | float, expected: Floats | float, rate: float) -> Floats:
    """Return ln of the likelihood ratio of division at this rate against independence."""
    return np.asarray((1 - rate) * np.asarray(expected) + np.log(rate) * np.asarray(observed))


def pair_log_ratios(observed: Floats, expected: Floats, rate: float) -> Floats:
    """Return the log-likelihood ratio of each pair, at most :data:`MAX_PAIR_LOG_RATIO`."""
    pairs = log_likelihood_ratio(observed, expected, rate)
    return np.minimum(pairs, MAX_PAIR_LOG_RATIO, out=pairs)


def mean_at_log_ratio(observed: Floats, limit: float) -> Floats:
    """Return the mean at which the evidence of a pair reaches a limit.

    Of a Poisson count o with mean λ > o, the largest log-likelihood ratio over all rates is
    λ − o − o ln(λ / o), at the rate o / λ. It grows with λ. Newton's method starts at
    o + limit + √(limit² + 2 o limit), where the ratio is at least the limit. The function is
    convex, so each step stays above the solution.

    Args:
        observed: counts of collisions, any shape.
        limit: the log-likelihood ratio to reach, above 0. For counts with an index of dispersion F,
            it is F times as large.

    Returns:
        The means, at least ``observed + limit``; ``limit`` where nothing is observed.
    """
    count = np.asarray(observed, dtype=np.float64)
    mean = count + limit + np.sqrt(limit**2 + 2 * count * limit)
    for _ in range(NEWTON_STEPS):
        mean -= (mean - count + rel_entr(count, mean) - limit) / (1 - count / mean)
    return mean


def best_rate(observed: float, expected: float) -> float:
    """Return the rate at which a set has the largest log-likelihood ratio."""
    return max(RATES, key=lambda rate: float(log_likelihood_ratio(observed, expected, rate)))
