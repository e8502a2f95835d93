"""Combine several p-values into one, by rules for dependent tests.

Brown's method, which needs measured correlations, is in ``ringfence.verdicts.fusion``.
"""

from __future__ import annotations

import numpy as np

from ringfence.stats.arrays import Floats


def simes(p_values: Floats) -> Floats:
    """Combine dependent p-values by Simes' rule along the last axis, ignoring NaN.

    Valid under positive dependence (Sarkar 1998). A row of NaN gives NaN.
    """
    ordered = np.sort(p_values, axis=-1)
    count = np.sum(~np.isnan(ordered), axis=-1, keepdims=True)
    ranks = np.arange(1, ordered.shape[-1] + 1)
    with np.errstate(invalid="ignore"):
        scaled = np.where(np.isnan(ordered), np.inf, ordered * count / ranks)
    combined = scaled.min(axis=-1)
    return np.where(np.isinf(combined), np.nan, np.minimum(combined, 1.0))


def bonferroni(p_values: Floats) -> Floats:
    """Combine p-values by Bonferroni's rule along the last axis, ignoring NaN.

    Valid under any dependence. A row of NaN gives NaN.
    """
    measured = ~np.isnan(p_values)
    smallest = np.where(measured, p_values, 1.0).min(axis=-1)
    combined = np.minimum(smallest * measured.sum(axis=-1), 1.0)
    return np.where(measured.any(axis=-1), combined, np.nan)
