"""The multiplicity penalty of a set, by the scope in which it was searched."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pytest
from tests.rings.populations import ring, together, users

from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.search_scopes import SearchScopes, log_penalty

MIXED = np.random.default_rng(0).permutation(50_000)
"""Items that each account holds, independent of its evidence."""


def test_the_penalty_counts_sets() -> None:
    """The penalty is that of all sets of five of 300, times the sizes, depths and kinds tried."""
    assert float(log_penalty(300, 5)) == pytest.approx(log(comb(300, 5) * 300 * 30))


def test_suspicious_sets_have_a_smaller_penalty() -> None:
    """Twenty of the first 60 or 250 have their penalty; a stranger has that of all accounts."""
    scopes = SearchScopes(50_000, np.arange(50_000), MIXED)
    first = np.arange(20)
    assert scopes.log_penalty(first) == pytest.approx(float(log_penalty(60, 20)))
    assert scopes.log_penalty(first + 100) == pytest.approx(float(log_penalty(250, 20)))
    stranger = scopes.log_penalty(np.append(first, 40_000)) - scopes.log_penalty(first)
    assert log(50_000) < stranger < 3 * log(50_000)
    assert scopes.log_penalty(first + 30_000) == pytest.approx(float(log_penalty(50_000, 20)))


def test_linked_sets_pay_by_their_size() -> None:
    """Twenty of forty linked accounts pay for sets of twenty, times the number of linked sets."""
    linked = [np.arange(30_000, 30_040), np.arange(40_000, 40_100)]
    scopes = SearchScopes(50_000, np.arange(50_000), MIXED, linked)
    members = np.arange(30_010, 30_030)
    assert scopes.log_penalty(members) == pytest.approx(log(comb(40, 20) * 40 * 3 * 2 * 2))
    without = SearchScopes(50_000, np.arange(50_000), MIXED).log_penalty(members)
    assert scopes.log_penalty(members) < without / 3


def test_accounts_of_the_same_size_have_a_smaller_penalty() -> None:
    """Accounts with one quota are searched among five hundred, whatever their evidence."""
    items = MIXED.copy()
    members = np.arange(20_000, 60_000, 1_000)[:25]
    items[members] = 30_250
    scopes = SearchScopes(50_000, np.arange(50_000), items)
    (together,) = [rows for rows in scopes.same_size() if np.isin(members, rows).any()]
    assert np.isin(members, together).all()
    assert all(rows.size <= 500 for rows in scopes.same_size())
    mixed = SearchScopes(50_000, np.arange(50_000), MIXED).log_penalty(members)
    assert scopes.log_penalty(members) < mixed - 25 * log(50)


def test_every_account_is_in_one_scope_of_its_size() -> None:
    """No account is left out of these scopes, and none is in two."""
    scopes = SearchScopes(1_700, np.arange(1_700), MIXED[:1_700])
    rows = np.concatenate(list(scopes.same_size()))
    assert np.array_equal(np.sort(rows), np.arange(1_700))


def test_linked_sets_do_not_raise_the_penalty_of_others() -> None:
    """A ring without links pays the same with and without linked sets."""
    linked = [np.arange(n, n + 40) for n in range(1_000, 21_000, 40)]
    members = np.arange(100, 130)
    with_links = SearchScopes(50_000, np.arange(50_000), MIXED, linked).log_penalty(members)
    assert with_links == SearchScopes(50_000, np.arange(50_000), MIXED).log_penalty(members)


def test_prior_odds_are_those_of_the_best_scope() -> None:
    """Ten of the first 250 have odds of 24 to 1 against; linked to fifteen others, of 1.5 to 1."""
    members = np.arange(10)
    alone = SearchScopes(5_000, np.arange(5_000), MIXED).log_prior_odds(members)
    assert alone == pytest.approx(np.full(10, log(24)))
    linked = SearchScopes(5_000, np.arange(5_000), MIXED, [np.arange(25)]).log_prior_odds(members)
    assert linked == pytest.approx(np.full(10, log(1.5)))


@pytest.mark.slow
def test_a_small_ring_is_found_by_its_links() -> None:
    """Ten accounts with 13 items each can pay for linked sets, and not for all sets of ten."""
    rng = np.random.default_rng(3)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 10, 13, rng))
    order = rng.permutation(population.accounts)
    assert find_collision_rings(population, order) == ()
    rows = np.flatnonzero(population.accounts >= 10_000)
    strangers = rng.choice(600, 5, replace=False)
    (found,) = find_collision_rings(population, order, [np.sort(np.concatenate([rows, strangers]))])
    assert set(found.keys.tolist()) == set(range(10_000, 10_010))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_linked_users_are_not_a_ring(seed: int) -> None:
    """Of 120 sets of 8 to 100 linked users, none is found."""
    rng = np.random.default_rng(seed)
    population = together(users(rng))
    sizes = rng.integers(8, 100, 120)
    linked = [np.sort(rng.choice(600, size, replace=False)) for size in sizes]
    assert find_collision_rings(population, rng.permutation(population.accounts), linked) == ()
