"""The p-values of an attribution are what they say, in populations with and without heavy tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ringfence.leaks.attribution.likelihood import (
    group_shape,
    honest_rates,
    population_variation,
    randomised_p_values,
)
from ringfence.leaks.attribution.order import FEWEST_GROUPS, joint_log_p, listed_orders, ranked
from ringfence.stats.arrays import Floats, Integers

SEEDS = 20
ACCOUNTS = 3_000


def population(kind: str, rng: np.random.Generator) -> tuple[Integers, Floats]:
    """Return what accounts hold of a dump, and what they would by chance."""
    expected = rng.lognormal(0.5, 1.0, ACCOUNTS)
    if kind == "poisson":
        return rng.poisson(expected), expected
    if kind == "tastes":
        return rng.poisson(expected * rng.gamma(4, 1 / 4, ACCOUNTS)), expected
    if kind == "albums":
        return 6 * rng.poisson(expected / 6), expected
    # Heavy tails: one account in fifty is three times as fond of the dump as the median one.
    return rng.poisson(expected * rng.lognormal(-0.125, 0.5, ACCOUNTS)), expected


@pytest.mark.parametrize("kind", ["poisson", "tastes", "albums", "heavy"])
def test_small_p_values_are_as_rare_as_they_say(kind: str) -> None:
    """Over many populations, shares of 1 in 10, 100 and 1,000 are kept, and nobody is named."""
    p_values, named = [], 0
    for seed in range(SEEDS):
        observed, expected = population(kind, np.random.default_rng(seed))
        variation = population_variation(observed, expected, expected)
        dispersion = variation.dispersion(expected, expected)
        p_values.append(randomised_p_values(observed, expected, dispersion))
        log_p = variation.log_p(observed, expected, expected)
        named += int((log_p <= np.log(0.01 / ACCOUNTS)).sum())
    joined = np.concatenate(p_values)
    for share in (0.1, 0.01, 0.001):
        rare = np.mean(joined <= share)
        assert rare <= 1.25 * share + 3 * np.sqrt(share / joined.size)
    # At a family-wise rate of 1 %, more than two names in 20 runs have a chance of 1e-3.
    assert named <= 2


def test_without_overdispersion_p_values_are_uniform() -> None:
    """The estimate of the dispersion does not make the test needlessly timid."""
    factors, spreads, p_values = [], [], []
    for seed in range(SEEDS):
        observed, expected = population("poisson", np.random.default_rng(seed))
        variation = population_variation(observed, expected, expected)
        factors.append(variation.factor)
        spreads.append(variation.spread)
        p_values.append(randomised_p_values(observed, expected, np.ones(ACCOUNTS)))
    assert np.median(factors) < 1.1
    assert np.median(spreads) < 0.05
    assert stats.kstest(np.concatenate(p_values)[::7], "uniform").pvalue > 0.001


def test_a_ring_of_one_account_in_fifty_does_not_hide_itself() -> None:
    """Sources raise the dispersion by less than half, and all of them stay unusual."""
    rng = np.random.default_rng(1)
    observed, expected = population("poisson", rng)
    observed[:60], expected[:60] = rng.poisson(60, 60), 10.0
    variation = population_variation(observed, expected, expected)
    assert variation.factor < 1.5
    tails = variation.log_p(observed, expected, expected)
    assert (tails[:60] <= np.log(0.01 / ACCOUNTS)).mean() > 0.95


def test_a_population_without_a_model_names_nobody() -> None:
    """If accounts hold all of the dump or nothing of it, no tail is computed."""
    rng = np.random.default_rng(1)
    expected = np.full(1_000, 0.5)
    observed = np.where(rng.random(1_000) < 0.3, 5_000, 0)
    assert not population_variation(observed, expected, expected).is_known


def test_a_heavy_account_does_not_move_the_honest_rate() -> None:
    """A level's rate is that of the accounts, each with at most the items of the median one."""
    pools = {
        "band": np.zeros(2, dtype=np.int64),
        "level": np.arange(2),
        "items": np.array([100_000, 20_000]),
        "leaked": np.array([100, 20]),
    }
    strata = {
        "band": np.zeros(101, dtype=np.int64),
        "level": np.zeros(101, dtype=np.int64),
        "items": np.array([100] * 100 + [50_000]),
        "leaked": np.array([1] * 100 + [5_000]),
    }
    rates = honest_rates(pools, strata)
    # The 100 users have 1 %, the heavy account 10 %: together 11 %, counted alike about 1.1 %.
    assert rates[0] == pytest.approx(0.0109, abs=0.0005)
    assert rates[1] == pytest.approx(21 / 20_001)


def test_groups_that_leak_whole_are_measured() -> None:
    """The shape is small for a dump of whole groups, and large for one of single items."""
    rng = np.random.default_rng(1)
    expected = np.full(20_000, 0.12)
    assert group_shape(rng.poisson(expected).astype(float), expected) > 1
    assert group_shape(12.0 * (rng.random(20_000) < 0.01), expected) < 0.02
    assert group_shape(np.zeros(0), np.zeros(0)) > 1e5


def test_order_has_uniform_p_values_by_group() -> None:
    """Items in random order have uniform p-values, also if albums are taken and listed together."""
    rng = np.random.default_rng(1)
    count, size = 400, 5 * FEWEST_GROUPS
    albums = np.tile(np.repeat(np.arange(size // 5), 5), count)
    shuffled = np.concatenate([rng.permutation(size // 5).repeat(5) for _ in range(count)])
    shared = {
        "candidate": np.repeat(np.arange(count, dtype=np.uint64), size),
        "place": 5 * albums + np.tile(np.arange(5), count * size // 5),
        "first": 86_400 * 30 * shuffled + np.tile(np.arange(5), count * size // 5),
        "holders": rng.integers(1, 50, count * size),
        "group_key": albums,
        "day": np.full(count * size, np.nan),
    }
    found = listed_orders(shared)
    p_values = np.array([one.order_p for one in found.values()])
    assert stats.kstest(p_values, "uniform").pvalue > 0.001


def test_order_counts_at_most_as_its_rank_among_others() -> None:
    """If honest accounts agree with a dump too, the agreement says nothing about a source."""
    usual = np.full(99, 1e-6)
    assert ranked(np.array([1e-6, 1.0]), usual).tolist() == [1.0, 1.0]
    rare = ranked(np.array([1e-9]), np.linspace(0.01, 1, 99))
    assert rare[0] == pytest.approx(0.01)
    assert joint_log_p(np.log(1e-6), (1.0, 1.0)) == np.log(1e-6)
    assert np.log(1e-9) < joint_log_p(np.log(1e-6), (0.01, 1.0)) < np.log(1e-6)
    assert joint_log_p(np.log(1e-6), (0.9, 0.9)) == pytest.approx(np.log(2e-6))
