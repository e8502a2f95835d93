"""Leave out accounts that no honest account would be like, before a population is measured.

A population of any shape is compared with two rough models: clusters of items, and tastes. Each has
one number, the smallest with which the counts of three quarters of the accounts are usual. Sources
would have to be a quarter of the accounts that hold something of the dump to move it.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.leaks.attribution.tails import log_tails, probability, randomised
from ringfence.stats.arrays import Flags, Floats, Integers, Rows
from ringfence.stats.overdispersion import STANDARD_ERRORS

LARGEST_FACTOR: Final = 100.0
"""The largest factor of the variance. A population that varies more has no model here."""

LARGEST_SPREAD: Final = 4.0
"""The largest spread of tastes: twice as wide as an exponential distribution."""

SPREADS: Final = np.concatenate([[0.0], np.geomspace(0.005, LARGEST_SPREAD, 40)])
"""Spreads of tastes that are tried."""

_FIRST_SHARE: Final = 0.25
_FIRST_MEASURED: Final = 3_000
_FACTORS: Final = np.geomspace(1.0, LARGEST_FACTOR, 60)
_STRIDE: Final = 8


def usual_accounts(observed: Integers, expected: Floats, variance: Floats) -> Flags | None:
    """Return the accounts of which at least one in ten populations has one as unusual by chance.

    None if neither model fits the population.

    Args:
        observed: (accounts,) items of the dump.
        expected: (accounts,) the same by chance, above 0.
        variance: (accounts,) its variance, at least as large.
    """
    first = _first_variation(observed, expected, variance)
    if first is None:
        return None
    own = variance / expected
    dispersion = np.maximum(own * first[0], own + first[1] * expected)
    tails = log_tails(observed, expected, dispersion)
    return np.asarray(tails > -np.log(10 * observed.size))


def _first_variation(
    observed: Integers, expected: Floats, variance: Floats
) -> tuple[float, float] | None:
    """Return the smallest factor and the smallest spread with which p-values are rare enough.

    A quarter of the accounts is asked for, which sources hardly move. None if there is neither.
    """
    rows: Rows = np.flatnonzero(observed)
    if not rows.size:
        return 1.0, 0.0
    if rows.size > _FIRST_MEASURED:
        rows = np.random.default_rng(0).choice(rows, _FIRST_MEASURED, replace=False)
    seen, mean, own = observed[rows], expected[rows], variance[rows] / expected[rows]
    factor = _first_that_fits(seen, mean, [own * one for one in _FACTORS])
    spread = _first_that_fits(seen, mean, [own + one * mean for one in SPREADS])
    if factor is None and spread is None:
        return None
    return (
        1.0 if factor is None else float(_FACTORS[factor]),
        0.0 if spread is None else float(SPREADS[spread]),
    )


def _first_that_fits(observed: Integers, expected: Floats, tried: list[Floats]) -> int | None:
    """Return the first dispersion with which small p-values are rare enough, in steps of eight.

    It goes from the smallest up: a very wide distribution of a small mean is 0 nearly always, so
    that any count is rare under it again.
    """
    begin = 0
    for end in [*range(0, len(tried), _STRIDE), len(tried) - 1]:
        if _fits(observed, expected, tried[end]):
            return next(
                place
                for place in range(begin, end + 1)
                if place == end or _fits(observed, expected, tried[place])
            )
        begin = end + 1
    return None


def _fits(observed: Integers, expected: Floats, dispersion: Floats) -> bool:
    """Return whether the counts of a quarter of the accounts are as rare as they say.

    Only accounts that hold something of the dump are compared, given that they do. If few accounts
    do, all the others are alike in every model.
    """
    more = log_tails(observed + 1, expected, dispersion)
    at_least = np.exp(more) + probability(observed, expected, dispersion)
    any_at_all = np.exp(log_tails(np.ones_like(observed), expected, dispersion))
    p_values = randomised(at_least / any_at_all, np.exp(more) / any_at_all)
    error = np.sqrt(_FIRST_SHARE * (1 - _FIRST_SHARE) / observed.size)
    return bool(np.mean(p_values <= _FIRST_SHARE) <= _FIRST_SHARE + STANDARD_ERRORS * error)
