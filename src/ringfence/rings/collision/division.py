"""The alternative hypothesis: accounts that divide the work, and the evidence for it.

Two accounts that divide the work have a share ε, the *rate*, of the collisions of independent
accounts. With Poisson counts, the likelihood ratio of a pair is exp((1 − ε) λ) ε^O. The
log-likelihood ratio of a set is the sum over its pairs.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.stats.arrays import Floats

RATES: Final = (0.05, 0.3, 0.6)
"""Shares of the usual collisions at which rings are searched for: a clean division, some bought
collisions, and many of them."""

MIN_RATE: Final = 0.01
"""Members are assumed to have at least this share of the usual collisions."""

MAX_PAIR_LOG_RATIO: Final = float(np.log(5))
"""The log-likelihood ratio of one pair is at most this. Two people who take whole albums share an
entire album or nothing, so that zero overlap is about a 1-in-5 event."""


def log_likelihood_ratio(observed: Floats | float, expected: Floats | float, rate: float) -> Floats:
    """Return ln of the likelihood ratio of division at this rate against independence."""
    return np.asarray((1 - rate) * np.asarray(expected) + np.log(rate) * np.asarray(observed))


def pair_log_ratios(observed: Floats, expected: Floats, rate: float) -> Floats:
    """Return the log-likelihood ratio of each pair, at most :data:`MAX_PAIR_LOG_RATIO`."""
    pairs = log_likelihood_ratio(observed, expected, rate)
    return np.minimum(pairs, MAX_PAIR_LOG_RATIO, out=pairs)


def best_rate(observed: float, expected: float) -> float:
    """Return the rate at which a set has the largest log-likelihood ratio."""
    return max(RATES, key=lambda rate: float(log_likelihood_ratio(observed, expected, rate)))
