"""Calibration as statistics: p-values that keep their promise, and extractors that do not hide."""

from __future__ import annotations

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
    calibrate,
    rank_p_values,
    require_accounts,
    simes,
)

LEVELS = (0.1, 0.05, 0.01, 0.001)
ACCOUNTS = 60_000
"""Accounts drawn for each case, in as many populations as that makes."""


@dataclass(frozen=True)
class Population:
    """A law of users, with the envelope that measuring many of them would give."""

    name: str
    reference: ReferenceDistribution

    def draw(self, rng: np.random.Generator, accounts: int) -> Floats:
        """Draw users."""
        match self.name:
            case "normal":
                return rng.normal(50, 10, accounts)
            case "lognormal":
                return rng.lognormal(4, 0.7, accounts)
            case _:
                return np.asarray(20 * (1 - rng.random(accounts)) ** (-1 / PARETO))

    def extreme(self, spreads: float) -> float:
        """Return the value so many spreads above the median."""
        envelope = self.reference
        if envelope.scale == "linear":
            return envelope.median + spreads * envelope.spread
        return float(envelope.median * np.exp(spreads * envelope.spread))


PARETO = 1.5
"""Tail index; the variance is infinite."""

PARETO_SPREAD = float(
    max(np.log(0.5 / tail) / PARETO / stats.norm.isf(tail) for tail in (0.05, 0.01, 0.001))
)
"""The largest that the upper quantiles imply, as the envelope's spreads are made."""

POPULATIONS = (
    Population("normal", ReferenceDistribution("linear", 1, 50, 10, 96)),
    Population("lognormal", ReferenceDistribution("log", 1, float(np.exp(4)), 0.7, 96)),
    Population(
        "pareto", ReferenceDistribution("log", 1, 20 * 2 ** (1 / PARETO), PARETO_SPREAD, 96)
    ),
)


def p_of(values: Floats, population: Population, *, enveloped: bool) -> Floats:
    """Return p-values with the population's envelope, or without any."""
    if enveloped:
        return calibrate(values, population.reference)
    return rank_p_values(values, direction=population.reference.direction)


def share_at_most(p_values: list[Floats], level: float) -> tuple[float, float]:
    """Return the share of p-values up to a level, over populations, and its standard error."""
    shares = np.array([np.mean(p <= level) for p in p_values])
    return float(shares.mean()), float(shares.std() / np.sqrt(shares.size))


@pytest.mark.parametrize("enveloped", [True, False], ids=["envelope", "population"])
@pytest.mark.parametrize("accounts", [20, 60, 200, 20_000])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_users_are_seldom_rare(population: Population, accounts: int, enveloped: bool) -> None:
    """In populations of users, P(p ≤ a) is at most 1.5 a, whatever the size and the tail."""
    rng = np.random.default_rng(accounts)
    p_values = [
        p_of(population.draw(rng, accounts), population, enveloped=enveloped)
        for _ in range(max(ACCOUNTS // accounts, 1))
    ]
    for level in LEVELS:
        share, error = share_at_most(p_values, level)
        assert share <= 1.5 * level + 4 * error, (level, share)


@pytest.mark.parametrize("enveloped", [True, False], ids=["envelope", "population"])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_levels_are_used(population: Population, enveloped: bool) -> None:
    """In a large population p-values are no empty promise: P(p ≤ 0.05) is not far below 0.05."""
    rng = np.random.default_rng(5)
    p = p_of(population.draw(rng, 20_000), population, enveloped=enveloped)
    assert 0.04 <= np.mean(p <= 0.05) <= 0.06


@pytest.mark.parametrize(("accounts", "most"), [(200, 0.006), (2_000, 0.002), (20_000, 0.001)])
@pytest.mark.parametrize("population", POPULATIONS, ids=lambda p: p.name)
def test_extractors_do_not_mask_themselves(
    population: Population, accounts: int, most: float
) -> None:
    """Where 4 % extract, every one of them stays rare, and no user becomes so."""
    rng = np.random.default_rng(accounts)
    planted = accounts // 25
    for _ in range(5):
        values = population.draw(rng, accounts)
        values[:planted] = population.extreme(8) * rng.uniform(1, 1.2, planted)
        p = calibrate(values, population.reference)
        assert p[:planted].max() <= most
        assert np.mean(p[planted:] <= 0.01) <= 0.01


def test_a_crowd_of_extractors_is_seen_by_the_envelope_alone() -> None:
    """Where half the accounts extract, the population knows nothing better, but p stays small
    in a small population, in which the envelope weighs.
    """  # noqa: D205 - one sentence
    lognormal = POPULATIONS[1]
    values = lognormal.draw(np.random.default_rng(1), 40)
    values[::2] = lognormal.extreme(6)
    p = calibrate(values, lognormal.reference)
    weight = PRIOR_ACCOUNTS / (40 + PRIOR_ACCOUNTS)
    assert p[0] == pytest.approx((1 - weight) * 21 / 41, rel=1e-3)
    assert rank_p_values(values[::2], direction=1).min() > 0.9


def test_mixture_weighs_the_envelope_by_accounts() -> None:
    """The envelope counts for 200 accounts, and for one in twenty of the largest population."""
    reference = ReferenceDistribution("linear", 1, 0.0, 1.0, 96)
    for accounts in (40, 200, 100_000):
        values = np.zeros(accounts)
        values[-1] = 1e9
        weight = max(REFERENCE_SHARE, PRIOR_ACCOUNTS / (accounts + PRIOR_ACCOUNTS))
        envelope = float(reference.survival(np.zeros(1))[0])
        p = calibrate(values, reference)
        assert p[0] == pytest.approx(weight * envelope + (1 - weight), rel=1e-9)
        assert p[-1] == pytest.approx((1 - weight) * 2 / (accounts + 1), rel=1e-9)


def test_too_few_accounts_are_not_compared() -> None:
    """Below the smallest population the envelope alone answers, and without one nothing does."""
    few = np.arange(1.0, SMALLEST_POPULATION)
    reference = ReferenceDistribution("log", 1, 5.0, 1.0, 96)
    assert calibrate(few, reference) == pytest.approx(reference.survival(few))
    with pytest.raises(CannotRun, match="fewer than 20 accounts to compare with"):
        rank_p_values(few, direction=1)
    with pytest.raises(CannotRun, match="fewer than 20 listeners"):
        require_accounts(19, "listeners")
    require_accounts(20, "listeners")


def test_without_envelope_nothing_is_rarer_than_the_population_is_large() -> None:
    """A population alone vouches for a rank and no less, however far away a value is."""
    values = np.append(np.random.default_rng(2).lognormal(size=99), 1e300)
    p = rank_p_values(values, direction=1)
    assert p[-1] == pytest.approx(2 / 101)
    assert np.sort(p) == pytest.approx(np.arange(2, 102) / 101)


@pytest.mark.parametrize("people", [3, 10, 96])
def test_envelope_is_the_predictive_law(people: int) -> None:
    """The envelope's tail is the chance of one more person, mean and spread being estimated."""
    rng = np.random.default_rng(people)
    sample = rng.normal(size=(40_000, people + 1))
    new, known = sample[:, -1], sample[:, :-1]
    z = (new - known.mean(axis=1)) / known.std(axis=1, ddof=1)
    p = ReferenceDistribution("linear", 1, 0.0, 1.0, people).survival(z)
    for level in (0.1, 0.01):
        assert np.mean(p <= level) == pytest.approx(level, abs=5 * np.sqrt(level / 40_000))


def test_envelope_says_half_at_the_median() -> None:
    """A value at the users' median has p = 1/2 on either scale and in either direction."""
    for scale in ("log", "linear"):
        for more in (1, -1):
            reference = ReferenceDistribution(scale, more, 7.0, 0.4, 22)
            assert reference.survival(np.array([7.0]))[0] == pytest.approx(0.5)
            lower, higher = reference.survival(np.array([6.0, 8.0]))
            assert (lower > higher) == (more == 1)


@given(st.lists(st.floats(1e-6, 1e6), min_size=20, max_size=60), st.booleans(), st.booleans())
def test_more_is_never_less_rare(values: list[float], enveloped: bool, less: bool) -> None:
    """Among any accounts, who shows more of what is tested never has a larger p-value."""
    shown = np.sort(np.array(values))
    more: Direction = -1 if less else 1
    reference = ReferenceDistribution("log", more, 10.0, 1.0, 22)
    p = calibrate(shown, reference) if enveloped else rank_p_values(shown, direction=more)
    assert np.all(np.diff(p) * more <= 1e-12)
    assert np.all((p > 0) & (p <= 1))


@given(st.lists(st.floats(0.5, 1e4), min_size=20, max_size=60), st.permutations(range(20)))
def test_order_of_accounts_does_not_matter(values: list[float], order: list[int]) -> None:
    """The same accounts in another order get the same p-values."""
    these = np.array(values[:20])
    p = rank_p_values(these, direction=1)
    assert rank_p_values(these[order], direction=1) == pytest.approx(p[order])


def test_ties_share_a_rank() -> None:
    """Where all are alike nobody is rare, and a single exception is as rare as its rank."""
    alike = np.full(99, 3.0)
    assert np.all(rank_p_values(alike, direction=1) == 1.0)
    p = rank_p_values(np.append(alike, 4.0), direction=1)
    assert p[-1] == pytest.approx(2 / 101)
    assert np.all(p[:-1] == 1.0)


def test_zero_has_a_logarithm() -> None:
    """Zero on the log scale is the least there is, and finite."""
    x = ReferenceDistribution("log", 1, 1.0, 1.0, 22).transform(np.array([0.0, 1.0]))
    assert np.isfinite(x).all()
    assert x[0] < -700
    assert ReferenceDistribution("linear", -1, 1.0, 1.0, 22).transform(np.array([2.0]))[0] == -2.0


def test_simes_is_exact_for_independent_tests() -> None:
    """Simes' rule is uniform under independence, and conservative when tests are copies."""
    rng = np.random.default_rng(4)
    joined = simes(rng.random((50_000, 5)))
    assert stats.kstest(joined, "uniform").pvalue > 1e-3
    copies = np.repeat(rng.random((1_000, 1)), 5, axis=1)
    assert simes(copies) == pytest.approx(copies[:, 0])


def test_simes_leaves_out_what_was_not_measured() -> None:
    """NaN does not count as a test; nothing but NaN stays NaN."""
    joined = simes(np.array([[0.01, np.nan, np.nan], [0.01, 0.5, np.nan], [np.nan] * 3]))
    assert joined[:2] == pytest.approx([0.01, 0.02])
    assert np.isnan(joined[2])
