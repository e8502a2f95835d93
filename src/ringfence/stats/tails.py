"""Tails of the usual distributions, from the special functions that compute them.

``scipy.stats`` has the same tails. Its import takes 0.6 seconds of processor time, which every
command would spend before it does anything (decision 0066).
"""

from __future__ import annotations

import numpy as np
from scipy.special import betainc, betaincc, betaincinv, chdtrc, stdtr

from ringfence.stats.arrays import Floats, Integers


def upper_tail_of_t(values: Floats | float, freedom: Floats | float) -> Floats:
    """Return P(T > value) of Student's distribution.

    Args:
        values: scalar or array.
        freedom: degrees of freedom, broadcast against ``values``.
    """
    return np.asarray(stdtr(freedom, -np.asarray(values, np.float64)), dtype=np.float64)


def upper_tail_of_chi_squared(values: Floats | float, freedom: Floats | float) -> Floats:
    """Return P(X > value) of the chi-squared distribution.

    Args:
        values: scalar or array, not negative.
        freedom: degrees of freedom, broadcast against ``values``.
    """
    return np.asarray(chdtrc(freedom, values), dtype=np.float64)


def lower_tail_of_binomial(
    successes: Floats | Integers | int, trials: int, chance: Floats | float
) -> Floats:
    """Return P(at most this many successes), by the incomplete beta function.

    Args:
        successes: counts, scalar or array; less than 0 has the probability 0.
        trials: the number of trials.
        chance: the probability of a success, broadcast against ``successes``.
    """
    count = np.asarray(successes, dtype=np.float64)
    inside = np.clip(count, 0, max(trials - 1, 0))
    tail = betaincc(inside + 1, np.maximum(trials - inside, 1), chance)
    return np.asarray(np.where(count < 0, 0.0, np.where(count >= trials, 1.0, tail)))


def upper_tail_of_binomial(successes: int, trials: int, chance: float) -> float:
    """Return P(at least this many successes); 1 for none, and 0 for more than there are trials."""
    if successes <= 0 or successes > trials:
        return float(successes <= 0)
    return float(betainc(successes, trials - successes + 1, chance))


def median_of_beta(a: float, b: float) -> float:
    """Return the median of the beta distribution with these two shapes."""
    return float(betaincinv(a, b, 0.5))
