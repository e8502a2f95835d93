"""Control the errors of a whole scan from the operator's one number, the false accusation rate."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.stats.arrays import Flags, Floats
from ringfence.verdicts.fusion import FAMILY_FLOOR

MIN_SCAN_SIZE: Final = 10_000
"""Smaller scans are judged as strictly as a scan of this size. A service that scans a thousand
accounts every day has, over the years, as many chances to accuse an honest person as a service that
scans millions of accounts once."""

MIN_SCAN_SIZE_FOR_SUSPECTS: Final = 1_000
"""The same for suspects, whom a person looks at and nobody accuses."""

VOLUME_GATE: Final = 0.05
"""An account whose volume p-value is above this is never a finding, however unusual its habits.
One honest user in twenty takes as much, and unusual is not extracting. Rings of such accounts are
found by the ring tests."""


def extracting(p_values: Floats, volume: Floats, rate: float, accounts: int | None = None) -> Flags:
    """Return which accounts are extracting at the operator's false accusation rate.

    This is a Bonferroni correction over the accounts of the scan. If the p-values are valid, the
    chance that the result contains an honest account is at most ``rate``. The p-values rest on the
    distribution fitted to measured users (decision 0005). At one in a million it is an
    extrapolation from several thousand person-months.

    Args:
        p_values: (accounts,) fused p-values of all accounts of the scan.
        volume: (accounts,) p-values of the volume family; NaN never passes the gate.
        rate: the operator's false accusation rate, in (0, 1).
        accounts: number of accounts of the scan, if ``p_values`` has only a part of them.
    """
    size = p_values.size if accounts is None else accounts
    return (p_values * max(size, MIN_SCAN_SIZE) <= rate) & (volume <= VOLUME_GATE)


def suspect(p_values: Floats, volume: Floats, accounts: int | None = None) -> Flags:
    """Return which accounts deserve a look; less than one honest account is expected among them.

    Args:
        p_values: (accounts,) the smaller of two p-values: the fused one, and the volume p-value
            alone. Two ways to reach it count twice. An account that takes more than any user would
            is looked at even if it behaves like a user otherwise.
        volume: as for :func:`extracting`.
        accounts: as for :func:`extracting`.
    """
    size = p_values.size if accounts is None else accounts
    corrected = 2 * p_values * max(size, MIN_SCAN_SIZE_FOR_SUSPECTS)
    return (corrected <= 1) & (volume <= VOLUME_GATE)


def suspicion_begins(accounts: int) -> float:
    """Return the floor of p-values that rest on evidence for suspicion only.

    The people who were measured may have done something else, so smaller p-values are not
    supported. In large scans the floor is just below the limit of :func:`suspect`; 0.49 instead of
    0.5 leaves room for rounding.

    Args:
        accounts: number of accounts of the scan.
    """
    return min(FAMILY_FLOOR, 0.49 / max(accounts, MIN_SCAN_SIZE_FOR_SUSPECTS))


def expected_false(p_values: Floats, accounts: int | None = None) -> Floats:
    """Return the number of honest accounts expected at each p-value or below in this scan.

    Above :data:`~ringfence.verdicts.fusion.FAMILY_FLOOR` an account can reach a p-value in two
    ways, by all evidence or by volume alone, so the expectation doubles there.

    Args:
        p_values: (accounts,) p-values.
        accounts: as for :func:`extracting`.
    """
    size = p_values.size if accounts is None else accounts
    ways = np.where(p_values < FAMILY_FLOOR, 1, 2)
    return np.asarray(ways * p_values * size, dtype=np.float64)
