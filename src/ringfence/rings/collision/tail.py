"""How rare so few collisions are: the lower tail of their law.

Collisions of independent accounts are nearly Poisson. What is not left to chance, tastes finer than
the strata, makes whole accounts collide a little more or less than expected; a gamma-distributed
factor of mean 1 and shape k on the expectation Λ gives the negative binomial law with variance
Λ + Λ² / k. It is measured on groups of accounts drawn at random (:func:`lower_shape_of`).
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import gammainc
from scipy.stats import nbinom

from ringfence.stats.arrays import Floats

LARGEST_SHAPE: Final = 1e6
"""Above it the law is Poisson for all sums that occur."""

LEAST_SHAPE: Final = 0.1
"""Below it, and where nothing was measured, hardly any number of collisions is unusual."""

SMALLEST_LOG: Final = -600.0
"""Tails are computed exactly above it."""

ERRORS: Final = 2.0
"""Standard errors that the measured excess of variance is raised by: to the safe side."""


def log_tail(observed: Floats | float, expected: Floats | float, shape: Floats | float) -> Floats:
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


def log_p_value(observed: float, expected: float, shape: float, bunching: float = 1.0) -> float:
    """Return ln P(O ≤ observed): exactly as far as floats reach, from there on its upper bound.

    Where collisions come in bunches, bunches are counted: observed and expected over their
    variance-to-mean ratio, as quasi-likelihood does (McCullagh and Nelder 1989, chapter 9). Of
    bunches of one size and a law without shape this is exact; of several sizes, no bunch at all is
    rarer than it says.
    """
    # A part of a bunch is one; rounded, for what is divided comes back a hair larger.
    seen, mean = float(np.ceil(round(observed / bunching, 9))), expected / bunching
    exact = float(nbinom.logcdf(seen, shape, shape / (shape + mean)))
    return exact if exact > SMALLEST_LOG else float(log_tail(seen, mean, shape))


def shape_of(observed: Floats, expected: Floats, independent: float = np.inf) -> float:
    """Return the shape k that groups of independent accounts show, one value a group.

    The variance beyond Poisson's is measured on the lower side, E[(Λ − O)₊²] = (Λ + Λ² / k) / 2 for
    a symmetric law, and on both sides; the larger counts. Groups that hold more than is expected
    (a course and its reading list, friends, fans) are as much a sign of tastes that strata do not
    know as groups that hold less: who is not in the same course meets less often. For asking all
    accounts whether they join a ring, one value an account, the wider law is the safe one.

    Args:
        observed: (groups,) O of each group, or of each account toward one group.
        expected: (groups,) Λ of the same.
        independent: groups at most that have different pairs of accounts, where they overlap: of n
            accounts, groups of m have (n / m)² times different pairs.
    """
    excess = (observed - expected) ** 2 - expected
    variance = max(raised(excess, independent), raised(_lower(observed, expected), independent))
    return _shape(variance, expected)


def lower_shape_of(observed: Floats, expected: Floats, independent: float = np.inf) -> float:
    """Return the shape by the lower side alone; everything else is as in :func:`shape_of`.

    Wide laws are skewed: less than half of their variance is below the mean.

    What is in common with few, far more than expected, says nothing of how little others may have
    in common: the groups without those do, and bunches are counted apart
    (:func:`~ringfence.rings.collision.matched_controls.bunching`).
    """
    excess = raised(_lower(observed, expected), independent) / 2
    share = excess / float(np.mean(expected**2)) if np.any(expected) else np.inf
    if share >= _missing(LEAST_SHAPE):
        return LEAST_SHAPE
    if share <= _missing(LARGEST_SHAPE):
        return LARGEST_SHAPE
    return float(brentq(lambda shape: _missing(shape) - share, LEAST_SHAPE, LARGEST_SHAPE))


def _missing(shape: float) -> float:
    """Return E[(1 − G)₊²] of a gamma-distributed factor G of mean 1 and this shape.

    From the partial moments of that law; half of its variance 1 / k where it is symmetric.
    """
    first, second, third = gammainc(shape + np.arange(3.0), shape)
    return float(first - 2 * second + (1 + 1 / shape) * third)


def _lower(observed: Floats, expected: Floats) -> Floats:
    return np.asarray(2 * np.maximum(expected - observed, 0) ** 2 - expected)


def _shape(variance: float, expected: Floats) -> float:
    """Return the shape of a law with so much variance beyond Poisson's."""
    squares = float(np.mean(expected**2)) if expected.size else 0.0
    if not squares:
        return LEAST_SHAPE
    return 1 / float(np.clip(variance / squares, 1 / LARGEST_SHAPE, 1 / LEAST_SHAPE))


def raised(values: Floats, independent: float = np.inf) -> float:
    """Return the mean, raised by the standard errors that it is uncertain by."""
    if not values.size:
        return 0.0
    error = np.std(values) / np.sqrt(min(values.size, max(independent, 1.0)))
    return float(np.mean(values) + ERRORS * error)
