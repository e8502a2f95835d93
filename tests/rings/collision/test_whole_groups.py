"""Items that accounts share at once if they choose groups independently."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import ring, together, users

from ringfence.rings.collision.holdings import holdings_from_pairs, holdings_from_rows
from ringfence.rings.collision.whole_groups import WholeGroups

SIZE = 40


def of_groups(members: int, each: int, taken: int) -> WholeGroups:
    """Return what members hold that take some items of each of several groups of forty."""
    group = np.arange(members * each)
    items = (group[:, None] * SIZE + np.arange(taken)).ravel()
    account = np.repeat(np.arange(members), each * taken)
    everything = np.arange(members * each * SIZE)
    someone = np.full(everything.size, members)
    return WholeGroups.of(
        together((account, items), (someone, everything), (someone + 1, everything))
    )


@pytest.mark.parametrize(("each", "taken"), [(1, 40), (3, 40), (2, 20), (5, 8), (10, 1)])
def test_accounts_that_choose_groups_share_what_they_take_of_each(each: int, taken: int) -> None:
    """With n items of each group of s, two accounts share n² / s at once, and at least one."""
    groups = of_groups(6, each, taken)
    expected = max(taken**2 / SIZE, 1.0)
    assert groups.items_at_once(np.arange(6)) == pytest.approx(expected)
    assert groups.items_at_once_each[:6] == pytest.approx(np.full(6, expected))


def test_it_is_the_index_of_dispersion_of_a_choice_of_groups() -> None:
    """Accounts that draw whole groups of several sizes vary as much as predicted."""
    rng = np.random.default_rng(2)
    size = np.array([10] * 30 + [40] * 30)
    start = np.cumsum(size) - size
    chosen = [rng.choice(60, 3, replace=False) for _ in range(1_500)]
    shared = [
        size[np.intersect1d(one, other)].sum()
        for one, other in zip(chosen[::2], chosen[1::2], strict=True)
    ]
    items = [np.concatenate([start[g] + np.arange(size[g]) for g in one]) for one in chosen]
    account = np.repeat(np.arange(len(chosen)), [one.size for one in items])
    item = np.concatenate(items)
    group = 1 + np.searchsorted(start, item, side="right") - 1
    population = holdings_from_pairs(*(each.astype(np.uint64) for each in (account, item, group)))
    predicted = WholeGroups.of(population).items_at_once(np.arange(len(chosen)))
    measured = np.var(shared) / np.mean(shared)
    assert predicted == pytest.approx(measured, rel=0.25)


def test_a_ring_that_deals_out_items_takes_no_groups() -> None:
    """Its members hold one or two items of each group."""
    rng = np.random.default_rng(1)
    crowd = users(rng)
    population = together(crowd, ring(crowd, 40, 60, rng))
    members = np.flatnonzero(population.accounts >= 10_000)
    assert WholeGroups.of(population).items_at_once(members) < 1.5


def test_without_groups_items_are_shared_one_at_a_time() -> None:
    """Items without a group are groups of their own, beside others with one."""
    account, item = np.repeat(np.arange(4), 50), np.tile(np.arange(50), 4)
    alone = WholeGroups.of(together((account, item), size=0))
    assert alone.items_at_once(np.arange(4)) == 1
    group = np.where(item < 10, 1, 0)
    some = holdings_from_pairs(*(each.astype(np.uint64) for each in (account, item, group)))
    # Σ n = 50, Σ n² = 140, and the same for shares of groups: 41 and 41.
    assert WholeGroups.of(some).items_at_once(np.arange(4)) == pytest.approx(140 / 50)


def test_items_that_others_hold_are_part_of_a_group() -> None:
    """A group is as large as all accounts know it, also those outside the matrix."""
    rows = {
        "account_key": np.array([1] * 20 + [2] * 20, np.uint64),
        "item_key": np.tile(np.arange(20, dtype=np.uint64), 2),
        "group_key": np.full(40, 7, np.uint64),
        "genre_key": np.zeros(40, np.uint64),
        "holders": np.full(40, 2),
    }
    outside = {
        "group_key": np.array([7], np.uint64),
        "genre_key": np.array([0], np.uint64),
        "holders": np.array([3]),
        "items": np.array([60]),
    }
    whole = WholeGroups.of(holdings_from_rows(rows)).items_at_once(np.arange(2))
    part = WholeGroups.of(holdings_from_rows(rows, outside)).items_at_once(np.arange(2))
    assert (whole, part) == pytest.approx((20, 20 * 20 / 80))
