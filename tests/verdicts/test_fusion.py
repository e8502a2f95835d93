"""Fusion: families joined by Brown's law, and no family convicting alone."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ringfence.evidence import Family, built_in_tests
from ringfence.stats.arrays import Floats
from ringfence.verdicts.error_control import MIN_SCAN_SIZE, extracting
from ringfence.verdicts.fusion import (
    CORRELATIONS,
    FAMILIES,
    FAMILY_FLOOR,
    UNMEASURED_CORRELATION,
    USERS_MEAN,
    USERS_VARIANCE,
    brown,
    combine_family,
    fuse,
    fuse_copied,
    fuse_tests,
    moments,
)

THRESHOLD = 0.01 / MIN_SCAN_SIZE
"""The fused p-value that accuses at the default rate in the smallest scan."""

probabilities = st.floats(1e-12, 1.0)


def families(*p: float) -> dict[Family, Floats]:
    """One account's family p-values."""
    return {family: np.array([value]) for family, value in zip(FAMILIES, p, strict=True)}


@pytest.mark.parametrize("others", [1.0, 0.5, 0.2])
@pytest.mark.parametrize("family", range(3))
def test_no_family_convicts_alone(family: int, others: float) -> None:
    """One family, however rare, stays fiftyfold short of the threshold if others are usual."""
    p = [others] * 3
    p[family] = 1e-300
    fused = float(fuse(families(*p))[0])
    assert fused > 50 * THRESHOLD
    assert not extracting(np.array([fused]), np.array([1e-300]), 0.01)[0]


def test_two_families_can_convict() -> None:
    """Two families at their floor, or three rare ones, pass the threshold: the test has power."""
    assert fuse(families(FAMILY_FLOOR, FAMILY_FLOOR, 1.0))[0] <= THRESHOLD
    assert fuse(families(1e-4, 1e-3, 1e-3))[0] <= THRESHOLD


def test_floor_is_the_least_that_counts() -> None:
    """Below the floor rarer is not rarer; above it it is."""
    assert fuse(families(1e-200, 0.1, 0.1)) == fuse(families(FAMILY_FLOOR, 0.1, 0.1))
    assert fuse(families(FAMILY_FLOOR, 0.1, 0.1)) < fuse(families(10 * FAMILY_FLOOR, 0.1, 0.1))


def test_nothing_measured_is_nothing_rare() -> None:
    """A family that measured nothing counts as one without any evidence."""
    nan = float("nan")
    assert fuse(families(nan, 0.1, nan)) == fuse(families(1.0, 0.1, 1.0))
    assert fuse(families(nan, nan, nan))[0] == 1.0


@given(st.tuples(*[probabilities] * 3), st.integers(0, 2), st.floats(0.1, 1.0))
def test_rarer_evidence_never_exonerates(
    p: tuple[float, float, float], which: int, factor: float
) -> None:
    """A smaller family p-value never gives a larger fused one, and that lies in (0, 1]."""
    rarer = list(p)
    rarer[which] *= factor
    before, after = float(fuse(families(*p))[0]), float(fuse(families(*rarer))[0])
    assert 0 < after <= before * (1 + 1e-12)
    assert before <= 1


def test_law_has_the_measured_moments() -> None:
    """The fused law is that of a scaled χ² with the users' mean and variance."""
    scale = USERS_VARIANCE / (2 * USERS_MEAN)
    law = stats.chi2(2 * USERS_MEAN**2 / USERS_VARIANCE, scale=scale)
    assert law.mean() == pytest.approx(USERS_MEAN)
    assert law.var() == pytest.approx(USERS_VARIANCE)
    assert fuse(families(0.1, 0.2, 0.3))[0] == pytest.approx(
        law.sf(-2 * np.log(0.1 * 0.2 * 0.3)), rel=1e-9
    )


def test_rare_is_rare_if_families_are_uniform() -> None:
    """Uniform and independent families are called rare no more often than the law says."""
    rng = np.random.default_rng(3)
    p = rng.random((400_000, 3))
    fused = fuse({family: p[:, i] for i, family in enumerate(FAMILIES)})
    for level in (1e-3, 1e-4):
        assert np.mean(fused <= level) <= level


def test_brown_is_exact_for_independent_tests() -> None:
    """Independent uniform p-values of uncorrelated tests join to a uniform one (Fisher's law)."""
    rng = np.random.default_rng(1)
    names = ("novelty", "breadth", "order")
    joined = brown({name: rng.random(100_000) for name in names})
    assert stats.kstest(joined, "uniform").pvalue > 1e-3


def test_one_test_alone_keeps_its_p_value() -> None:
    """A family of one test says what the test says."""
    p = np.array([1e-12, 0.01, 0.5, 1.0])
    assert brown({"volume": p}) == pytest.approx(p)


@pytest.mark.parametrize("names", [("pace", "speed", "rhythm", "overlap"), ("client", "surface")])
def test_brown_holds_for_correlated_tests(names: tuple[str, ...]) -> None:
    """Tests as correlated as assumed join to a p-value that keeps its level, near and far."""
    rng = np.random.default_rng(2)
    correlation = np.eye(len(names))
    for i, j in combinations(range(len(names)), 2):
        rho = CORRELATIONS.get(frozenset((names[i], names[j])), UNMEASURED_CORRELATION)
        correlation[i, j] = correlation[j, i] = rho
    scores = rng.multivariate_normal(np.zeros(len(names)), correlation, 200_000)
    p = np.asarray(stats.norm.sf(scores))
    joined = brown({name: p[:, i] for i, name in enumerate(names)})
    for level in (0.1, 0.01, 0.001):
        assert np.mean(joined <= level) <= 1.6 * level
    fisher = stats.chi2.sf(-2 * np.log(p).sum(axis=1), 2 * len(names))
    assert np.mean(fisher <= 0.001) > 1.5 * np.mean(joined <= 0.001)


def test_brown_is_conservative_where_less_correlated() -> None:
    """Tests taken as correlated that are independent join to a p-value that is not too small."""
    rng = np.random.default_rng(8)
    names = ("pace", "speed", "rhythm", "overlap")
    joined = brown({name: rng.random(200_000) for name in names})
    for level in (0.05, 0.01, 0.001):
        assert np.mean(joined <= level) <= level


def test_brown_joins_what_was_measured() -> None:
    """Accounts that some tests could not measure are joined over the others; none gives NaN."""
    nan = np.nan
    pace, rhythm = np.array([0.01, 0.01, nan, nan]), np.array([0.02, nan, 0.02, nan])
    joined = brown({"pace": pace, "rhythm": rhythm})
    both = brown({"pace": pace[:1], "rhythm": rhythm[:1]})
    assert joined[0] == both[0]
    assert joined[1:3] == pytest.approx([0.01, 0.02])
    assert np.isnan(joined[3])


def test_moments_are_browns() -> None:
    """Mean and variance are Fisher's without correlation and grow to those of copies with it."""
    assert moments(["novelty", "breadth"]) == pytest.approx((4.0, 8.0))
    rho = CORRELATIONS[frozenset(("novelty", "popularity"))]
    covariance = 3.263 * rho + 0.710 * rho**2 + 0.027 * rho**3
    assert moments(["novelty", "popularity"]) == pytest.approx((4.0, 8.0 + 2 * covariance))
    # Copies of one test: variance (2 · 2)² · 1 = 16; the polynomial gives it at ρ = 1.
    copies = 8 + 2 * (3.263 + 0.710 + 0.027)
    assert copies == pytest.approx(16)


def test_the_strongest_sign_of_a_machine_decides() -> None:
    """Tests of automation are joined by Simes, so that what sleeps does not clear what is fast."""
    fast, asleep = np.array([1e-4]), np.array([1.0])
    joined = combine_family("automation", {"speed": fast, "rhythm": asleep})
    assert joined == pytest.approx(2e-4)
    assert combine_family("selection", {"novelty": fast, "breadth": asleep}) > joined


def test_correlations_speak_of_tests_of_one_family() -> None:
    """Every correlation is of two tests that exist, of one family, and is a correlation."""
    family = {test.name: test.family for test in built_in_tests()}
    for pair, rho in CORRELATIONS.items():
        one, other = pair
        assert family[one] == family[other]
        assert 0 <= rho < 1


ADDED: tuple[Family, ...] = FAMILIES
"""Families that a test of another package may have."""


def fused_with(
    by_test: dict[str, Floats], added: Floats | None = None, family: Family = "automation"
) -> Floats:
    """Fuse p-values of built-in tests, and of a test that fusion does not know."""
    families = {test.name: test.family for test in built_in_tests()} | {"added": family}
    p_values = by_test if added is None else {**by_test, "added": added}
    return fuse_tests(p_values, families, next(iter(by_test.values())).size)[0]


def null_p_values(rng: np.random.Generator, accounts: int) -> dict[str, Floats]:
    """Draw p-values of honest accounts: one built-in test per family, uniform and independent."""
    return {name: rng.random(accounts) for name in ("volume", "novelty", "rhythm")}


def test_without_an_added_test_nothing_changes() -> None:
    """Fusing by test is fusing by family, exactly."""
    p = null_p_values(np.random.default_rng(1), 1_000)
    p["speed"] = np.where(p["volume"] < 0.5, np.nan, p["novelty"])
    by_family = {
        "volume": combine_family("volume", {name: p[name] for name in ("volume", "speed")}),
        "selection": p["novelty"],
        "automation": p["rhythm"],
    }
    assert fused_with(p) == pytest.approx(fuse(by_family), rel=1e-12)


@pytest.mark.slow
@pytest.mark.parametrize("family", ADDED)
@pytest.mark.parametrize("copied", [None, "volume", "novelty", "rhythm"])
def test_null_p_values_stay_valid_with_an_added_test(family: Family, copied: str | None) -> None:
    """A calibrated test of another package makes honest accounts rare no more often than p says.

    It may be independent of the built-in tests, or the copy of one of them in any family.
    """
    rng = np.random.default_rng(FAMILIES.index(family))
    p = null_p_values(rng, 1_000_000)
    added = rng.random(1_000_000) if copied is None else p[copied]
    fused = fused_with(p, added, family)
    for level in (1e-2, 1e-3, 1e-4, 1e-5):
        assert np.mean(fused <= level) <= level + 3 * np.sqrt(level / 1_000_000)


def test_null_p_values_stay_valid_with_several_added_tests() -> None:
    """Five calibrated tests in one family, all copies of volume, are paid for."""
    rng = np.random.default_rng(7)
    p = null_p_values(rng, 400_000)
    families = {test.name: test.family for test in built_in_tests()}
    for number in range(5):
        p[f"added_{number}"] = rng.random(400_000) if number else p["volume"]
        families[f"added_{number}"] = "automation"
    fused, by_family = fuse_tests(p, families, 400_000)
    for level in (1e-2, 1e-3, 1e-4):
        error = 3 * np.sqrt(level / 400_000)
        assert np.mean(fused <= level) <= level + error
        assert np.mean(by_family["automation"] <= level) <= level + error


def test_added_tests_of_two_families_do_not_add_up() -> None:
    """Two copies of the volume test in the other families make no honest account rarer than p."""
    rng = np.random.default_rng(9)
    p = null_p_values(rng, 1_000_000)
    p |= {"added_0": p["volume"], "added_1": p["volume"]}
    families = {test.name: test.family for test in built_in_tests()}
    families |= {"added_0": "selection", "added_1": "automation"}
    fused, _ = fuse_tests(p, families, 1_000_000)
    for level in (1e-2, 1e-3, 1e-4, 1e-5):
        assert np.mean(fused <= level) <= level + 3 * np.sqrt(level / 1_000_000)


def test_copied_law_is_exact() -> None:
    """Where one family is a copy of another and the third is independent, p is uniform."""
    rng = np.random.default_rng(6)
    volume, selection = rng.uniform(FAMILY_FLOOR, 1, (2, 200_000))
    p = fuse_copied({"volume": volume, "selection": selection, "automation": volume})
    assert stats.kstest(p, "uniform").pvalue > 1e-3
    assert fuse_copied(families(1.0, 1.0, 1.0))[0] == 1.0


@given(st.tuples(*[probabilities] * 3), probabilities, st.sampled_from(ADDED))
def test_an_added_test_costs_at_most_a_factor_of_two(
    p: tuple[float, float, float], added: float, family: Family
) -> None:
    """Whatever it answers, no fused p-value becomes more than twice as large."""
    by_test = {
        name: np.array([value])
        for name, value in zip(("volume", "novelty", "rhythm"), p, strict=True)
    }
    alone = float(fused_with(by_test)[0])
    together = float(fused_with(by_test, np.array([added]), family)[0])
    assert 0 < together <= min(2 * alone, 1.0) * (1 + 1e-12)


def test_an_added_test_can_make_the_difference() -> None:
    """Strong evidence of another package accuses an account that the built-in tests suspect."""
    by_test = {"volume": np.array([1e-5]), "novelty": np.array([2e-4]), "rhythm": np.array([0.5])}
    assert fused_with(by_test)[0] > THRESHOLD
    assert fused_with(by_test, np.array([1e-9]))[0] <= THRESHOLD


def test_an_added_test_alone_never_convicts() -> None:
    """However rare its answer, one family is not enough to accuse."""
    by_test = {"volume": np.array([0.04]), "novelty": np.array([0.5]), "rhythm": np.array([0.5])}
    for family in ADDED:
        assert fused_with(by_test, np.array([1e-300]), family)[0] > 50 * THRESHOLD


def test_an_added_test_that_measured_nothing_adds_no_look_within_its_family() -> None:
    """Where it is NaN the family keeps the p-value of the built-in tests."""
    families = {test.name: test.family for test in built_in_tests()} | {"added": "volume"}
    by_test = {"volume": np.array([0.01, 0.01]), "added": np.array([np.nan, 0.5])}
    _, by_family = fuse_tests(by_test, families, 2)
    assert by_family["volume"] == pytest.approx([0.01, 0.02])
    assert np.isnan(by_family["automation"]).all()
