"""The price of the search, by where a set of accounts was looked for."""

from __future__ import annotations

from math import comb, log

import numpy as np
import pytest
from tests.rings.crowd import ring, together, users

from ringfence.rings.collision.find import find_rings
from ringfence.rings.collision.pools import Pools, log_price

MIXED = np.random.default_rng(0).permutation(50_000)
"""What accounts hold, whatever their evidence."""


def test_the_price_counts_sets() -> None:
    """All sets of five of three hundred, times sizes, depths and kinds of pools tried."""
    assert float(log_price(300, 5)) == pytest.approx(log(comb(300, 5) * 300 * 30))


def test_sets_of_those_with_evidence_of_their_own_cost_less() -> None:
    """Twenty of the first 60 or 250 cost what twenty of so many do; one stranger costs his own."""
    pools = Pools(50_000, np.arange(50_000), MIXED)
    first = np.arange(20)
    assert pools.log_price(first) == pytest.approx(float(log_price(60, 20)))
    assert pools.log_price(first + 100) == pytest.approx(float(log_price(250, 20)))
    stranger = pools.log_price(np.append(first, 40_000)) - pools.log_price(first)
    assert log(50_000) < stranger < 3 * log(50_000)
    assert pools.log_price(first + 30_000) == pytest.approx(float(log_price(50_000, 20)))


def test_linked_sets_cost_by_their_size() -> None:
    """Twenty of forty linked accounts cost what twenty of forty do, shared by all linked sets."""
    linked = [np.arange(30_000, 30_040), np.arange(40_000, 40_100)]
    pools = Pools(50_000, np.arange(50_000), MIXED, linked)
    members = np.arange(30_010, 30_030)
    assert pools.log_price(members) == pytest.approx(log(comb(40, 20) * 40 * 3 * 2 * 2))
    without = Pools(50_000, np.arange(50_000), MIXED).log_price(members)
    assert pools.log_price(members) < without / 3


def test_those_who_hold_as_much_cost_less() -> None:
    """Accounts with one quota are looked for among five hundred, whatever their evidence."""
    items = MIXED.copy()
    members = np.arange(20_000, 60_000, 1_000)[:25]
    items[members] = 30_250
    pools = Pools(50_000, np.arange(50_000), items)
    (together,) = [rows for rows in pools.alike() if np.isin(members, rows).any()]
    assert np.isin(members, together).all()
    assert all(rows.size <= 500 for rows in pools.alike())
    mixed = Pools(50_000, np.arange(50_000), MIXED).log_price(members)
    assert pools.log_price(members) < mixed - 25 * log(50)


def test_all_with_evidence_are_in_one_set_of_those_alike() -> None:
    """No account is left out of them, and none is in two."""
    pools = Pools(1_700, np.arange(1_700), MIXED[:1_700])
    rows = np.concatenate(list(pools.alike()))
    assert np.array_equal(np.sort(rows), np.arange(1_700))


def test_links_make_others_no_dearer() -> None:
    """Rings that no link shows cost the same whether or not links are looked at."""
    linked = [np.arange(n, n + 40) for n in range(1_000, 21_000, 40)]
    members = np.arange(100, 130)
    with_links = Pools(50_000, np.arange(50_000), MIXED, linked).log_price(members)
    assert with_links == Pools(50_000, np.arange(50_000), MIXED).log_price(members)


def test_the_odds_are_those_of_the_pool() -> None:
    """Ten of the first 250: 24 to 1 against each; linked to fifteen others: even odds at most."""
    members = np.arange(10)
    alone = Pools(5_000, np.arange(5_000), MIXED).log_odds(members)
    assert alone == pytest.approx(np.full(10, log(24)))
    linked = Pools(5_000, np.arange(5_000), MIXED, [np.arange(25)]).log_odds(members)
    assert linked == pytest.approx(np.full(10, log(1.5)))


def test_a_ring_too_small_to_be_searched_for_is_found_by_its_links() -> None:
    """Ten accounts that hold 13 items each do not pay for all sets of ten, but for linked ones."""
    rng = np.random.default_rng(3)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 10, 13, rng))
    order = rng.permutation(population.accounts)
    assert find_rings(population, order) == ()
    rows = np.flatnonzero(population.accounts >= 10_000)
    strangers = rng.choice(600, 5, replace=False)
    (found,) = find_rings(population, order, [np.sort(np.concatenate([rows, strangers]))])
    assert set(found.keys.tolist()) == set(range(10_000, 10_010))


@pytest.mark.parametrize("seed", range(3))
def test_linked_users_are_no_ring(seed: int) -> None:
    """A hundred and twenty sets of linked users, of eight to a hundred: none divides the work."""
    rng = np.random.default_rng(seed)
    population = together(users(rng))
    sizes = rng.integers(8, 100, 120)
    linked = [np.sort(rng.choice(600, size, replace=False)) for size in sizes]
    assert find_rings(population, rng.permutation(population.accounts), linked) == ()
