"""Accounts in lockstep are found; people who listen to the same things are not."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.timed_accesses import (
    DAY,
    Accesses,
    followers,
    ledger,
    lockstep,
    midnights,
    party,
    together,
    users,
)

from ringfence.model.ring import Ring
from ringfence.rings.lockstep import find_lockstep
from ringfence.rings.lockstep.coincidences import WINDOWS

RING = 10_000
"""Number of a ring's first account."""


def found_in(*crowds: Accesses) -> tuple[Ring, ...]:
    """Look for lockstep in a population."""
    with ledger(together(*crowds)) as engine:
        return find_lockstep(engine)


def people(seed: int) -> Accesses:
    """Return people who all have a reason to coincide."""
    rng = np.random.default_rng(seed)
    return together(
        users(rng),
        followers(rng, 150, 1_000),
        midnights(rng, 100, 2_000),
        party(rng, 60, 3_000),
        # A family that hears everything together, on one account fewer than a ring has.
        lockstep(rng, 7, 4_000),
    )


@pytest.mark.parametrize("seed", range(3))
def test_people_are_in_no_ring(seed: int) -> None:
    """Heavy users, playlists, releases at midnight, a weekly party and families are not found."""
    assert found_in(people(seed)) == ()


@pytest.mark.parametrize(
    ("accounts", "within"), [(40, 15.0), (40, 20.0), (40, 30.0), (10, 20.0), (8, 15.0), (200, 15.0)]
)
def test_a_ring_in_lockstep_is_found(accounts: int, within: float) -> None:
    """All members are found and nobody else, among people who coincide for other reasons."""
    rng = np.random.default_rng(accounts)
    (ring,) = found_in(people(9), lockstep(rng, accounts, RING, within=within))
    assert ring.keys.tolist() == list(range(RING, RING + accounts))


def test_the_numbers_of_a_ring_add_up() -> None:
    """All pairs of 40 members coincide on 21 days; chance gives one in seven among such people."""
    rng = np.random.default_rng(4)
    (ring,) = found_in(people(9), lockstep(rng, 40, RING))
    assert (ring.test, ring.level, ring.one_in) == ("lockstep", "global", 1)
    assert ring.observed == 40 * 39 / 2 * 21
    assert ring.observed / WINDOWS < ring.expected < ring.observed / 5
    assert ring.member_collisions.sum(axis=0).tolist() == pytest.approx(
        [2 * ring.observed, 2 * ring.expected]
    )
    assert ring.shared_items.tolist() == [210.0] * 40
    assert ring.log_p < -500


def test_two_rings_are_separate() -> None:
    """Rings with different times are two findings, the more certain one first."""
    rng = np.random.default_rng(5)
    one, other = lockstep(rng, 30, RING), lockstep(rng, 12, 2 * RING)
    assert [ring.keys.size for ring in found_in(users(rng), other, one)] == [30, 12]


def test_members_may_do_other_things_too() -> None:
    """Half of their items taken apart does not hide members; nine tenths taken apart do."""
    rng = np.random.default_rng(6)
    ring = lockstep(rng, 20, RING)
    other = rng.permutation(DAY * 21)[: ring[0].size], 90_000 + np.arange(ring[0].size)
    half = ring[0], other[1], other[0]
    (found,) = found_in(users(rng), together(ring, half))
    assert found.keys.size == 20
    most = np.tile(ring[0], 9), 90_000 + np.arange(9 * ring[0].size), np.tile(other[0], 9)
    assert found_in(users(rng), together(ring, most)) == ()


def test_members_come_and_go() -> None:
    """Accounts that each take part in three of four jobs are found."""
    rng = np.random.default_rng(7)
    ring = lockstep(rng, 30, RING)
    present = rng.random(ring[0].size) < 0.75
    (found,) = found_in(users(rng), (ring[0][present], ring[1][present], ring[2][present]))
    assert found.keys.size == 30


def test_three_evenings_are_not_enough() -> None:
    """Forty accounts that hear a hundred tracks together on three evenings are not a ring."""
    rng = np.random.default_rng(8)
    assert found_in(users(rng), lockstep(rng, 40, RING, per_day=100, days=3)) == ()


def test_five_days_are_needed_and_enough() -> None:
    """Twelve accounts in lockstep are found in a log of five days, and not in one of four."""
    rng = np.random.default_rng(8)
    (found,) = found_in(lockstep(rng, 12, RING, days=5), within_days(5))
    assert found.keys.size == 12
    assert found_in(lockstep(rng, 12, RING, days=4), within_days(4)) == ()


def within_days(days: int) -> Accesses:
    """Return the accesses of users in the first days."""
    account, item, second = users(np.random.default_rng(9))
    early = second < days * DAY
    return account[early], item[early], second[early]


def test_renaming_changes_nothing() -> None:
    """Other keys of accounts and items give the same ring, with its new keys."""
    rng = np.random.default_rng(9)
    account, item, second = together(people(9), lockstep(rng, 12, RING))
    (plain,) = found_in((account, item, second))
    accounts, items = rng.permutation(100_000), rng.permutation(100_000)
    (renamed,) = found_in((accounts[account], items[item], second))
    assert renamed.keys.tolist() == sorted(accounts[plain.keys.astype(int)].tolist())
    assert renamed.observed == plain.observed
    assert renamed.log_p == pytest.approx(plain.log_p)


def test_weeks_of_one_person_are_not_a_ring() -> None:
    """The weeks of one person, as accounts of their own, never act together."""
    account, item, second = people(1)
    assert found_in((account + 5_000 * (second // (7 * DAY)), item, second)) == ()


def test_clocks_without_minutes_show_nothing() -> None:
    """Where all times are full hours, everybody coincides by chance."""
    rng = np.random.default_rng(11)
    fans = [followers(rng, 100, 1_000 * n) for n in range(1, 4)]
    account, item, second = together(users(rng), *fans, lockstep(rng, 12, RING))
    assert found_in((account, item, second // 3_600 * 3_600)) == ()


def test_an_empty_ledger_has_no_rings() -> None:
    """A ledger without holdings has no rings, nor has one with a single account."""
    nothing = np.zeros(0, int)
    assert found_in((nothing, nothing, nothing)) == ()
    assert found_in((np.zeros(50, int), np.arange(50), np.arange(50) * 100)) == ()


def test_robots_are_left_out() -> None:
    """Declared robots are neither members nor controls."""
    rng = np.random.default_rng(12)
    with ledger(together(users(rng), lockstep(rng, 12, RING))) as engine:
        engine.run(f"INSERT INTO set_apart SELECT DISTINCT account_key, 'bot' FROM holdings "
                   f"WHERE account_key >= {RING + 10}")  # fmt: skip
        (ring,) = find_lockstep(engine)
    assert ring.keys.tolist() == list(range(RING, RING + 10))
