"""From sets of accounts to rings: splitting by size, and p-values."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import ring, together, users

from ringfence.model.ring import MAX_RING_P_VALUE
from ringfence.rings.collision.assess import assess_sets, separate_rings, split_by_size
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.search_scopes import SearchScopes


@pytest.fixture(scope="module", name="two_rings")
def _two_rings() -> tuple[Holdings, Collisions, SearchScopes]:
    """Return a population with a ring of 40 with 60 items and one of 30 with 300 items."""
    rng = np.random.default_rng(3)
    crowd = users(rng)
    small, large = ring(crowd, 40, 60, rng), ring(crowd, 30, 300, rng)
    population = together(crowd, small, (large[0] + 1_000, large[1]))
    order = rng.permutation(population.accounts.size)
    scopes = SearchScopes(order.size, order, population.item_counts)
    return population, Collisions.of(population, "group"), scopes


def rows_of(population: Holdings, first: int, last: int) -> np.ndarray:
    """Return the rows of accounts numbered from first to last."""
    return np.flatnonzero((population.accounts >= first) & (population.accounts < last))


def test_rings_are_split_at_a_gap_in_size() -> None:
    """A gap of a factor of ten splits a set; a slope does not, nor does a gap beside a few."""
    rows = np.arange(20)
    sizes = np.array([10.0] * 10 + [100.0] * 10)
    halves = [rows[:10].tolist(), rows[10:].tolist()]
    assert [part.tolist() for part in split_by_size(rows, sizes)] == halves
    slope = np.geomspace(10, 1_000, 20)
    assert [part.tolist() for part in split_by_size(rows, slope)] == [rows.tolist()]
    few = np.array([10.0] * 15 + [100.0] * 5)
    assert [part.tolist() for part in split_by_size(rows, few)] == [rows.tolist()]


def test_two_rings_found_as_one_are_separated(
    two_rings: tuple[Holdings, Collisions, SearchScopes],
) -> None:
    """Rings whose members hold 60 and 300 items are two, because each has a positive score."""
    population, collisions, scopes = two_rings
    small, large = rows_of(population, 10_000, 10_040), rows_of(population, 11_000, 11_030)
    apart = separate_rings(collisions, np.union1d(small, large), scopes)
    assert [part.tolist() for part in apart] == [small.tolist(), large.tolist()]


def test_light_users_are_not_separated_from_a_ring(
    two_rings: tuple[Holdings, Collisions, SearchScopes],
) -> None:
    """A set stays whole if a part of it could not outweigh its penalty alone."""
    population, collisions, scopes = two_rings
    large = rows_of(population, 11_000, 11_030)
    users_ = rows_of(population, 0, 600)
    light = users_[np.argsort(population.item_counts[users_])[:8]]
    whole = np.union1d(light, large)
    (found,) = separate_rings(collisions, whole, scopes)
    assert found.tolist() == whole.tolist()


def test_independent_sets_are_not_rings(
    two_rings: tuple[Holdings, Collisions, SearchScopes],
) -> None:
    """Of a ring and a random set of users, the ring alone is left."""
    population, collisions, scopes = two_rings
    small = rows_of(population, 10_000, 10_040)
    random = np.sort(np.random.default_rng(4).choice(600, 40, replace=False))
    (found,) = assess_sets(population, collisions, [small, random], scopes)
    assert found.keys.tolist() == population.accounts[small].tolist()
    assert found.p_value <= MAX_RING_P_VALUE


def test_each_member_has_a_p_value_of_its_own(
    two_rings: tuple[Holdings, Collisions, SearchScopes],
) -> None:
    """Members that share nothing where dozens are expected have small p-values of their own."""
    population, collisions, scopes = two_rings
    small = rows_of(population, 10_000, 10_040)
    (found,) = assess_sets(population, collisions, [small], scopes)
    assert found.member_log_p.shape == (40,)
    assert np.median(found.member_log_p) < np.log(0.01)
    assert np.all(found.member_log_p <= 0)
