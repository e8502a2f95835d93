"""Collisions: by hand, among independent accounts, and with other names."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import brentq
from scipy.special import rel_entr
from tests.rings.populations import Pairs, ring, scenes, together, users

from ringfence.model.ring import Level
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs
from ringfence.rings.collision.null_distribution import set_dispersion_k
from ringfence.stats.negative_binomial import log_lower_tail


def small() -> Holdings:
    """Return four accounts and two groups: items 1 to 4 of one, 5 and 6 of the other."""
    held = {10: (1, 2, 5), 20: (1, 3, 5), 30: (2, 4, 6), 40: (3, 4, 6)}
    pairs = np.array([(a, i) for a, items in held.items() for i in items], dtype=np.uint64)
    return holdings_from_pairs(pairs[:, 0], pairs[:, 1], 1 + (pairs[:, 1] > 4).astype(np.uint64))


def test_collisions_by_hand() -> None:
    """Each account holds 2 of the first group's 8 holdings and 1 of the second's 4."""
    collisions = Collisions.of(small(), "group")
    observed, expected = collisions.pairwise(np.arange(4))
    assert observed.tolist() == [[0, 2, 1, 0], [2, 0, 0, 1], [1, 0, 0, 2], [0, 1, 2, 0]]
    # Four items with two holders each: 8 ordered collisions of 64 - 16 ordered pairs of holdings;
    # two such items: 4 of 16 - 4.
    first, second = 2 * 2 * 8 / 48, 1 * 1 * 4 / 12
    assert expected[0, 1] == pytest.approx(first + second)
    assert expected.diagonal().tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("level", ["group", "cluster", "global"])
def test_all_pairs_together_are_as_expected(level: Level) -> None:
    """Over all pairs, the expected number is the observed one, at every level."""
    crowd = together(users(np.random.default_rng(1)))
    observed, expected = Collisions.of(crowd, level).within(np.arange(crowd.accounts.size))
    assert observed > 10_000
    assert expected == pytest.approx(observed, rel=1e-5)


def test_the_evidence_of_pairs_is_limited() -> None:
    """Expected collisions are those of the definition, pair by pair; no limit gives all of them."""
    rng = np.random.default_rng(2)
    crowd = users(rng, 120)
    collisions = Collisions.of(together(crowd, ring(crowd, 40, 200, rng, bought=0.3)), "group")
    members = np.arange(100, 160)
    observed, expected = (each.ravel().astype(np.float64) for each in collisions.pairwise(members))
    for limit in (0.05, 0.5, 2.0):
        pairs = zip(observed, expected, strict=True)
        each = [limited(shared, usual, limit) for shared, usual in pairs]
        assert sum(each) < 0.999 * expected.sum()
        found = collisions.expected_with_limited_pairs(members, limit)
        assert found == pytest.approx(sum(each) / 2, rel=1e-5)
    everything = collisions.expected_with_limited_pairs(members, 1e6)
    assert everything == pytest.approx(expected.sum() / 2, rel=1e-5)


def limited(observed: float, expected: float, limit: float) -> float:
    """Return the expected collisions of a pair, reduced until its evidence is the limit."""

    def excess(mean: float) -> float:
        return float(mean - observed + rel_entr(observed, mean) - limit)

    if expected <= observed or excess(expected) <= 0:
        return expected
    return float(brentq(excess, max(observed, 1e-9), expected))


def test_sums_over_pairs_agree() -> None:
    """A set's counts are the sums over its pairs, and half the sums over its members."""
    crowd = together(users(np.random.default_rng(2), 120))
    collisions = Collisions.of(crowd, "group")
    members = np.arange(5, 60, 3)
    observed, expected = collisions.within(members)
    pairs = collisions.pairwise(members)
    toward = collisions.with_set(members)
    for whole, each, account in zip((observed, expected), pairs, toward, strict=True):
        assert each.sum() / 2 == pytest.approx(whole, rel=1e-5)
        assert account[members].sum() / 2 == pytest.approx(whole, rel=1e-5)


@given(seed=st.integers(0, 1000))
@settings(max_examples=15)
def test_independent_accounts_collide_as_expected(seed: int) -> None:
    """Random sets of users, with rare tastes and heavy holders among them, have O near Λ."""
    rng = np.random.default_rng(seed)
    crowd = together(users(rng))
    collisions = Collisions.of(crowd, "group")
    members = rng.choice(crowd.accounts.size, 60, replace=False)
    observed, expected = collisions.within(members)
    assert abs(observed - expected) < 5 * np.sqrt(expected) + 0.03 * expected


@pytest.mark.slow
@pytest.mark.parametrize("level", ["group", "genre", "cluster", "global"])
@pytest.mark.parametrize("draw", [users, scenes])
def test_p_values_of_independent_accounts_are_uniform(
    draw: Callable[..., Pairs], level: Level
) -> None:
    """Of random sets, at most a share p has a p-value below p.

    A few less do, because k is lowered by its uncertainty.
    """
    p_values = np.concatenate([_p_values(draw, level, seed) for seed in range(4)])
    for alpha in (0.02, 0.1, 0.3, 0.6):
        share, error = np.mean(p_values <= alpha), np.sqrt(alpha / p_values.size)
        assert share <= alpha + 5 * error
        assert share >= alpha / 3 - 5 * error


def _p_values(draw: Callable[..., Pairs], level: Level, seed: int) -> np.ndarray:
    """Return uncorrected p-values of sets of thirty accounts in one population."""
    rng = np.random.default_rng(seed)
    collisions = Collisions.of(together(draw(rng, 400), genres=10), level)
    groups = [rng.choice(400, 30, replace=False) for _ in range(100)]
    shape = set_dispersion_k(collisions, groups[0], groups[0], seed)
    return np.exp([log_lower_tail(*collisions.within(group), shape) for group in groups])


def test_accounts_with_rare_tastes_collide_as_expected() -> None:
    """Strata by popularity allow for accounts that take rare items."""
    crowd = together(users(np.random.default_rng(3), 1_000))
    collectors = np.flatnonzero(crowd.accounts % 10 == 0)
    observed, expected = Collisions.of(crowd, "group").within(collectors)
    assert observed / expected > 0.8


def test_a_ring_has_no_collisions() -> None:
    """Forty accounts that divide the most held items share none, where hundreds are expected."""
    rng = np.random.default_rng(4)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    members = np.flatnonzero(population.accounts >= 10_000)
    observed, expected = Collisions.of(population, "group").within(members)
    assert observed == 0
    assert expected > 300


@given(seed=st.integers(0, 1000))
@settings(max_examples=10)
def test_renaming_changes_nothing(seed: int) -> None:
    """Other keys of accounts, items and groups give the same counts."""
    rng = np.random.default_rng(seed)
    account, item = users(rng, 80)
    names, numbers = rng.permutation(2**20)[:80], rng.permutation(2**20)[: item.max() + 1]
    shuffled = rng.permutation(account.size)
    one = holdings_from_pairs(*(x.astype(np.uint64) for x in (account, item, 1 + item // 40)))
    other = holdings_from_pairs(
        *(x[shuffled].astype(np.uint64) for x in (names[account], numbers[item], 300 - item // 40))
    )
    some = np.arange(0, 80, 3)
    again = np.searchsorted(other.accounts, names[some].astype(np.uint64))
    before = Collisions.of(one, "group").within(some)
    assert Collisions.of(other, "group").within(again) == pytest.approx(before, rel=1e-6)


def test_items_without_a_group_are_left_out_by_group() -> None:
    """Items without a group do not count at the level of groups, and do by popularity alone."""
    pairs = np.array([(a, i) for a in range(5) for i in range(6)], dtype=np.uint64)
    holdings = holdings_from_pairs(
        pairs[:, 0], pairs[:, 1], np.where(pairs[:, 1] < 4, 0, 9).astype("u8")
    )
    assert Collisions.of(holdings, "group").item_counts.tolist() == [2] * 5
    assert Collisions.of(holdings, "global").item_counts.tolist() == [6] * 5
