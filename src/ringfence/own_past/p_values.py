"""Turn changes into p-values, and combine those of an account."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.stats.arrays import Floats
from ringfence.stats.tails import upper_tail_of_chi_squared

CHANGE_FLOOR: Final = 3e-4
"""Smallest value that the p-value of one change counts as. New work or a journey changes one thing
a lot. With the other two p-values at 0.5 and 0.05, the floor gives 6e-4, which is never enough."""


def change_p_values(changes: Floats, compared: Floats) -> Floats:
    """Return p-values of changes by those of other accounts, in (0, 1].

    Up to the 95 % quantile the rank decides. Beyond it, the tail is exponential through the 90 %
    and 95 % quantiles, as in :mod:`ringfence.stats.calibration`: changed accounts do not move it.

    Args:
        changes: standardised changes, larger is more.
        compared: those of the accounts that are cut in the middle.
    """
    ordered = np.sort(compared)
    low, high = np.quantile(ordered, [0.90, 0.95])
    reached = ordered.size - np.searchsorted(ordered, changes, side="left")
    ranks = (reached + 1) / (ordered.size + 1)
    if high <= low:
        return np.asarray(ranks, dtype=np.float64)
    tail = 0.05 * np.exp2(-np.maximum(changes - high, 0) / (high - low))
    return np.asarray(np.where(changes < high, ranks, tail), dtype=np.float64)


def combined(p_values: Floats, cuts: Floats) -> Floats:
    """Combine (cuts, changes) p-values by Fisher's method, and correct for the cuts of an account.

    Args:
        p_values: of all changes at each cut; at least :data:`CHANGE_FLOOR` counts.
        cuts: (cuts,) number of cuts that were examined in the same account.
    """
    statistic = -2 * np.log(np.maximum(p_values, CHANGE_FLOOR)).sum(axis=1)
    p = upper_tail_of_chi_squared(statistic, 2 * p_values.shape[1])
    return np.asarray(np.minimum(p * cuts, 1.0), dtype=np.float64)
