"""From holdings to rings: honest populations are not found, and rings are found whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from time import sleep

import numpy as np
import pytest
from tests.rings.populations import (
    Pairs,
    by_group,
    overlapping_scenes,
    ring,
    runs,
    scenes,
    together,
    users,
    with_bulk_holders,
)

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs
from ringfence.rings.collision.pairs import Candidate
from ringfence.rings.collision.search_scopes import SearchScopes


def courses(rng: np.random.Generator, courses_: int, students: int) -> Pairs:
    """Draw students who read from the list of their course, in courses that share nothing."""
    names, items = [], []
    for course in range(courses_):
        for student in range(students):
            taken = rng.choice(60, 25, replace=False) + course * 60
            names.append(np.full(25, 5_000 + course * students + student))
            items.append(taken)
    return np.concatenate(names), np.concatenate(items)


def ungrouped(population: Holdings) -> Holdings:
    """Return the population without groups."""
    none = np.zeros_like(population.items.group)
    return dataclasses.replace(population, items=dataclasses.replace(population.items, group=none))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("length", [6, 12, 20])
def test_accounts_that_take_runs_are_not_a_ring(length: int, seed: int) -> None:
    """Accounts that share a whole series or nothing are not found."""
    rng = np.random.default_rng(seed)
    population = together(users(rng, 500), runs(rng, 500, length, 60 // length))
    assert find_collision_rings(population, rng.permutation(population.accounts)) == ()


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("bulk", [1, 2])
def test_a_bulk_holder_makes_no_ring_of_others(bulk: int, seed: int) -> None:
    """Accounts that share items only with bulk holders are not found."""
    rng = np.random.default_rng(seed)
    population = together(with_bulk_holders(rng, users(rng, 500), 60, 60, bulk))
    order = rng.permutation(population.accounts)
    assert find_collision_rings(population, order) == ()
    known = order >= 9_000
    assert find_collision_rings(population, np.concatenate([order[known], order[~known]])) == ()


@pytest.mark.slow
@pytest.mark.parametrize("size_of_group", [0, 40])
@pytest.mark.parametrize("share", [0.5, 0.8, 0.95])
def test_accounts_with_a_scene_are_not_a_ring(share: float, size_of_group: int) -> None:
    """Accounts of different scenes share less than usual, and are not found at any rate."""
    rng = np.random.default_rng(round(100 * share))
    population = together(overlapping_scenes(rng, share, median=300), size=size_of_group)
    assert find_collision_rings(population, rng.permutation(population.accounts)) == ()


@pytest.mark.slow
def test_a_ring_beside_a_bulk_holder_is_found() -> None:
    """An account that takes everything does not hide a ring."""
    rng = np.random.default_rng(1)
    crowd = users(rng, 500)
    held = with_bulk_holders(rng, crowd, 10, 60, 1)
    population = together(held, ring(crowd, 40, 60, rng))
    (found,) = find_collision_rings(population, rng.permutation(population.accounts))
    assert set(found.keys.tolist()) == set(range(10_000, 10_040))


@pytest.mark.slow
def test_a_ring_among_accounts_that_take_runs_is_found() -> None:
    """Overdispersion of other accounts does not weaken the evidence on a ring."""
    rng = np.random.default_rng(9)
    crowd = users(rng, 500)
    population = together(crowd, runs(rng, 500), ring(crowd, 40, 60, rng))
    (found,) = find_collision_rings(population, rng.permutation(population.accounts))
    assert set(range(10_000, 10_040)) <= set(found.keys.tolist())
    assert found.keys.size <= 42


@pytest.mark.parametrize(("many", "students"), [(60, 6), (40, 8), (25, 12)])
def test_courses_are_not_a_ring(many: int, students: int) -> None:
    """Students of different courses share nothing, and are not found."""
    rng = np.random.default_rng(many)
    population = ungrouped(together(users(rng, 500), courses(rng, many, students)))
    order = rng.permutation(population.accounts)
    assert find_collision_rings(population, order) == ()


def test_an_empty_population_has_no_rings() -> None:
    """Neither an empty population nor one that shares nothing has a ring."""
    nothing = together((np.zeros(0, np.int64), np.zeros(0, np.int64)))
    assert find_collision_rings(nothing, nothing.accounts) == ()
    alone = together((np.arange(50).repeat(20), np.arange(1_000)))
    assert find_collision_rings(alone, alone.accounts) == ()


@pytest.mark.slow
def test_the_numbers_of_a_ring_add_up() -> None:
    """Members, pairs and collisions of a ring agree."""
    rng = np.random.default_rng(4)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    (found,) = find_collision_rings(population, rng.permutation(population.accounts))
    assert found.keys.tolist() == list(range(10_000, 10_040))
    assert found.observed == found.member_collisions[:, 0].sum() == 0
    assert found.member_collisions[:, 1].sum() / 2 == pytest.approx(found.expected, rel=1e-4)
    assert found.shared_items.tolist() == [60.0] * 40
    assert found.log_p < -100
    assert found.p_value == 1e-12


@pytest.mark.slow
def test_renaming_changes_nothing() -> None:
    """With other keys of accounts, items and groups, the ring and its p-value are the same."""
    rng = np.random.default_rng(6)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    order = rng.permutation(population.accounts)
    (found,) = find_collision_rings(population, order)
    places = population.matrix.tocoo()
    account, item, group = (
        rng.permutation(np.arange(1, size + 1).astype(np.uint64))
        for size in (*population.matrix.shape, int(population.items.group.max()) + 1)
    )
    renamed = holdings_from_pairs(
        account[places.row], item[places.col], group[population.items.group[places.col]]
    )
    (again,) = find_collision_rings(renamed, account[np.searchsorted(population.accounts, order)])
    rows = np.searchsorted(population.accounts, found.keys)
    assert set(again.keys.tolist()) == set(account[rows].tolist())
    assert (again.level, again.observed) == (found.level, found.observed)
    assert again.expected == pytest.approx(found.expected, rel=1e-5)
    assert again.log_p == pytest.approx(found.log_p, rel=1e-4)


@pytest.mark.slow
def test_genres_show_a_ring_that_divides_artists() -> None:
    """A ring that deals out whole groups is found at the level of genres."""
    rng = np.random.default_rng(3)
    crowd = scenes(rng, 800)
    population = together(crowd, by_group(crowd, 30, 6), genres=10)
    (found,) = find_collision_rings(population, rng.permutation(population.accounts))
    assert found.level == "genre"
    assert set(found.keys.tolist()) == set(range(10_000, 10_030))


@pytest.mark.slow
def test_a_small_ring_is_found_among_the_most_suspicious() -> None:
    """Forty accounts with eleven items each are found more surely among the first 60."""
    rng = np.random.default_rng(0)
    crowd = users(rng, 1_500)
    population = together(crowd, ring(crowd, 40, 11, rng))
    members = rng.permutation(np.flatnonzero(population.accounts >= 10_000))
    others = rng.permutation(np.flatnonzero(population.accounts < 10_000))
    first = np.concatenate([rng.permutation(np.concatenate([members, others[:20]])), others[20:]])
    later = np.concatenate([others[:160], members, others[160:]])
    (found,) = find_collision_rings(population, population.accounts[first])
    assert set(found.keys.tolist()) <= set(range(10_000, 10_040))
    assert found.log_p < -50
    # P-values also depend on the controls drawn; penalties do not.
    few, many = (
        SearchScopes(population.accounts.size, order, population.item_counts).log_penalty(members)
        for order in (first, later)
    )
    assert many > few + 70
    assert all(
        one.log_p > found.log_p
        for one in find_collision_rings(population, population.accounts[later])
    )


def test_an_error_at_one_level_ends_the_search_at_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """An interrupted scan does not wait until all other levels are searched."""
    ended: list[str] = []

    def breaking(
        collisions: Collisions, scopes: SearchScopes, wanted: Callable[[], bool]
    ) -> tuple[Candidate, ...]:
        del scopes
        if collisions.level == "group":
            raise ValueError("broken")
        for _ in range(1_000):
            if not wanted():
                ended.append(collisions.level)
                break
            sleep(0.01)
        return ()

    monkeypatch.setattr("ringfence.rings.collision.find.search", breaking)
    population = together(users(np.random.default_rng(6), 200))
    with pytest.raises(ValueError, match="broken"):
        find_collision_rings(population, population.accounts)
    assert ended
