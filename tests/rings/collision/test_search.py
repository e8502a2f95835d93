"""The search finds rings of several kinds whole, and nobody where there is no ring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rings.populations import Pairs, light, ring, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.pairs import Candidate
from ringfence.rings.collision.search import merge_pieces, search
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Rows


def searched(*crowds: Pairs, seed: int = 0) -> tuple[Holdings, tuple[Candidate, ...]]:
    """Search a population in a random order."""
    population = together(*crowds)
    order = np.random.default_rng(seed).permutation(population.accounts.size)
    scopes = SearchScopes(order.size, order, population.item_counts)
    return population, search(Collisions.of(population, "group"), scopes)


def names(population: Holdings, members: Rows) -> set[int]:
    """Return the accounts of a set."""
    return set(population.accounts[members].tolist())


@pytest.mark.parametrize(("members", "share"), [(20, 120), (40, 60), (100, 40)])
def test_a_ring_is_found_whole(members: int, share: int) -> None:
    """All members are found, and nobody else."""
    rng = np.random.default_rng(members)
    crowd = users(rng)
    population, found = searched(crowd, ring(crowd, members, share, rng))
    assert [names(population, one.members) for one in found] == [
        set(range(10_000, 10_000 + members))
    ]


def test_a_stopped_search_finds_nothing() -> None:
    """A search that is no longer wanted examines no scope."""
    rng = np.random.default_rng(40)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    collisions = Collisions.of(population, "group")
    order = rng.permutation(population.accounts.size)
    scopes = SearchScopes(order.size, order, population.item_counts)
    assert search(collisions, scopes)
    assert search(collisions, scopes, lambda: False) == ()


def test_two_rings_with_the_same_items_are_separate() -> None:
    """Rings that divide the same items in two ways are two candidates."""
    rng = np.random.default_rng(5)
    crowd = users(rng)
    first, second = ring(crowd, 40, 80, rng), ring(crowd, 31, 90, rng)
    population, found = searched(crowd, first, (second[0] + 1_000, second[1]))
    assert sorted(names(population, one.members) for one in found) == [
        set(range(10_000, 10_040)),
        set(range(11_000, 11_031)),
    ]


def test_a_ring_that_buys_collisions_is_found() -> None:
    """A third of each share is popular items; nearly all members are found, and no user."""
    rng = np.random.default_rng(6)
    crowd = users(rng)
    population, found = searched(crowd, ring(crowd, 40, 120, rng, bought=0.3))
    assert len(found) == 1
    held = names(population, found[0].members)
    assert held <= set(range(10_000, 10_040))
    assert len(held) >= 36


@pytest.mark.slow
@pytest.mark.parametrize(("share", "bought"), [(300, 0.4), (400, 0.3)])
@pytest.mark.parametrize("seed", range(3))
def test_a_ring_that_buys_most_collisions_is_found(share: int, bought: float, seed: int) -> None:
    """Its accounts have three to four fifths of the usual collisions with each other."""
    rng = np.random.default_rng(seed)
    crowd = users(rng)
    population, found = searched(crowd, ring(crowd, 40, share, rng, bought=bought))
    (held,) = (names(population, one.members) for one in found)
    assert held <= set(range(10_000, 10_040))
    assert len(held) >= 36


def test_members_with_small_shares_are_found() -> None:
    """Members with a quarter of the others' share are found with them."""
    rng = np.random.default_rng(7)
    crowd = users(rng)
    account, item = ring(crowd, 40, 100, rng)
    kept = (account % 2 == 0) | (rng.random(account.size) < 0.25)
    population, found = searched(crowd, (account[kept], item[kept]))
    assert len(found) == 1
    held = names(population, found[0].members)
    assert held <= set(range(10_000, 10_040))
    assert len(held) >= 38


@pytest.mark.slow
def test_less_suspicious_members_join() -> None:
    """A third of a ring, beyond the first depth and too small to join otherwise, is found."""
    rng = np.random.default_rng(9)
    crowd = users(rng, 1_500)
    population = together(crowd, ring(crowd, 60, 30, rng))
    members = rng.permutation(np.flatnonzero(population.accounts >= 10_000))
    strangers = rng.permutation(np.flatnonzero(population.accounts < 10_000))
    first, later = (
        rng.permutation(np.concatenate(part))
        for part in ((members[:40], strangers[:210]), (members[40:], strangers[210:]))
    )
    scopes = SearchScopes(
        population.accounts.size, np.concatenate([first, later]), population.item_counts
    )
    (found,) = search(Collisions.of(population, "group"), scopes)
    assert names(population, found.members) == set(range(10_000, 10_060))


def beside(seed: int, early: Pairs, dealt: np.ndarray) -> list[set[int]]:
    """Find rings of a hundred accounts that are as suspicious as 150 light users."""
    rng = np.random.default_rng(seed)
    population = together(early, (10_000 + np.arange(dealt.size) % 100, dealt))
    first = (population.accounts >= 10_000) | (population.accounts < 150)
    order = np.concatenate([rng.permutation(np.flatnonzero(part)) for part in (first, ~first)])
    scopes = SearchScopes(order.size, order, population.item_counts)
    found = search(Collisions.of(population, "global"), scopes)
    return [names(population, one.members) for one in found]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("seed", "uses", "at_most"),
    [(0, 18, 0), (1, 18, 0), (3, 18, 1), *((n, 25, 5) for n in range(4))],
)
def test_light_users_rarely_join_by_chance(seed: int, uses: int, at_most: int) -> None:
    """Of users with three or four expected collisions, some have none with a ring of a hundred.

    They are as suspicious as the ring. At odds of 19 to 1, at most five of a hundred members may be
    such users, and hardly any where only three collisions are expected.
    """
    rng = np.random.default_rng(seed)
    dealt = rng.choice(40_000, 6_000, replace=False)
    (held,) = beside(seed, light(rng, 1_900, 150, uses=uses), dealt)
    members = {name for name in held if name >= 10_000}
    assert len(held - members) <= at_most
    assert len(members) >= 90


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_uncertain_members_leave_alone(seed: int) -> None:
    """Of a hundred that buy three in ten items, uncertain members leave and most others stay."""
    rng = np.random.default_rng(seed)
    dealt = rng.choice(20_000, 10_000, replace=False)
    bought = rng.random(dealt.size) < 0.3
    dealt[bought] = rng.integers(0, 20_000, int(bought.sum()))
    (held,) = beside(seed, light(rng, 1_900, 150, items=20_000), dealt)
    assert held <= set(range(10_000, 10_100))
    assert len(held) >= 50


@pytest.mark.slow
@given(seed=st.integers(0, 10_000))
@settings(max_examples=12)
def test_independent_accounts_are_not_a_ring(seed: int) -> None:
    """The best set of independent accounts does not pay its multiplicity penalty."""
    assert searched(users(np.random.default_rng(seed), 300), seed=seed)[1] == ()


@pytest.mark.slow
@given(seed=st.integers(0, 10_000))
@settings(max_examples=8)
def test_parts_of_accounts_are_not_a_ring(seed: int) -> None:
    """Thirds of each account, which never share an item, are not found."""
    rng = np.random.default_rng(seed)
    account, item = users(rng, 200, median=150)
    third = rng.integers(0, 3, account.size)
    assert searched((account * 3 + third, item), seed=seed)[1] == ()


def test_the_order_of_accounts_does_not_matter() -> None:
    """In another random order, the same accounts are found."""
    rng = np.random.default_rng(8)
    crowd = users(rng)
    members = ring(crowd, 40, 60, rng)
    first, one = searched(crowd, members, seed=1)
    second, other = searched(crowd, members, seed=2)
    assert names(first, one[0].members) == names(second, other[0].members)


def test_pieces_are_merged() -> None:
    """Two halves of a ring become one; another ring stays apart."""
    rng = np.random.default_rng(5)
    crowd = users(rng)
    other = ring(crowd, 31, 90, rng)
    population = together(crowd, ring(crowd, 40, 80, rng), (other[0] + 1_000, other[1]))
    collisions = Collisions.of(population, "group")
    first = np.flatnonzero((population.accounts >= 10_000) & (population.accounts < 10_040))
    second = np.flatnonzero(population.accounts >= 11_000)
    pieces = [
        Candidate(first[:20], 0.05, 90.0),
        Candidate(second, 0.05, 60.0),
        Candidate(first[20:], 0.05, 50.0),
    ]
    scopes = SearchScopes(
        population.accounts.size, rng.permutation(population.accounts.size), population.item_counts
    )
    together_ = [one.members.tolist() for one in merge_pieces(collisions, pieces, scopes)]
    assert together_ == [first.tolist(), second.tolist()]
