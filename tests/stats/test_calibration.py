"""Calibration: p-values are valid, and extractors do not hide each other."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from ringfence.evidence import CannotRun
from ringfence.stats.arrays import Floats
from ringfence.stats.calibration import (
    PRIOR_ACCOUNTS,
    REFERENCE_SHARE,
    SMALLEST_POPULATION,
    Direction,
    ReferenceDistribution,
    Scale,
    calibrate,
    rank_p_values,
    require_accounts,
    two_sided_rank_p_values,
)

LEVELS = (0.1, 0.05, 0.01, 0.001)
ACCOUNTS = 60_000
"""Accounts drawn for each case, in as many populations as that makes."""


@dataclass(frozen=True)
class Population:
    """A distribution of users, with the reference distribution that measuring it would give."""

    name: str
    reference: ReferenceDistribution

    def draw(self, rng: np.random.Generator, accounts: int) -> Floats:
        """Draw the values of users."""
        match self.name:
            case "normal":
                return rng.normal(50, 10, accounts)
            case "lognormal":
                return rng.lognormal(4, 0.7, accounts)
            case _:
                return np.asarray(20 * (1 - rng.random(accounts)) ** (-1 / PARETO))

    def extreme(self, spreads: float) -> float:
        """Return the value at a number of spreads above the median."""
        reference = self.reference
        if reference.scale == "linear":
            return reference.median + spreads * reference.spread
        return float(reference.median * np.exp(spreads * reference.spread))


PARETO = 1.5
"""Tail index; the variance is infinite."""

PARETO_SPREAD = float(
    max(np.log(0.5 / tail) / PARETO / stats.norm.isf(tail) for tail in (0.05, 0.01, 0.001))
)
"""The largest spread that the upper quantiles imply, as in the reference distributions."""

POPULATIONS = (
    Population("normal", ReferenceDistribution("linear", 1, 50, 10, 96)),
    Population("lognormal", ReferenceDistribution("log", 1, float(np.exp(4)), 0.7, 96)),
    Population(
        "pareto", ReferenceDistribution("log", 1, 20 * 2 ** (1 / PARETO), PARETO_SPREAD, 96)
    ),
)


def p_of(values: Floats, population: Population, *, with_reference: bool) -> Floats:
    """Return p-values with the population's reference distribution, or by rank."""
    if with_reference:
        return calibrate(values, population.reference)
    return rank_p_values(values, direction=population.reference.direction)


def share_at_most(p_values: list[Floats], level: float) -> tuple[float, float]:
    """Return the share of p-values up to a level, over populations, and its standard error."""
    shares = np.array([np.mean(p <= level) for p in p_values])
    return float(shares.mean()), float(shares.std() / np.sqrt(shares.size))


@pytest.mark.parametrize("with_reference", [True, False], ids=["reference", "rank"])
@pytest.mark.parametrize("accounts", [20, 60, 200, 20_000])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_users_are_seldom_rare(population: Population, accounts: int, with_reference: bool) -> None:
    """In populations of users, P(p ≤ a) is at most 1.5 a, whatever the size and the tail."""
    rng = np.random.default_rng(accounts)
    p_values = [
        p_of(population.draw(rng, accounts), population, with_reference=with_reference)
        for _ in range(max(ACCOUNTS // accounts, 1))
    ]
    for level in LEVELS:
        share, error = share_at_most(p_values, level)
        assert share <= 1.5 * level + 4 * error, (level, share)


HEAVIER = {
    "exponential": lambda rng, n: 300 * rng.exponential(1.0, n),
    "gamma": lambda rng, n: 200 * rng.gamma(1.5, 1.0, n),
    "laplace": lambda rng, n: np.maximum(260 + 220 * rng.laplace(0.0, 1.0, n), 1),
    "lognormal": lambda rng, n: rng.lognormal(5.5, 0.6, n),
    "two kinds": lambda rng, n: np.where(rng.random(n) < 0.8, 150, 420) * rng.exponential(1.0, n),
}
"""Users whose tail is heavier than that of the people measured, but starts within their reach."""


@pytest.mark.parametrize("users", HEAVIER.values(), ids=HEAVIER)
@pytest.mark.parametrize("scale", ["linear", "cube"])
def test_users_with_a_heavier_tail_are_seldom_rare(
    users: Callable[[np.random.Generator, int], Floats], scale: Scale
) -> None:
    """A large population shows its own tail: few users are rarer than 1 in 1,000 or in 10,000."""
    spread = {"linear": 445.0, "cube": 2.1}[scale]
    reference = ReferenceDistribution(scale, 1, 256, spread, 48)
    rng = np.random.default_rng(11)
    p_values = [calibrate(users(rng, 20_000), reference, heavier=True) for _ in range(10)]
    for level, times in ((0.01, 1.5), (0.001, 3), (0.0001, 6)):
        share, error = share_at_most(p_values, level)
        assert share <= times * level + 4 * error, level


@pytest.mark.parametrize("with_reference", [True, False], ids=["reference", "rank"])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_levels_are_used(population: Population, with_reference: bool) -> None:
    """In a large population P(p ≤ 0.05) is near 0.05, not far below."""
    rng = np.random.default_rng(5)
    p = p_of(population.draw(rng, 20_000), population, with_reference=with_reference)
    assert 0.04 <= np.mean(p <= 0.05) <= 0.06


@pytest.mark.parametrize(("accounts", "most"), [(200, 0.006), (2_000, 0.002), (20_000, 0.001)])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_extractors_do_not_mask_themselves(
    population: Population, accounts: int, most: float
) -> None:
    """If 4 % of accounts extract, each of them stays rare, and users do not become rare."""
    rng = np.random.default_rng(accounts)
    planted = accounts // 25
    for _ in range(5):
        values = population.draw(rng, accounts)
        values[:planted] = population.extreme(8) * rng.uniform(1, 1.2, planted)
        p = calibrate(values, population.reference)
        assert p[:planted].max() <= most
        assert np.mean(p[planted:] <= 0.01) <= 0.01


def test_many_extractors_are_rare_by_the_reference_distribution_only() -> None:
    """If half of the accounts extract, the rank alone calls them usual."""
    lognormal = POPULATIONS[1]
    values = lognormal.draw(np.random.default_rng(1), 40)
    values[::2] = lognormal.extreme(6)
    p = calibrate(values, lognormal.reference)
    weight = PRIOR_ACCOUNTS / (40 + PRIOR_ACCOUNTS)
    assert p[0] == pytest.approx((1 - weight) * 21 / 41, rel=1e-3)
    assert rank_p_values(values[::2], direction=1).min() > 0.9


def test_mixture_depends_on_the_number_of_accounts() -> None:
    """The reference distribution counts as 200 accounts, and at least as one in twenty."""
    reference = ReferenceDistribution("linear", 1, 0.0, 1.0, 96)
    for accounts in (40, 200, 100_000):
        values = np.zeros(accounts)
        values[-1] = 1e9
        weight = max(REFERENCE_SHARE, PRIOR_ACCOUNTS / (accounts + PRIOR_ACCOUNTS))
        measured = float(reference.survival(np.zeros(1))[0])
        p = calibrate(values, reference)
        assert p[0] == pytest.approx(weight * measured + (1 - weight), rel=1e-9)
        assert p[-1] == pytest.approx((1 - weight) * 2 / (accounts + 1), rel=1e-9)


def test_too_few_accounts_are_not_compared() -> None:
    """In a tiny population only the reference distribution is used; a rank is refused."""
    few = np.arange(1.0, SMALLEST_POPULATION)
    reference = ReferenceDistribution("log", 1, 5.0, 1.0, 96)
    assert calibrate(few, reference) == pytest.approx(reference.survival(few))
    with pytest.raises(CannotRun, match="fewer than 20 accounts to compare with"):
        rank_p_values(few, direction=1)
    with pytest.raises(CannotRun, match="fewer than 20 listeners"):
        require_accounts(19, "listeners")
    require_accounts(20, "listeners")


def test_a_rank_is_limited_by_the_size_of_the_population() -> None:
    """The smallest p-value of a rank is 2 / (n + 1), however extreme the value is."""
    values = np.append(np.random.default_rng(2).lognormal(size=99), 1e300)
    p = rank_p_values(values, direction=1)
    assert p[-1] == pytest.approx(2 / 101)
    assert np.sort(p) == pytest.approx(np.arange(2, 102) / 101)


@pytest.mark.parametrize("people", [3, 10, 96])
def test_reference_distribution_is_predictive(people: int) -> None:
    """The tail is the chance of one more person, if mean and spread are estimated."""
    rng = np.random.default_rng(people)
    sample = rng.normal(size=(40_000, people + 1))
    new, known = sample[:, -1], sample[:, :-1]
    z = (new - known.mean(axis=1)) / known.std(axis=1, ddof=1)
    p = ReferenceDistribution("linear", 1, 0.0, 1.0, people).survival(z)
    for level in (0.1, 0.01):
        assert np.mean(p <= level) == pytest.approx(level, abs=5 * np.sqrt(level / 40_000))


def test_survival_is_one_half_at_the_median() -> None:
    """The median has p = 1/2 on each scale and in each direction."""
    for scale in ("log", "linear"):
        for more in (1, -1):
            reference = ReferenceDistribution(scale, more, 7.0, 0.4, 22)
            assert reference.survival(np.array([7.0]))[0] == pytest.approx(0.5)
            lower, higher = reference.survival(np.array([6.0, 8.0]))
            assert (lower > higher) == (more == 1)


@given(st.lists(st.floats(1e-6, 1e6), min_size=20, max_size=60), st.booleans(), st.booleans())
def test_more_is_never_less_rare(values: list[float], with_reference: bool, less: bool) -> None:
    """An account with a more extreme value never has a larger p-value."""
    shown = np.sort(np.array(values))
    more: Direction = -1 if less else 1
    reference = ReferenceDistribution("log", more, 10.0, 1.0, 22)
    p = calibrate(shown, reference) if with_reference else rank_p_values(shown, direction=more)
    assert np.all(np.diff(p) * more <= 1e-12)
    assert np.all((p > 0) & (p <= 1))


@given(st.lists(st.floats(0.5, 1e4), min_size=20, max_size=60), st.permutations(range(20)))
def test_order_of_accounts_does_not_matter(values: list[float], order: list[int]) -> None:
    """The same accounts in another order get the same p-values."""
    these = np.array(values[:20])
    p = rank_p_values(these, direction=1)
    assert rank_p_values(these[order], direction=1) == pytest.approx(p[order])


def test_ties_share_a_rank() -> None:
    """Equal values have p = 1, and a single exception has the p-value of its rank."""
    alike = np.full(99, 3.0)
    assert np.all(rank_p_values(alike, direction=1) == 1.0)
    p = rank_p_values(np.append(alike, 4.0), direction=1)
    assert p[-1] == pytest.approx(2 / 101)
    assert np.all(p[:-1] == 1.0)


def test_zero_has_a_logarithm() -> None:
    """Zero has a finite logarithm, which is the smallest value."""
    x = ReferenceDistribution("log", 1, 1.0, 1.0, 22).transform(np.array([0.0, 1.0]))
    assert np.isfinite(x).all()
    assert x[0] < -700
    assert ReferenceDistribution("linear", -1, 1.0, 1.0, 22).transform(np.array([2.0]))[0] == -2.0


def test_both_ends_of_popularity_count() -> None:
    """The least popular and the most popular account are equally rare."""
    p = two_sided_rank_p_values(np.arange(201.0))
    assert p[0] == pytest.approx(p[-1])
    assert p[0] < 0.06
    assert p[100] == 1.0


def test_two_sided_is_uniform_among_users() -> None:
    """In populations of users, P(p ≤ a) is near a."""
    rng = np.random.default_rng(9)
    p = np.concatenate([two_sided_rank_p_values(rng.normal(size=500)) for _ in range(100)])
    for level in (0.1, 0.05, 0.02):
        assert np.mean(p <= level) <= 1.5 * level
