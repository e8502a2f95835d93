"""Fuse the evidence on an account into one p-value that allows for the dependence of the tests.

Fisher's statistic T = −2 Σ ln p of k p-values is χ² with 2k degrees of freedom if they are
independent. Tests of one account are dependent: a person who listens more is active in more hours.
Brown's method takes T / c as χ² with f degrees of freedom, c = Var T / 2 E T and f = 2 (E T)² / Var
T, where E T = 2k, Var T = 4k + 2 Σ cov, and a pair whose normal scores correlate by ρ has cov ≈
3.263 ρ + 0.710 ρ² + 0.027 ρ³ (Brown 1975; Kost and McDermott 2002).

Selection tests are combined by Brown's method, with correlations measured on users: several signs
of a list add up. Automation tests are alternatives: a fast client may pause, and a client that
never pauses may be slow. So are the windows of the volume tests. Both families are combined by
Simes' rule, in which the strongest test decides. The three families (volume, selection, automation)
are then combined by Brown's method with its two moments measured directly on users (the empirical
Brown's method of Poole et al. 2016). Family p-values are conservative by construction: a reference
distribution is mixed in, and windows and months carry a multiplicity penalty. So T is smaller among
users than theory predicts.

``docs/decisions/0005-fusion.md`` shows the fit on the people it was measured on and on those kept
aside.

No family p-value counts as less than :data:`FAMILY_FLOOR`. The measured users (96 people, several
thousand person-months) give no information about rarer events. So no family alone is enough to
accuse: with the other two at one half, the floor gives 4e-4, hundreds of times the least strict
threshold.

**Tests of other packages.** The dependence of such a test on the others was not measured on users.
It is therefore fused in a way that holds under stronger dependence, see :func:`fuse_tests`.
"""

from __future__ import annotations

from itertools import combinations
from typing import Final

import numpy as np

from ringfence.evidence import FAMILIES, Family, built_in_tests
from ringfence.stats.arrays import Floats
from ringfence.stats.combination import bonferroni, simes
from ringfence.stats.tails import upper_tail_of_chi_squared

FAMILY_FLOOR: Final = 1e-5
"""The smallest value a family's p-value counts as."""

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
"""Correlations of the selection tests' normal scores among users: 483 person-months of 22 people,
rounded up; negative correlations count as zero. The 26 people kept aside (400 person-months) give
the same values within 0.15."""

USERS_MEAN: Final = 4.3
"""Mean of T over the three families among users: 4.3 in a service of 884 months of 48 people."""

USERS_VARIANCE: Final = 12.0
"""Variance of T among users: 11.3 in that service; 6.8 to 13.1 in services of half the people,
scored with the music or the general reference distribution."""

UNMEASURED_CORRELATION: Final = 0.30
"""Correlation assumed for a pair of tests that was never measured on users, such as ``surface``."""


MEASURED_TESTS: Final = frozenset(test.name for test in built_in_tests())
"""Names of the tests whose dependence was measured on users."""


def fuse_tests(
    by_test: dict[str, Floats], families: dict[str, Family], accounts: int
) -> tuple[Floats, dict[Family, Floats]]:
    """Return the fused p-values of all tests, and the p-values of each family.

    Tests of other packages change the result in three steps:

    1. Within its family such a test is combined by Bonferroni's rule with the p-value of the
       measured tests and with other such tests. This holds under any dependence.
    2. For each family with such tests, the three families are fused as if this family were a copy
       of another one, see :func:`fuse_copied`. The measured moments hold for the measured tests
       only.
    3. The smallest of these p-values and of that of the measured tests alone counts. It is
       multiplied by their number (Bonferroni): 2 if all additional tests have one family.

    Additional tests of different families therefore do not add up, and one such test raises a
    p-value to at most its double. Without such tests nothing changes.

    Args:
        by_test: (accounts,) p-values of each test that ran, by name; NaN where not measured.
        families: family of each test, by name.
        accounts: number of accounts.
    """
    measured = {name: p for name, p in by_test.items() if name in MEASURED_TESTS}
    by_family = {family: _family(family, measured, families, accounts) for family in FAMILIES}
    fused = fuse(by_family)
    looks, measured_families = [fused], dict(by_family)
    for family in FAMILIES:
        added = [
            p
            for name, p in by_test.items()
            if name not in MEASURED_TESTS and families[name] == family
        ]
        if added:
            by_family[family] = bonferroni(np.column_stack([by_family[family], *added]))
            looks.append(fuse_copied({**measured_families, family: by_family[family]}))
    return bonferroni(np.column_stack(looks)), by_family


def _family(
    family: Family, by_test: dict[str, Floats], families: dict[str, Family], accounts: int
) -> Floats:
    """Return the combined p-values of a family; NaN where none of its tests ran."""
    ran = {name: p for name, p in by_test.items() if families[name] == family}
    return combine_family(family, ran) if ran else np.full(accounts, np.nan)


def fuse(by_family: dict[Family, Floats]) -> Floats:
    """Return (accounts,) the fused p-values of the three families, in (0, 1].

    Args:
        by_family: (accounts,) p-values of each family; NaN, not measured, counts as 1.
    """
    return _tail(_fisher(by_family), USERS_MEAN, USERS_VARIANCE)


def fuse_copied(by_family: dict[Family, Floats]) -> Floats:
    """Return (accounts,) fused p-values that hold even if one family is a copy of another.

    Fisher's statistic is then 2A + B with A and B independent χ² of 2 degrees of freedom, and
    P(2A + B ≥ t) = 2 exp(−t / 4) − exp(−t / 2).

    Args:
        by_family: (accounts,) p-values of each family; NaN, not measured, counts as 1.
    """
    statistic = _fisher(by_family)
    return np.asarray(2 * np.exp(-statistic / 4) - np.exp(-statistic / 2), dtype=np.float64)


def _fisher(by_family: dict[Family, Floats]) -> Floats:
    """Return Fisher's statistic of the three families, each at least :data:`FAMILY_FLOOR`."""
    p = np.column_stack([np.nan_to_num(by_family[family], nan=1.0) for family in FAMILIES])
    return np.asarray(-2 * np.log(np.clip(p, FAMILY_FLOOR, 1.0)).sum(axis=1), dtype=np.float64)


def combine_family(family: Family, p_values: dict[str, Floats]) -> Floats:
    """Return (accounts,) the combined p-values of one family's tests; NaN is left out."""
    if family == "selection":
        return brown(p_values)
    return simes(np.column_stack(list(p_values.values())))


def brown(p_values: dict[str, Floats]) -> Floats:
    """Combine p-values by Brown's method.

    Args:
        p_values: (accounts,) p-values of each test, by name. Where a test is NaN for an account,
            the other tests are combined; all NaN gives NaN.
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
        [
            CORRELATIONS.get(frozenset(pair), UNMEASURED_CORRELATION)
            for pair in combinations(names, 2)
        ]
        or [0.0]
    )
    covariance = float(np.sum(3.263 * rho + 0.710 * rho**2 + 0.027 * rho**3))
    return 2 * len(names), 4 * len(names) + 2 * covariance


def _tail(statistic: Floats, mean: float, variance: float) -> Floats:
    scale, freedom = variance / (2 * mean), 2 * mean**2 / variance
    tail = upper_tail_of_chi_squared(statistic / scale, freedom)
    return np.maximum(tail, np.finfo(np.float64).tiny)
