"""Multiplicity: how many sets a search could have found."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from ringfence.stats.arrays import Floats


def log_choose(of: npt.ArrayLike, chosen: npt.ArrayLike) -> Floats:
    """Return ln C(of, chosen): the logarithm of the number of sets of this size.

    If the p-value of every single set is valid, the chance that any of the sets reaches p is at
    most C(of, chosen) · p (Bonferroni). More chosen than there are counts as all.
    """
    n, k = np.asarray(of, dtype=np.float64), np.asarray(chosen, dtype=np.float64)
    return np.asarray(gammaln(n + 1) - gammaln(k + 1) - gammaln(np.maximum(n - k, 0) + 1))
