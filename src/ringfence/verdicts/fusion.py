"""From the evidence on an account to one p-value, with the dependence of the tests accounted for.

Fisher's statistic T = −2 Σ ln p of k p-values is χ² with 2k degrees of freedom if they are
independent. Tests of one account are not: who listens more does so at more hours. Brown's method
takes T / c as χ² with f degrees of freedom, c = Var T / 2 E T and f = 2 (E T)² / Var T, where E T
= 2k, Var T = 4k + 2 Σ cov, and a pair whose normal scores correlate by ρ has cov ≈ 3.263 ρ +
0.710 ρ² + 0.027 ρ³ (Brown 1975; Kost and McDermott 2002).

The tests of how items are chosen are joined so, with correlations measured on users: signs of a
list add up. The signs of a machine are alternatives (what is fast sleeps, what never sleeps is
slow), and so are the windows in which too much is taken: those tests are joined by Simes' rule,
which the strongest decides. The three families (how much is taken, how it is chosen, what hand
takes it) are then joined by Brown's law with its two moments measured directly, on users (Poole
et al. 2016 call this the empirical Brown's method): family p-values are conservative by
construction (an envelope is mixed in, windows and months are paid for), so T is smaller among
users than theory has it.
``docs/decisions/0005-fusion.md`` shows the fit on the people it was measured on and on those kept
aside.

No family counts for less than :data:`FAMILY_FLOOR`: the users measured (96 people, some
thousands of person-months) cannot vouch for anything rarer. So no family alone convicts: with the
two others at one half, the floor gives 4e-4, hundreds of times more than the least strict
threshold.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np
from scipy import stats

from ringfence.evidence import Family
from ringfence.stats.arrays import Floats
from ringfence.stats.calibration import simes

FAMILIES: Final[tuple[Family, ...]] = ("volume", "selection", "automation")

FAMILY_FLOOR: Final = 1e-5
"""The least a family's p-value counts for."""

CORRELATIONS: Final[dict[frozenset[str], float]] = {
    frozenset(pair): rho
    for *pair, rho in (
        ("novelty", "popularity", 0.20),
        ("novelty", "breadth", 0.0),
        ("novelty", "order", 0.0),
        ("breadth", "popularity", 0.0),
        ("breadth", "order", 0.0),
        ("popularity", "order", 0.0),
    )
}
"""Correlations of normal scores of the tests of selection among users: 483 person-months of 22
people, rounded up; negative ones count as none. The people kept aside (400 person-months of 26)
give the same within 0.15."""

USERS_MEAN: Final = 4.3
"""Mean of T over the three families among users: 4.3 in a service of 884 months of 48 people."""

USERS_VARIANCE: Final = 12.0
"""Variance of T among users: 11.3 in that service; 6.8 to 13.1 in those of half the people,
scored as music or by general users."""

UNMEASURED: Final = 0.30
"""For tests whose columns the measured users lack (surface)."""


def fuse(by_family: dict[Family, Floats]) -> Floats:
    """Fuse the families' p-values, arrays of one length; NaN says nothing and counts as 1.

    Returns:
        One p-value an account, in (0, 1].
    """
    p = np.column_stack([np.nan_to_num(by_family[family], nan=1.0) for family in FAMILIES])
    statistic = -2 * np.log(np.clip(p, FAMILY_FLOOR, 1.0)).sum(axis=1)
    return _tail(statistic, USERS_MEAN, USERS_VARIANCE)


def join(family: Family, p_values: dict[str, Floats]) -> Floats:
    """Join the p-values of one family's tests, arrays of one length by name; NaN is left out."""
    if family == "selection":
        return brown(p_values)
    return simes(np.column_stack(list(p_values.values())))


def brown(p_values: dict[str, Floats]) -> Floats:
    """Join p-values by Brown's method, arrays of one length by name.

    Accounts that some tests could not measure (NaN) are joined over the others; all NaN gives NaN.
    """
    names = list(p_values)
    p = np.column_stack([p_values[name] for name in names])
    joined = np.full(p.shape[0], np.nan)
    measured = ~np.isnan(p)
    patterns, members = np.unique(measured, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        rows = np.flatnonzero(members.ravel() == number)
        if pattern.any():
            statistic = -2 * np.log(p[np.ix_(rows, np.flatnonzero(pattern))]).sum(axis=1)
            joined[rows] = _tail(statistic, *moments([names[i] for i in np.flatnonzero(pattern)]))
    return joined


def moments(names: list[str]) -> tuple[float, float]:
    """Return mean and variance of Fisher's statistic of these tests together."""
    rho = np.array(
        [CORRELATIONS.get(frozenset(pair), UNMEASURED) for pair in combinations(names, 2)] or [0.0]
    )
    covariance = float(np.sum(3.263 * rho + 0.710 * rho**2 + 0.027 * rho**3))
    return 2 * len(names), 4 * len(names) + 2 * covariance


def _tail(statistic: Floats, mean: float, variance: float) -> Floats:
    scale, freedom = variance / (2 * mean), 2 * mean**2 / variance
    tail = np.asarray(stats.chi2.sf(statistic / scale, freedom), dtype=np.float64)
    return np.maximum(tail, np.finfo(np.float64).tiny)
