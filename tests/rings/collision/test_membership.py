"""Membership: which accounts belong to a set that was found."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from tests.rings.populations import ring, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.membership import determine_members
from ringfence.rings.collision.search_scopes import SearchScopes

RATE = 0.05


@dataclass(frozen=True)
class FoundRing:
    """A population with a ring, ready for questions about members."""

    collisions: Collisions
    scopes: SearchScopes
    members: np.ndarray
    accounts: int

    def members_from(self, rows: np.ndarray, free: np.ndarray | None = None) -> list[int]:
        """Return the rows that belong to a set which was found as these rows."""
        everybody = np.ones(self.accounts, dtype=bool)
        may_join = everybody if free is None else free
        found = determine_members(self.collisions, rows, RATE, may_join, self.scopes)
        return found.tolist()


@pytest.fixture(scope="module", name="found")
def _found() -> FoundRing:
    """Return 600 users and a ring of 40 with 80 items, in random order."""
    rng = np.random.default_rng(1)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 80, rng))
    order = rng.permutation(population.accounts.size)
    members = np.flatnonzero(population.accounts >= 10_000)
    scopes = SearchScopes(order.size, order, population.item_counts)
    return FoundRing(Collisions.of(population, "group"), scopes, members, order.size)


def test_all_members_stay(found: FoundRing) -> None:
    """A ring found whole stays whole."""
    assert found.members_from(found.members) == found.members.tolist()


def test_missing_members_join(found: FoundRing) -> None:
    """From three quarters of a ring, the whole is found."""
    assert found.members_from(found.members[:30]) == found.members.tolist()


def test_strangers_leave(found: FoundRing) -> None:
    """Users that were found with a ring are removed."""
    mixed = np.union1d(found.members, np.arange(0, 600, 60))
    assert found.members_from(mixed) == found.members.tolist()


def test_accounts_that_are_not_free_do_not_join(found: FoundRing) -> None:
    """Members of another ring cannot join this one."""
    free = np.ones(found.accounts, dtype=bool)
    free[found.members[30:]] = False
    assert found.members_from(found.members[:30], free) == found.members[:30].tolist()


def test_independent_accounts_do_not_belong_together(found: FoundRing) -> None:
    """A random set of users falls apart: fewer than a ring's members are left."""
    random = np.sort(np.random.default_rng(2).choice(600, 40, replace=False))
    assert len(found.members_from(random)) < 8


def test_an_account_with_tastes_of_its_own_does_not_join() -> None:
    """Accounts of a separate scene share nothing with a ring, nor with anybody else."""
    rng = np.random.default_rng(3)
    crowd = users(rng)
    scene = 20_000 + np.repeat(np.arange(12), 60), 12_000 + rng.integers(0, 200, 12 * 60)
    population = together(crowd, ring(crowd, 40, 80, rng), scene)
    order = rng.permutation(population.accounts.size)
    scopes = SearchScopes(order.size, order, population.item_counts)
    members = np.flatnonzero((population.accounts >= 10_000) & (population.accounts < 20_000))
    collisions = Collisions.of(population, "global")
    free = np.ones(order.size, dtype=bool)
    belonging = determine_members(collisions, members, RATE, free, scopes)
    assert population.accounts[belonging].max() < 20_000
    assert belonging.size >= 36
