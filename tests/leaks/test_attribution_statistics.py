"""The p-values of an attribution are what they say, in populations with and without heavy tails."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from ringfence.leaks.attribution.likelihood import group_shape, honest_rates
from ringfence.leaks.attribution.order import FEWEST_GROUPS, joint_log_p, listed_orders, ranked
from ringfence.leaks.attribution.rarity import compared_overlaps, smallest_log_p
from ringfence.leaks.attribution.statements import RARITIES
from ringfence.leaks.attribution.tails import log_tails, log_tails_of_tastes
from ringfence.leaks.attribution.variation import Variation, population_variation
from ringfence.stats.arrays import Floats, Integers

SEEDS = 10
ACCOUNTS = 3_000
LIMIT = np.log(0.01 / ACCOUNTS)


def sizes(kind: str, rng: np.random.Generator) -> Floats:
    """Return the items that accounts expect: alike, a few very heavy ones, or hardly any."""
    if kind == "heavy":
        expected = rng.lognormal(0.0, 0.8, ACCOUNTS)
        expected[: ACCOUNTS // 100] *= 50
        return expected
    return rng.lognormal(-3.0 if kind == "light" else 0.5, 1.0, ACCOUNTS)


def held(kind: str, expected: Floats, rng: np.random.Generator) -> Integers:
    """Return what honest accounts hold of a dump."""
    if kind == "poisson":
        return rng.poisson(expected)
    if kind == "albums":
        return 6 * rng.poisson(expected / 6)
    if kind == "gamma":
        return rng.poisson(expected * rng.gamma(4, 1 / 4, expected.size))
    # Of collectors, only heavy accounts have tastes of their own.
    sigma = np.where(expected > 20, 0.5, 0.1) if kind == "collectors" else np.full(ACCOUNTS, 0.5)
    tastes = np.exp(sigma * rng.standard_normal(expected.size) - sigma**2 / 2)
    return rng.poisson(expected * tastes)


@pytest.mark.slow
@pytest.mark.parametrize("size", ["alike", "heavy", "light"])
@pytest.mark.parametrize("kind", ["poisson", "gamma", "albums", "lognormal", "collectors"])
def test_small_p_values_are_as_rare_as_they_say(kind: str, size: str) -> None:
    """Over many populations shares are kept by all accounts and by the heaviest, none is named."""
    p_values, heaviest, named = [], [], 0
    for seed in range(SEEDS):
        rng = np.random.default_rng([seed, 5])
        expected = sizes(size, rng)
        observed = held(kind, expected, rng)
        variation = population_variation(observed, expected, expected)
        p_values.append(variation.randomised_p_values(observed, expected, expected, seed))
        log_p = variation.log_p(observed, expected, expected)
        heaviest.append(np.exp(log_p[expected >= np.quantile(expected, 0.99)]))
        named += int((log_p <= LIMIT).sum())
    assert named == 0
    joined = np.concatenate(p_values)
    # Whole albums are not negative binomial. No account is named for a p-value as large as this.
    assert np.mean(joined <= 0.1) <= 1.25 * 0.1 + 3 * np.sqrt(0.1 / joined.size)
    for share in (0.01, 0.001):
        assert np.mean(joined <= share) <= share + 3 * np.sqrt(share / joined.size)
    of_heaviest = np.concatenate(heaviest)
    for share in (0.1, 0.01, 0.001):
        # Those of one population share an estimate of their variation.
        rare = np.sum(of_heaviest <= share)
        assert stats.binom.sf(rare - 1, of_heaviest.size, share) > 1e-3


@pytest.mark.parametrize("kind", ["gamma", "albums", "lognormal"])
def test_small_p_values_do_not_depend_on_how_many_are_asked_for(kind: str) -> None:
    """Those up to a limit are the same as if all were computed, and the others stay beyond it."""
    rng = np.random.default_rng(8)
    expected = sizes("heavy", rng)
    observed = held(kind, expected, rng)
    variation = population_variation(observed, expected, expected)
    everything = variation.randomised_p_values(observed, expected, expected, 3)
    some = variation.randomised_p_values(observed, expected, expected, 3, most=0.05)
    small = everything <= 0.05
    assert small.any()
    np.testing.assert_allclose(some[small], everything[small], rtol=1e-12)
    assert (some[~small] > 0.05).all()


@pytest.mark.parametrize("factor", [1.1, 1.3, 1.6])
def test_a_very_heavy_account_is_not_named_for_its_volume(factor: float) -> None:
    """An account that expects 10,000 items may hold more by as much as lighter ones vary."""
    rng = np.random.default_rng(3)
    expected = rng.lognormal(0.0, 0.8, ACCOUNTS)
    spread = 0.2 if factor > 1.1 else 0.0
    tastes = np.exp(spread * rng.standard_normal(ACCOUNTS) - spread**2 / 2)
    observed = rng.poisson(expected * tastes)
    expected[0], observed[0] = 10_000, int(10_000 * factor)
    variation = population_variation(observed, expected, expected)
    assert variation.log_p(observed, expected, expected)[0] > LIMIT


def test_p_values_do_not_depend_on_the_order_of_accounts() -> None:
    """A population in another order has the same variation and the same p-values."""
    rng = np.random.default_rng(4)
    expected = sizes("heavy", rng)
    observed = held("lognormal", expected, rng)
    order = rng.permutation(ACCOUNTS)
    found = population_variation(observed, expected, expected)
    again = population_variation(observed[order], expected[order], expected[order])
    assert again.begins == found.begins
    assert again.spreads == pytest.approx(found.spreads, rel=0.2)


def test_without_overdispersion_the_model_is_hardly_wider() -> None:
    """The estimates do not make the test needlessly timid."""
    factors, spreads = [], []
    for seed in range(SEEDS):
        rng = np.random.default_rng(seed)
        expected = rng.lognormal(1.5, 0.7, ACCOUNTS)
        variation = population_variation(rng.poisson(expected), expected, expected)
        factors.append(max(variation.factors))
        spreads.append(variation.spreads[-1])
    assert np.median(factors) < 1.15
    assert np.median(spreads) < 0.03


def test_a_ring_of_one_account_in_fifty_does_not_hide_itself() -> None:
    """Sources hardly raise the variation, and all of them stay unusual."""
    rng = np.random.default_rng(1)
    expected = rng.lognormal(0.5, 1.0, ACCOUNTS)
    expected[:60] = 10.0
    observed = rng.poisson(expected)
    observed[:60] = rng.poisson(60, 60)
    variation = population_variation(observed, expected, expected)
    assert max(variation.factors) < 1.5
    assert (variation.log_p(observed, expected, expected)[:60] <= LIMIT).mean() > 0.95


@pytest.mark.parametrize("spread", [0.1, 0.5])
def test_accounts_that_divide_a_catalogue_do_not_hide_one_of_them(spread: float) -> None:
    """Four heavy accounts without any item of the dump do not make the fifth look usual."""
    rng = np.random.default_rng(2)
    expected = sizes("heavy", rng)
    tastes = np.exp(spread * rng.standard_normal(ACCOUNTS) - spread**2 / 2)
    observed = rng.poisson(expected * tastes)
    expected[:5], observed[:5] = 60.0, [900, 0, 0, 0, 0]
    variation = population_variation(observed, expected, expected)
    log_p = variation.log_p(observed, expected, expected)
    assert np.flatnonzero(log_p <= LIMIT).tolist() == [0]


def test_heavy_accounts_of_which_many_hold_nothing_vary_as_much() -> None:
    """If a third of the heavy accounts holds nothing of a dump, the others may hold much of it."""
    rng = np.random.default_rng(2)
    expected = sizes("heavy", rng)
    observed = rng.poisson(expected)
    expected[:30] = 60.0
    observed[:30] = np.where(np.arange(30) % 3, rng.poisson(90, 30), 0)
    observed[1] = 200
    variation = population_variation(observed, expected, expected)
    assert (variation.log_p(observed, expected, expected) > LIMIT).all()


@pytest.mark.parametrize("compared", [1, 2, 4])
def test_the_smallest_of_several_p_values_is_as_rare_as_it_says(compared: int) -> None:
    """Independent comparisons, the worst case, keep each share."""
    uniform = np.random.default_rng(3).random((compared, 100_000))
    smallest = smallest_log_p(np.log(uniform))
    for share in (0.1, 0.01, 0.001):
        rare = int(np.sum(smallest <= np.log(share)))
        assert stats.binom.sf(rare - 1, uniform.shape[1], share) > 1e-3
    assert smallest.max() <= 0


def test_rarer_items_are_compared_only_where_their_variation_is_known() -> None:
    """Two unique items accuse no user if hardly any account has a unique one."""
    table: dict[str, np.ndarray] = {"is_ring": np.zeros(ACCOUNTS, dtype=bool)}
    rng = np.random.default_rng(4)
    for suffix, most in RARITIES.items():
        expected = np.full(ACCOUNTS, 3.0 if most is None else 1e-4)
        observed = rng.poisson(expected)
        observed[0] = 5 if most is None else 2
        table |= {
            f"leaked{suffix}": observed, f"expected{suffix}": expected,
            f"variance{suffix}": expected,
        }  # fmt: skip
    (everything,) = compared_overlaps(table, np.ones(ACCOUNTS, dtype=np.int64))
    assert everything.most is None
    assert everything.log_p[0] > LIMIT


def test_a_population_without_a_model_names_nobody() -> None:
    """If accounts hold all of the dump or nothing of it, no tail is computed."""
    rng = np.random.default_rng(1)
    expected = np.full(1_000, 0.5)
    observed = np.where(rng.random(1_000) < 0.3, 5_000, 0)
    variation = population_variation(observed, expected, expected)
    assert not variation.is_known
    assert not variation.log_p(observed, expected, expected).any()


def test_tails_are_those_of_the_distributions() -> None:
    """Negative binomial and Poisson tails are exact to 1e-9, far below the smallest float too."""
    rng = np.random.default_rng(2)
    mean = rng.lognormal(0.5, 1.5, 2_000)
    dispersion = np.where(rng.random(2_000) < 0.3, 1.0, 1 + rng.exponential(1, 2_000))
    observed = rng.poisson(3 * mean)
    wide = dispersion > 1
    right = np.where(
        wide,
        stats.nbinom.logsf(
            observed - 1,
            mean / np.where(wide, dispersion - 1, 1),
            1 / np.where(wide, dispersion, 2),
        ),
        stats.poisson.logsf(observed - 1, mean),
    )
    assert log_tails(observed, mean, dispersion) == pytest.approx(right, rel=1e-9, abs=1e-9)
    assert log_tails(np.array([10_000]), np.ones(1), np.ones(1))[0] == -690


@pytest.mark.parametrize(("observed", "mean"), [(20, 2.0), (300, 50.0), (60_000, 10_000.0)])
def test_tails_of_tastes_are_at_most_half_too_large(observed: int, mean: float) -> None:
    """The sum over intervals bounds the integral over a lognormal factor from above."""
    sigma = np.sqrt(np.log1p(0.284))
    normal = np.linspace(-8, 14, 20_001)
    tails = stats.poisson.sf(observed - 1, mean * np.exp(sigma * normal - sigma**2 / 2))
    integral = np.log(np.trapezoid(stats.norm.pdf(normal) * tails, normal))
    found = log_tails_of_tastes(np.array([observed]), *(np.array([x]) for x in (mean, 1.0, 0.284)))
    assert integral <= found[0] <= integral + np.log(1.7)


def test_classes_without_a_model_are_left_out_of_the_document() -> None:
    """The JSON has no infinite numbers."""
    found = Variation((4.0,), (1.0, np.inf), (0.1, np.inf)).to_json()
    assert found == [{"expected_from": 0.0, "factor": 1.0, "spread": 0.1, "stretch": 1.0}]


def test_a_ring_does_not_raise_the_rate_of_items_that_one_account_holds() -> None:
    """If a ring holds most items of a level, the accounts' own share of leaked items counts."""
    pools = {
        "band": np.zeros(2, dtype=np.int64),
        "level": np.arange(2),
        "items": np.array([1_000_000, 100_000]),
        "leaked": np.array([1_000, 10_000]),
    }
    strata = {
        "band": np.zeros(500, dtype=np.int64),
        "level": np.ones(500, dtype=np.int64),
        "items": np.full(500, 1_000),
        "leaked": np.ones(500, dtype=np.int64),
    }
    assert honest_rates(pools, strata)[1] == pytest.approx(0.001, rel=0.1)


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
