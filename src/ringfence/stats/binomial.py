"""Upper tails of the binomial distribution."""

from __future__ import annotations

import numpy as np
from scipy.special import rel_entr

from ringfence.stats.arrays import Floats, Integers


def log_upper_tail_bound(
    successes: Floats | Integers | float,
    trials: Floats | Integers | float,
    chance: Floats | float,
) -> Floats:
    """Return an upper bound of ln P(at least this many successes), 0 at the mean and below it.

    The bound is Chernoff's, −n KL(s / n ‖ p), where KL is the relative entropy of two coins
    (Hoeffding 1963).

    Args:
        successes: counts, scalar or array.
        trials: the number of trials of each, above 0.
        chance: the probability of a success.
    """
    share = np.maximum(np.asarray(successes) / trials, chance)
    entropy = rel_entr(share, chance) + rel_entr(1 - share, 1 - np.asarray(chance))
    return np.asarray(-np.asarray(trials) * entropy)
