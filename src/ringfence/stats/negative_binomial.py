"""Lower tails of the negative binomial distribution: how rare a low count is.

A count of independent events with mean Λ is Poisson. If the mean itself varies between groups by a
gamma-distributed factor of mean 1 and shape k, the count is negative binomial with variance
Λ + Λ² / k. The parameter k is called the dispersion parameter; a small k is a wide distribution.

The functions fail where counts come in clusters, such as whole albums: then a low count is less
rare than they say. :func:`log_lower_tail` takes an index of dispersion for that case.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import betainc, gammaln, xlog1py

from ringfence.stats.arrays import Floats

MIN_EXACT_LOG: Final = -600.0
"""Logarithms of tail probabilities above this value are computed exactly."""


def log_lower_tail_bound(
    observed: Floats | float, expected: Floats | float, k: Floats | float
) -> Floats:
    """Return an upper bound of ln P(O ≤ observed) for each mean and dispersion parameter.

    Below the mean, probabilities fall at least as fast as the ratio ρ of the last two terms. Their
    sum is therefore at most P(O = observed) / (1 − ρ). At the mean and
    above it, the bound is 0: such counts are not evidence.

    Args:
        observed: counts, scalar or array.
        expected: means under the null hypothesis, broadcast against ``observed``.
        k: dispersion parameters, broadcast against ``observed``.
    """
    seen = np.asarray(observed, dtype=np.float64)
    mean = np.maximum(np.asarray(expected, dtype=np.float64), np.finfo(np.float64).tiny)
    ratio = seen * (k + mean) / (np.maximum(seen - 1 + k, k) * mean)
    # seen - 1 + k is below k only for a count of 0, where the ratio is 0 anyway.
    below = (seen < mean) & (ratio < 1)
    last = log_probability(np.floor(seen), mean, k)
    bound = np.minimum(last - np.log1p(-np.where(below, ratio, 0.0)), 0.0)
    return np.where(below, bound, 0.0)


def log_lower_tail(
    observed: float, expected: float, k: float, index_of_dispersion: float = 1.0
) -> float:
    """Return ln P(O ≤ observed), exact above :data:`MIN_EXACT_LOG` and an upper bound below it.

    Overdispersed counts are divided by their variance-to-mean ratio, as in quasi-likelihood
    (McCullagh and Nelder 1989, chapter 9). This is exact if all clusters have one size and k is
    infinite. With clusters of several sizes, a count of 0 is rarer than the result says.

    Args:
        observed: the count.
        expected: its mean under the null hypothesis.
        k: the dispersion parameter.
        index_of_dispersion: variance over mean of the counts within one group, at least 1.
    """
    # A part of a cluster counts as one. Rounding removes the error of the division.
    seen = float(np.ceil(round(observed / index_of_dispersion, 9)))
    mean = expected / index_of_dispersion
    exact = _log_at_most(seen, mean, k)
    return exact if exact > MIN_EXACT_LOG else float(log_lower_tail_bound(seen, mean, k))


def log_probability(observed: Floats, expected: Floats, k: Floats | float) -> Floats:
    """Return ln P(O = observed) for each mean and dispersion parameter; counts are whole."""
    chance = k / (k + expected)
    ways = gammaln(k + observed) - gammaln(observed + 1) - gammaln(k)
    return np.asarray(ways + k * np.log(chance) + xlog1py(observed, -chance))


def _log_at_most(seen: float, mean: float, k: float) -> float:
    """Return ln P(O ≤ seen); the smaller of the two tails is computed, for its accuracy."""
    chance = k / (k + mean)
    tail = float(betainc(k, seen + 1, chance))
    if tail > 0.5:
        return float(np.log1p(-betainc(seen + 1, k, 1 - chance)))
    return float(np.log(tail)) if tail > 0 else -np.inf
