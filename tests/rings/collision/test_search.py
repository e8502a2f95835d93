"""The search: rings of several kinds are found whole, and nobody where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rings.crowd import Pairs, light, ring, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.pools import Pools
from ringfence.rings.collision.search import Candidate, search
from ringfence.rings.collision.search import Pairs as SearchedPairs
from ringfence.stats.arrays import Rows


def searched(*crowds: Pairs, seed: int = 0) -> tuple[Holdings, tuple[Candidate, ...]]:
    """Search a population in an order that says nothing."""
    population = together(*crowds)
    order = np.random.default_rng(seed).permutation(population.accounts.size)
    pools = Pools(order.size, order, population.items)
    return population, search(Collisions.of(population, "group"), pools)


def names(population: Holdings, members: Rows) -> set[int]:
    """Return the accounts of a candidate."""
    return set(population.accounts[members].tolist())


@pytest.mark.parametrize(("members", "share"), [(20, 120), (40, 60), (100, 40)])
def test_a_ring_is_found_whole(members: int, share: int) -> None:
    """All of its members and nobody else."""
    rng = np.random.default_rng(members)
    crowd = users(rng)
    population, found = searched(crowd, ring(crowd, members, share, rng))
    assert [names(population, one.members) for one in found] == [
        set(range(10_000, 10_000 + members))
    ]


def test_who_has_given_up_looks_at_no_more() -> None:
    """A ring that is found when a search is wanted is not looked for when it is not."""
    rng = np.random.default_rng(40)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    collisions = Collisions.of(population, "group")
    order = rng.permutation(population.accounts.size)
    pools = Pools(order.size, order, population.items)
    assert search(collisions, pools)
    assert search(collisions, pools, lambda: False) == ()


def test_two_rings_are_told_apart() -> None:
    """Each takes the same items its own way: two rings, not one."""
    rng = np.random.default_rng(5)
    crowd = users(rng)
    first, second = ring(crowd, 40, 80, rng), ring(crowd, 31, 90, rng)
    population, found = searched(crowd, first, (second[0] + 1_000, second[1]))
    assert sorted(names(population, one.members) for one in found) == [
        set(range(10_000, 10_040)),
        set(range(11_000, 11_031)),
    ]


def test_a_ring_that_buys_collisions_is_found() -> None:
    """A third of each share is what all hold; nearly all members are found, and no user."""
    rng = np.random.default_rng(6)
    crowd = users(rng)
    population, found = searched(crowd, ring(crowd, 40, 120, rng, bought=0.3))
    assert len(found) == 1
    held = names(population, found[0].members)
    assert held <= set(range(10_000, 10_040))
    assert len(held) >= 36


def test_unequal_shares() -> None:
    """Rows with a tenth of the others' share are found with them."""
    rng = np.random.default_rng(7)
    crowd = users(rng)
    account, item = ring(crowd, 40, 100, rng)
    kept = (account % 2 == 0) | (rng.random(account.size) < 0.25)
    population, found = searched(crowd, (account[kept], item[kept]))
    assert len(found) == 1
    held = names(population, found[0].members)
    assert held <= set(range(10_000, 10_040))
    assert len(held) >= 38


def test_members_with_less_evidence_of_their_own_join() -> None:
    """A third of a ring, beyond those looked at first and too light to join from anywhere."""
    rng = np.random.default_rng(9)
    crowd = users(rng, 1_500)
    population = together(crowd, ring(crowd, 60, 30, rng))
    members = rng.permutation(np.flatnonzero(population.accounts >= 10_000))
    strangers = rng.permutation(np.flatnonzero(population.accounts < 10_000))
    first, later = (
        rng.permutation(np.concatenate(part))
        for part in ((members[:40], strangers[:210]), (members[40:], strangers[210:]))
    )
    pools = Pools(population.accounts.size, np.concatenate([first, later]), population.items)
    (found,) = search(Collisions.of(population, "group"), pools)
    assert names(population, found.members) == set(range(10_000, 10_060))


def test_nobody_joins_a_ring_that_is_elsewhere() -> None:
    """Where no member is among the accounts looked at, none of these would have been found."""
    rng = np.random.default_rng(9)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    rows = np.arange(population.accounts.size)
    members = np.flatnonzero(population.accounts >= 10_000)
    pairs = SearchedPairs.of(Collisions.of(population, "group"), rows)
    free = ~np.isin(rows, members)
    elsewhere = Candidate(members, 0.05, 100.0)
    assert pairs.dividing_with(elsewhere, 250, free).size == 0


def beside(seed: int, early: Pairs, dealt: np.ndarray) -> list[set[int]]:
    """Find rings of a hundred, numbered from 10,000 on, that come first with 150 light users."""
    rng = np.random.default_rng(seed)
    population = together(early, (10_000 + np.arange(dealt.size) % 100, dealt))
    first = (population.accounts >= 10_000) | (population.accounts < 150)
    order = np.concatenate([rng.permutation(np.flatnonzero(part)) for part in (first, ~first)])
    pools = Pools(order.size, order, population.items)
    found = search(Collisions.of(population, "global"), pools)
    return [names(population, one.members) for one in found]


@pytest.mark.parametrize(
    ("seed", "uses", "at_most"),
    [(0, 18, 0), (1, 18, 0), (3, 18, 1), *((n, 25, 5) for n in range(4))],
)
def test_who_may_fit_by_chance_is_hardly_ever_a_member(seed: int, uses: int, at_most: int) -> None:
    """Of users of whom some three or four collisions are expected, some have none.

    They are among the first accounts looked at, beside a ring of a hundred. At 19 to 1, five of a
    hundred members may be such at most, and fewer where three are expected: hardly any is as sure.
    """
    rng = np.random.default_rng(seed)
    dealt = rng.choice(40_000, 6_000, replace=False)
    (held,) = beside(seed, light(rng, 1_900, 150, uses=uses), dealt)
    members = {name for name in held if name >= 10_000}
    assert len(held - members) <= at_most
    assert len(members) >= 90


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_who_leaves_takes_nobody_along(seed: int) -> None:
    """Of a hundred that buy three takes in ten, some are less than sure: most others stay."""
    rng = np.random.default_rng(seed)
    dealt = rng.choice(20_000, 10_000, replace=False)
    bought = rng.random(dealt.size) < 0.3
    dealt[bought] = rng.integers(0, 20_000, int(bought.sum()))
    (held,) = beside(seed, light(rng, 1_900, 150, items=20_000), dealt)
    assert held <= set(range(10_000, 10_100))
    assert len(held) >= 50


@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_independent_accounts_are_no_ring(seed: int) -> None:
    """Whatever they hold, the best set of them does not pay the price of having been looked for."""
    assert searched(users(np.random.default_rng(seed), 300), seed=seed)[1] == ()


@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_logs_cut_in_time_make_no_rings(seed: int) -> None:
    """Each account cut into thirds, which never hold the same item: still no ring."""
    rng = np.random.default_rng(seed)
    account, item = users(rng, 200, median=150)
    third = rng.integers(0, 3, account.size)
    assert searched((account * 3 + third, item), seed=seed)[1] == ()


def test_the_order_of_equal_evidence_does_not_matter() -> None:
    """In another order the same accounts are found."""
    rng = np.random.default_rng(8)
    crowd = users(rng)
    members = ring(crowd, 40, 60, rng)
    first, one = searched(crowd, members, seed=1)
    second, other = searched(crowd, members, seed=2)
    assert names(first, one[0].members) == names(second, other[0].members)
