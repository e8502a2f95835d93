"""Tail probabilities of what an account holds of a dump, for two kinds of variation.

*Clusters*: items come in groups of several, so the variance of the count is larger than its mean.
The count is negative binomial.

*Tastes*: an account is more or less fond of the dump as a whole. The mean is multiplied by a
lognormal factor of mean 1. Its tail is heavier than that of a gamma factor with the same variance,
and people's tastes are that wide: most factors of human behaviour are nearer to a lognormal.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.special import betainc, gammainc, gammaln, ndtr, xlog1py, xlogy

from ringfence.stats.arrays import Floats, Integers

SMALLEST_LOG: Final = -690.0
"""Logarithms of probabilities below this value count as this."""

_POISSON: Final = 1 + 1e-6
_EDGES: Final = np.concatenate([[-np.inf], np.arange(-3.0, 10.001, 0.2), [np.inf]])
"""Standard normal quantiles between which a taste counts as constant. The last interval has a
probability of 8e-24, which no p-value is below."""

_WEIGHTS: Final = np.where(
    _EDGES[1:] > 0, ndtr(-_EDGES[:-1]) - ndtr(-_EDGES[1:]), ndtr(_EDGES[1:]) - ndtr(_EDGES[:-1])
)
_AT_ONCE: Final = 5_000


def log_tails(observed: Integers, expected: Floats, dispersion: Floats) -> Floats:
    """Return ln P(at least this many) of counts with this mean and variance over mean.

    Args:
        observed: counts.
        expected: means, broadcast against the counts.
        dispersion: variances over means, at least 1, broadcast against the counts.
    """
    with np.errstate(divide="ignore"):
        return np.clip(np.log(_tails(observed, expected, dispersion)), SMALLEST_LOG, 0.0)


def log_tails_of_tastes(
    observed: Integers, expected: Floats, dispersion: Floats, spread: Floats
) -> Floats:
    """Return ln P(at least this many) if the mean varies by a lognormal factor of mean 1.

    Within a small interval of the factor, its largest value counts, so the result is at most half
    too large for counts of any size, and never too small.

    Args:
        observed: (accounts,) counts.
        expected: (accounts,) means.
        dispersion: (accounts,) variance over mean for a given factor.
        spread: (accounts,) variance of the factor.
    """
    log_p = np.empty(observed.shape)
    for start in range(0, observed.size, _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        sigma = np.sqrt(np.log1p(spread[rows]))[:, None]
        # The last factor is endless, so that every count is certain.
        with np.errstate(over="ignore"):
            factors = np.exp(sigma * _EDGES[1:-1] - sigma**2 / 2)
        tails = _tails(observed[rows, None], expected[rows, None] * factors, dispersion[rows, None])
        sums = tails @ _WEIGHTS[:-1] + _WEIGHTS[-1]
        log_p[rows] = np.where(spread[rows] > 0, np.log(sums), 0.0)
    alone = log_tails(observed, expected, dispersion)
    return np.clip(np.where(spread > 0, log_p, alone), SMALLEST_LOG, 0.0)


def _tails(observed: Integers, expected: Floats, dispersion: Floats) -> Floats:
    """Return P(at least this many): incomplete beta and gamma functions."""
    mean = np.maximum(expected, 1e-12)
    seen = np.maximum(observed, 1).astype(np.float64)
    wide = dispersion > _POISSON
    excess = np.where(wide, dispersion - 1, 1.0)
    tails = np.where(
        wide, betainc(seen, mean / excess, excess / (1 + excess)), gammainc(seen, mean)
    )
    return np.where(np.asarray(observed) > 0, tails, 1.0)


def randomised(at_least: Floats, more: Floats, seed: int = 0) -> Floats:
    """Return P(more) + U P(as many) with random U, which is uniform although counts are whole."""
    part = np.random.default_rng(seed).random(at_least.size)
    return np.asarray(more + part * (at_least - more), dtype=np.float64)


def probability(observed: Integers, expected: Floats, dispersion: Floats) -> Floats:
    """Return P(as many) of a negative binomial count."""
    excess = np.maximum(dispersion - 1, 1e-9)
    size = np.maximum(expected, 1e-12) / excess
    log_p = (
        gammaln(observed + size) - gammaln(size) - gammaln(observed + 1)
        - xlog1py(size, excess) + xlogy(observed, excess / (1 + excess))
    )  # fmt: skip
    return np.asarray(np.exp(log_p), dtype=np.float64)
