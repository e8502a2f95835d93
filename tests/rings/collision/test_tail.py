"""The lower tail, and what groups drawn at random say of the law."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from tests.rings.crowd import ring, runs, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.matched_controls import bunching, groups_like, measured_shape
from ringfence.rings.collision.tail import (
    LARGEST_SHAPE,
    LEAST_SHAPE,
    log_p_value,
    log_tail,
    lower_shape_of,
    shape_of,
)

Measure = Callable[[np.ndarray, np.ndarray], float]


@given(expected=st.floats(1, 3_000), share=st.floats(0, 0.95), shape=st.floats(1, 1e5))
def test_the_tail_is_a_bound(expected: float, share: float, shape: float) -> None:
    """Never below the true tail, wherever that can be computed."""
    observed = float(int(share * expected))
    exact = stats.nbinom.logcdf(observed, shape, shape / (shape + expected))
    if exact > -600:
        assert float(log_tail(observed, expected, shape)) >= exact - 1e-6


@given(expected=st.floats(20, 3_000), share=st.floats(0, 0.5), shape=st.floats(200, 1e5))
def test_the_tail_is_a_close_bound(expected: float, share: float, shape: float) -> None:
    """Half of what is expected or less, by a law not far from Poisson: within a factor of three."""
    observed = float(int(share * expected))
    exact = stats.nbinom.logcdf(observed, shape, shape / (shape + expected))
    if exact > -600:
        assert float(log_tail(observed, expected, shape)) <= exact + np.log(3)


def test_no_evidence_from_collisions_as_expected() -> None:
    """At the mean and above it nothing is said; nothing is certain of nothing expected."""
    assert log_tail(np.array([10.0, 20.0, 0.0]), np.array([10.0, 10.0, 0.0]), 5.0).tolist() == [
        0,
        0,
        0,
    ]


def test_the_tail_reaches_where_floats_end() -> None:
    """None of ten thousand expected by a Poisson law is ln p = -10,000, not minus infinity."""
    assert float(log_tail(0, 10_000, LARGEST_SHAPE)) == pytest.approx(-10_000, rel=0.01)


@pytest.mark.parametrize("shape_of", [shape_of, lower_shape_of])
def test_a_poisson_law_has_no_shape(shape_of: Measure) -> None:
    """Poisson counts show a shape too large to matter, gamma-mixed ones about their own."""
    rng = np.random.default_rng(1)
    mean = np.full(4_000, 500.0)
    assert shape_of(rng.poisson(mean).astype(float), mean) > 3_000
    mixed = rng.poisson(mean * rng.gamma(40, 1 / 40, mean.size)).astype(float)
    assert 25 < shape_of(mixed, mean) < 45


@pytest.mark.parametrize("shape_of", [shape_of, lower_shape_of])
@pytest.mark.parametrize("shape", [0.5, 1, 2, 5])
def test_wide_laws_are_not_taken_for_narrow_ones(shape_of: Measure, shape: float) -> None:
    """The shape of a skewed law is hardly overrated: evidence may be lost by it, not invented."""
    rng = np.random.default_rng(2)
    mean = np.full(2_000, 200.0)
    mixed = rng.poisson(mean * rng.gamma(shape, 1 / shape, mean.size)).astype(float)
    assert shape_of(mixed, mean) < 1.1 * shape


def test_groups_drawn_are_as_large_as_the_ring() -> None:
    """Hundreds of members of one size find as many neighbours, each another and none of them."""
    collisions = Collisions.of(together(users(np.random.default_rng(3), 1_000)), "group")
    for many in (10, 100, 300):
        members, suspected = np.arange(many), np.arange(many, many + 20)
        drawn = next(groups_like(collisions.size, collisions.by_size, members, suspected, 4))
        assert np.unique(drawn).size == many
        assert drawn.min() >= many + 20


@pytest.mark.parametrize("many", [40, 100])
def test_all_neighbours_are_drawn_as_often(many: int) -> None:
    """Of accounts that are all alike, each neighbour of the members is in its share of groups."""
    others = 50_000
    alike, ranked = np.ones(others + many), np.arange(others + many)
    groups = islice(groups_like(alike, ranked, ranked[:many], ranked[:0], 5), 2_000)
    often = np.bincount(np.concatenate(list(groups)), minlength=others + many)
    assert not often[:many].any()
    drawn = often[often > 0]
    assert drawn.size == 5 * many
    # Each is in a fifth of the groups, give or take four standard deviations.
    assert np.abs(drawn - 400).max() < 4 * np.sqrt(2_000 * 0.2 * 0.8)


def test_who_makes_up_for_repeats_comes_from_anywhere_near() -> None:
    """Members at both ends of a million accounts: who stands in is drawn from between them too."""
    alike = np.arange(1_000_000.0)
    members = np.concatenate([np.arange(40), 999_960 + np.arange(40)])
    ranked = np.arange(alike.size)
    drawn = np.concatenate(list(islice(groups_like(alike, ranked, members, members, 6), 200)))
    between = drawn[(drawn > 10_000) & (drawn < 990_000)]
    assert 200 <= between.size < 0.2 * drawn.size
    assert abs(between.mean() / 500_000 - 1) < 0.1


def test_too_few_others_say_nothing() -> None:
    """Where nobody is left to compare with, hardly any number of collisions is unusual."""
    collisions = Collisions.of(together(users(np.random.default_rng(3), 79)), "group")
    assert measured_shape(collisions, np.arange(40), np.arange(40)) == LEAST_SHAPE


def test_few_others_say_less() -> None:
    """Drawn from 50 others the dispersion is uncertain: the law is wider than drawn from 560."""
    few = Collisions.of(together(users(np.random.default_rng(3), 90)), "global")
    many = Collisions.of(together(users(np.random.default_rng(3), 600)), "global")
    rows = np.arange(40)
    assert LEAST_SHAPE < measured_shape(few, rows, rows) < measured_shape(many, rows, rows)


def test_p_values_of_independent_groups_are_not_too_small() -> None:
    """Groups drawn at random, heavy holders and obscure tastes among them, over ten populations."""
    p = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        collisions = Collisions.of(together(users(rng, 400)), "group")
        shape = measured_shape(collisions, np.arange(0, 400, 10), np.zeros(0, np.intp))
        groups = [rng.choice(collisions.items.size, 40, replace=False) for _ in range(100)]
        p += [float(np.exp(log_tail(*collisions.among(group), shape))) for group in groups]
    for level in (0.1, 0.05, 0.01):
        assert np.mean(np.array(p) <= level) <= 1.3 * level + 0.01


def test_runs_come_in_bunches() -> None:
    """Accounts that take runs of ten share bunches of items; those of a ring one item or none."""
    rng = np.random.default_rng(5)
    crowd, first = users(rng), np.arange(40)
    in_runs = Collisions.of(together(runs(rng, 600, 10)), "group")
    dealt = Collisions.of(together(crowd, ring(crowd, 40, 60, rng)), "group")
    assert 3 < bunching(in_runs, first, first) < 10
    assert 1 <= bunching(dealt, 600 + first, 600 + first) < 1.5


@given(bunches=st.integers(1, 30), missing=st.integers(1, 30), size=st.floats(1, 50))
def test_bunches_of_one_size_are_counted(bunches: int, missing: int, size: float) -> None:
    """Collisions that come so many at a time are as rare as their bunches are."""
    expected = bunches + missing
    observed = log_p_value(bunches * size, expected * size, LARGEST_SHAPE, size)
    assert observed == pytest.approx(stats.poisson.logcdf(bunches, expected), rel=1e-3)


def test_a_part_of_a_bunch_is_one() -> None:
    """Three collisions in bunches of two are two bunches, not one."""
    two = log_p_value(4, 40, LARGEST_SHAPE, 2.0)
    assert log_p_value(3, 40, LARGEST_SHAPE, 2.0) == two
    assert log_p_value(2, 40, LARGEST_SHAPE, 2.0) < two


def test_p_values_of_accounts_that_take_runs_are_not_too_small() -> None:
    """Groups of accounts that take runs, over ten populations."""
    p = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        collisions = Collisions.of(together(users(rng, 200), runs(rng, 200)), "group")
        those = np.arange(200, collisions.items.size)
        for _ in range(40):
            group = np.sort(rng.choice(those, 30, replace=False))
            shape = measured_shape(collisions, group, group)
            bunches = bunching(collisions, group, group)
            p.append(np.exp(log_p_value(*collisions.among(group), shape, bunches)))
    for level in (0.1, 0.05, 0.01):
        assert np.mean(np.array(p) <= level) <= 1.3 * level + 0.01
