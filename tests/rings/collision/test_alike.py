"""Accounts of the members' kind, recognised by how few members they share anything with."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from tests.rings.populations import of_one_part, one_of_each_part, ring, spread, together, users

from ringfence.rings.collision.alike import accounts_alike, items_at_once_of_kind
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.stats.arrays import Rows

NOBODY: Rows = np.zeros(0, np.intp)


def issue_buyers(seed: int, parts: int = 120, size: int = 40, taken: float = 1.0) -> Holdings:
    """Return 400 readers of everything and a hundred buyers of one issue each."""
    rng = np.random.default_rng(seed)
    buyers = of_one_part(rng, 100, parts, size, taken=taken)
    return together(spread(rng, 400, parts, size, uses=90), buyers, size=0)


@pytest.mark.parametrize(("parts", "size", "taken"), [(120, 40, 1.0), (60, 80, 0.8), (90, 50, 0.9)])
def test_other_buyers_of_issues_are_alike(parts: int, size: int, taken: float) -> None:
    """Beside one buyer of each issue, the other buyers are of their kind, and no reader is."""
    population = issue_buyers(parts, parts, size, taken)
    collisions = Collisions.of(population, "global")
    members = one_of_each_part(population, size)
    alike = accounts_alike(collisions, members, NOBODY)
    buyers = np.flatnonzero(population.accounts >= 5_000)
    assert np.all(np.isin(alike, buyers))
    assert alike.size >= 0.8 * (buyers.size - members.size)
    at_once = items_at_once_of_kind(collisions, members, alike)
    assert 0.5 * taken**2 * size <= at_once <= size


@pytest.mark.parametrize("share", [40, 60, 120])
def test_nobody_is_like_a_ring_that_deals_out_items(share: int) -> None:
    """Everybody has something in common with many members, but for a few with a single group."""
    rng = np.random.default_rng(share)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, share, rng), of_one_part(rng, 60, 300, 40))
    collisions = Collisions.of(population, "global")
    members = np.flatnonzero(population.accounts >= 10_000)
    alike = accounts_alike(collisions, members, NOBODY)
    assert alike.size <= 6
    assert items_at_once_of_kind(collisions, members, NOBODY) == 1


def test_accounts_alike_are_those_with_too_few_members_met() -> None:
    """The result is that of the definition, without bounds."""
    population = issue_buyers(7)
    collisions = Collisions.of(population, "global")
    members = one_of_each_part(population, 40)
    others = np.setdiff1d(np.arange(population.accounts.size), members)
    observed, expected = collisions.between(others, members)
    chance = -np.expm1(-expected).mean(axis=1)
    met = np.count_nonzero(observed, axis=1)
    alike = others[binom.cdf(met, members.size, chance) < 1 / others.size]
    assert alike.tolist() == accounts_alike(collisions, members, NOBODY).tolist()
    assert alike.size


def test_members_of_other_sets_are_not_alike() -> None:
    """Excluded accounts and bulk holders are left out."""
    population = issue_buyers(3)
    collisions = Collisions.of(population, "global")
    members = one_of_each_part(population, 40)
    alike = accounts_alike(collisions, members, NOBODY)
    left = accounts_alike(collisions, members, alike[::2])
    assert set(left.tolist()) == set(alike[1::2].tolist())


def test_items_at_once_of_kind_is_a_weighted_mean() -> None:
    """Of pairs that share 30, 10 and 10 items, Σ o² / Σ o is 22."""
    member, other, third = np.arange(60), np.arange(30), np.r_[np.arange(50, 60), np.arange(20, 30)]
    account = np.repeat([1, 2, 3], [60, 30, 20])
    population = together((account, np.concatenate([member, other, third])))
    collisions = Collisions.of(population, "global")
    rows = np.array([1, 2])
    assert items_at_once_of_kind(collisions, np.array([0]), rows[:1]) == pytest.approx(30)
    shared = np.array([30, 20, 10])
    expected = (30**2 + 20**2 + 2 * 10**2) / (30 + 20 + 2 * 10)
    assert shared.sum() == 60
    assert items_at_once_of_kind(collisions, np.array([0]), rows) == pytest.approx(expected)
