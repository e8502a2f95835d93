"""Judge the use of canaries separately from all other evidence.

A canary is evidence of another kind: it needs no comparison with users, and an extractor that takes
little uses canaries too. In the automation family it would be floored, diluted by the other tests,
and stopped by the volume gate. So it leads to a verdict separately, and the smaller p-value of both
ways is doubled.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from ringfence.stats.arrays import Floats

CANARY: Final = "canary"
"""Name of the test."""

GATE_OPENS: Final = 1e-5
"""An account passes the volume gate by canaries with a p-value up to this: two days, not one."""


def without_canaries(by_test: Mapping[str, Floats]) -> dict[str, Floats]:
    """Return the p-values of the tests that are fused."""
    return {name: p for name, p in by_test.items() if name != CANARY}


def with_canaries(p_values: Floats, by_test: Mapping[str, Floats]) -> Floats:
    """Return p-values of two ways to a verdict, for the accounts that used canaries.

    Args:
        p_values: (accounts,) of all other evidence.
        by_test: (accounts,) p-values of each test, by name; NaN where not measured.
    """
    if CANARY not in by_test:
        return p_values
    canary = by_test[CANARY]
    both = np.minimum(2 * np.fmin(p_values, canary), 1.0)
    return np.where(np.isnan(canary), p_values, both)


def gate_opened(volume: Floats, by_test: Mapping[str, Floats]) -> Floats:
    """Return the volume p-values, lowered where canaries open the gate."""
    if CANARY not in by_test:
        return volume
    canary = by_test[CANARY]
    return np.where(np.nan_to_num(canary, nan=1.0) <= GATE_OPENS, np.fmin(volume, canary), volume)
