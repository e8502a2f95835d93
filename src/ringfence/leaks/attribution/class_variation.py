"""Measure how much the accounts of one class vary, which expect about as many items of a dump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtr

from ringfence.leaks.attribution.usual import SPREADS
from ringfence.stats.arrays import Floats, Integers
from ringfence.stats.overdispersion import STANDARD_ERRORS, upper_mean

SMALLEST_SPREAD: Final = 0.01
"""The smallest spread of tastes: an account differs by a tenth from what popularity says. An
assumption, which protects the heaviest accounts where lighter ones cannot show as much."""

_SYMMETRIC_OCTAVE: Final = 2
"""From four expected items on, deficits are as large as surpluses if there are no tastes."""

_FEWEST_DEFICITS: Final = 10
"""Accounts of a class whose deficits are measured."""

_FEWEST_MISSED: Final = 10.0
"""Expected items from which an account that has none is not one by chance (p = 5e-5)."""

_SHARE_OF_DIVIDERS: Final = 0.1
"""An account of heavy ones that holds a smaller share of the items it expects takes items that
others do not have. A lognormal taste with a variance of 1 is below this in 1 of 100 accounts."""

_MOST_DIVIDERS: Final = 0.25
"""If more of the heavy accounts hold hardly anything of a dump, their tastes are as wide as that.
Only those count that expect enough to show it."""

_WELL_MEASURED: Final = 0.05
"""Variance of an account's observed share, from which more items hardly tell more about tastes."""


@dataclass(frozen=True)
class Counts:
    """The items of the dump that some accounts hold: arrays of one length."""

    observed: Integers
    expected: Floats
    variance: Floats


@dataclass(frozen=True)
class ClassVariation:
    """The variation of a class, and the share of the expected items that it holds."""

    factor: float
    spread: float
    level: float


def measured_class(
    everyone: Counts, usual: Counts, lighter: ClassVariation | None
) -> ClassVariation:
    """Return the variation of a class.

    Args:
        everyone: its accounts.
        usual: those that are not left out.
        lighter: the class before, if this one may be of sources alone.
    """
    if lighter is None:
        level = _level(usual)
        spread = _spread(usual, level)
    else:
        level, spread = lighter.level, lighter.spread
        # Members of a ring hold nothing of a dump of another member, whatever their tastes.
        if np.median(everyone.observed / everyone.expected) < level / 2:
            level = _level(usual)
    deficits = everyone if lighter is None else _without_dividers(everyone, level)
    spread = max(spread, _spread_of_deficits(deficits, level), SMALLEST_SPREAD)
    return ClassVariation(_factor(usual), spread, level)


def _without_dividers(counts: Counts, level: float) -> Counts:
    """Leave out accounts that hold hardly anything of the dump, if few of their size are like that.

    They are members of a ring, each of which takes what the others do not. Tastes hardly make an
    account hold a tenth of what its size expects.
    """
    mean = counts.expected * level
    shows = mean >= _FEWEST_MISSED
    divider = shows & (counts.observed < _SHARE_OF_DIVIDERS * mean)
    if divider.sum() > _MOST_DIVIDERS * shows.sum():
        return counts
    rows = np.flatnonzero(~divider)
    return Counts(counts.observed[rows], counts.expected[rows], counts.variance[rows])


def _factor(counts: Counts) -> float:
    """Return the mean square deviation over the variance, raised by its standard errors."""
    if not counts.observed.size:
        return 1.0
    squares = (counts.observed - counts.expected) ** 2
    return max(1.0, upper_mean(squares) / float(np.mean(counts.variance)))


def _level(counts: Counts) -> float:
    """Return the share of the expected items that a class holds, at most 1.

    Expectations err in favour of accounts, so it is often less. Tastes vary about it.
    """
    if not counts.observed.any():
        return 1.0
    return min(1.0, float(counts.observed.sum()) / float(counts.expected.sum()))


def _spread(counts: Counts, level: float) -> float:
    """Return the variance of tastes that explains all deviations, raised by its standard error."""
    if not counts.observed.size:
        return 0.0
    mean = counts.expected * level
    noise = counts.variance * level / mean**2
    shown = (counts.observed / mean - 1) ** 2 - noise
    # The variance of the square of a count's deviation, if there are no tastes.
    known = 2 * noise**2 + noise / mean**2
    return max(0.0, _upper_weighted(shown, known, noise, 1.0))


def _spread_of_deficits(counts: Counts, level: float) -> float:
    """Return the spread of lognormal tastes that explains the deficits of a class."""
    rows = np.flatnonzero(counts.expected * level >= 2.0**_SYMMETRIC_OCTAVE)
    if rows.size < _FEWEST_DEFICITS:
        return 0.0
    mean = counts.expected[rows] * level
    noise = counts.variance[rows] * level / mean**2
    shown = np.maximum(1 - counts.observed[rows] / mean, 0.0) ** 2 - noise / 2
    moment = _upper_weighted(shown, noise**2, noise, STANDARD_ERRORS)
    return float(np.interp(moment, _PARTIAL_MOMENTS, SPREADS))


def _upper_weighted(values: Floats, known: Floats, noise: Floats, errors: float) -> float:
    """Return a weighted mean, raised by some of its standard errors.

    Args:
        values: (accounts,) one per account.
        known: (accounts,) the least that the variance of a value can be.
        noise: (accounts,) variance of the account's observed share.
        errors: number of standard errors.
    """
    weights = (noise + _WELL_MEASURED) ** -2
    mean = float(np.average(values, weights=weights))
    scatter = (weights**2 * np.maximum((values - mean) ** 2, 0.0)).sum()
    variance = max(float(scatter), float((weights**2 * known).sum()))
    return mean + errors * float(np.sqrt(variance)) / float(weights.sum())


def _lower_partial_moments(spreads: Floats) -> Floats:
    """Return E[(1 − G)₊²] of lognormal factors G with mean 1 and these variances."""
    sigma = np.sqrt(np.log1p(spreads))
    return np.asarray(ndtr(sigma / 2) - 2 * ndtr(-sigma / 2) + (1 + spreads) * ndtr(-1.5 * sigma))


_PARTIAL_MOMENTS: Final = _lower_partial_moments(SPREADS)
