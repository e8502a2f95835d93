"""How sure is sure enough: error control for the whole scan from the operator's one number."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.stats.arrays import Floats
from ringfence.verdicts.fusion import FAMILY_FLOOR

LEAST_ACCOUNTS: Final = 10_000
"""Scans of fewer accounts are held to the standard of this many: a service that scans a thousand
accounts every day has, over the years, as many chances to accuse somebody as one that scans
millions once."""

LEAST_FOR_A_LOOK: Final = 1_000
"""The same for suspects, who are looked at and not accused."""

GATE: Final = 0.05
"""An account that takes no more than one user in twenty is no finding, however odd its habits:
odd is not extracting. (Rings of such accounts are found as rings.)"""


def extracting(p_values: Floats, volume: Floats, rate: float) -> npt.NDArray[np.bool_]:
    """Say which accounts are extracting, at the operator's chance of accusing any honest one.

    Bonferroni over the accounts of the scan: if the p-values hold, the chance that any honest
    account is among them is at most ``rate``. They rest on the law fitted to users (decision
    0005), which at one in a million is an extrapolation from some thousands of person-months.

    Args:
        p_values: fused, one an account of the scan.
        volume: p-values of the family "volume"; NaN never passes the gate.
        rate: the operator's false_accusation_rate.
    """
    return (p_values * max(p_values.size, LEAST_ACCOUNTS) <= rate) & (volume <= GATE)


def suspect(p_values: Floats, volume: Floats) -> npt.NDArray[np.bool_]:
    """Say which accounts deserve a look: less than one honest account is expected among them.

    Args:
        p_values: the lesser of the fused p-value and that of taking alone, which are two looks:
            who takes more than any user would is looked at, however much like a user it goes
            about it.
        volume: as for :func:`extracting`.
    """
    return (2 * p_values * max(p_values.size, LEAST_FOR_A_LOOK) <= 1) & (volume <= GATE)


def expected_false(p_values: Floats) -> Floats:
    """Return how many honest accounts a scan of this size shows at each p-value or below.

    From :data:`~ringfence.verdicts.fusion.FAMILY_FLOOR` on there are two ways to reach it.
    """
    looks = np.where(p_values < FAMILY_FLOOR, 1, 2)
    return np.asarray(looks * p_values * p_values.size, dtype=np.float64)
