"""Overdispersion: how much more counts vary than Poisson counts with the same means.

The functions estimate the dispersion parameter k of a negative binomial distribution (variance
Λ + Λ² / k) from groups whose counts and means are known. All estimates err toward small k, which
makes p-values larger: a mean square is raised by :data:`STANDARD_ERRORS` of its standard errors.
They fail if all groups are affected by the same cause, because a common factor is not seen.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc

from ringfence.stats.arrays import Floats

MAX_K: Final = 1e6
"""Above this dispersion parameter the distribution is Poisson for all counts that occur."""

MIN_K: Final = 0.1
"""The dispersion parameter where nothing was measured: hardly any count is then unusual."""

STANDARD_ERRORS: Final = 2.0
"""Standard errors by which an estimated mean is raised."""


def upper_mean(values: Floats, independent: float = np.inf) -> float:
    """Return the mean, raised by :data:`STANDARD_ERRORS` of its standard errors; 0 of no values.

    Args:
        values: one per group.
        independent: the largest number of values that can be independent of each other.
    """
    if not values.size:
        return 0.0
    error = np.std(values) / np.sqrt(min(values.size, max(independent, 1.0)))
    return float(np.mean(values) + STANDARD_ERRORS * error)


def two_sided_k(observed: Floats, expected: Floats, independent: float = np.inf) -> float:
    """Estimate k from deviations on both sides, or from deficits alone if those are larger.

    Groups that share more than expected are as much a sign of unknown tastes as groups that share
    less. Students of one course share its reading list, and fewer items with others. Use this
    estimate to ask every account whether it joins a ring.

    Args:
        observed: (groups,) count of each group.
        expected: (groups,) mean of each group under independence.
        independent: the largest number of groups that have no pair of accounts in common. Of n
            accounts, (n / m)² groups of m have different pairs.
    """
    excess = (observed - expected) ** 2 - expected
    variance = max(
        upper_mean(excess, independent),
        upper_mean(_deficit_excess(observed, expected), independent),
    )
    squares = float(np.mean(expected**2)) if expected.size else 0.0
    if not squares:
        return MIN_K
    return 1 / float(np.clip(variance / squares, 1 / MAX_K, 1 / MIN_K))


def lower_tail_k(observed: Floats, expected: Floats, independent: float = np.inf) -> float:
    """Estimate k from the groups that share less than expected.

    Large counts say nothing about how small other counts may be. Clusters of items are counted
    apart, by the index of dispersion. A wide distribution is skewed, so that less than half of its
    variance lies below the mean; k is solved for with the partial moments of the gamma factor.

    Args:
        observed: (groups,) count of each group.
        expected: (groups,) mean of each group under independence.
        independent: as in :func:`two_sided_k`.
    """
    excess = upper_mean(_deficit_excess(observed, expected), independent) / 2
    share = excess / float(np.mean(expected**2)) if np.any(expected) else np.inf
    if share >= _lower_partial_moment(MIN_K):
        return MIN_K
    if share <= _lower_partial_moment(MAX_K):
        return MAX_K
    return float(brentq(lambda k: _lower_partial_moment(k) - share, MIN_K, MAX_K))


def _lower_partial_moment(k: float) -> float:
    """Return E[(1 − G)₊²] of a gamma-distributed factor G with mean 1 and shape k.

    Where G is nearly symmetric, this is half of its variance 1 / k.
    """
    first, second, third = gammainc(k + np.arange(3.0), k)
    return float(first - 2 * second + (1 + 1 / k) * third)


def _deficit_excess(observed: Floats, expected: Floats) -> Floats:
    """Return the variance beyond Poisson that each group's deficit shows; a Poisson mean is 0."""
    return np.asarray(2 * np.maximum(expected - observed, 0) ** 2 - expected)
