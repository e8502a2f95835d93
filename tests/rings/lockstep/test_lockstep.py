"""Who acts together is found, and nobody for listening to what others listen to."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.diaries import (
    DAY,
    EventColumns,
    followers,
    joined,
    ledger,
    lockstep,
    midnights,
    party,
    users,
)

from ringfence.model.ring import Ring
from ringfence.rings.lockstep.coincidences import WINDOWS
from ringfence.rings.lockstep.lockstep import find_lockstep

RING = 10_000
"""Number of a ring's first account."""


def found_in(*crowds: EventColumns) -> tuple[Ring, ...]:
    """Look for lockstep in a population."""
    with ledger(joined(*crowds)) as engine:
        return find_lockstep(engine)


def people(seed: int) -> EventColumns:
    """Put together all who have a reason to coincide."""
    rng = np.random.default_rng(seed)
    return joined(
        users(rng),
        followers(rng, 150, 1_000),
        midnights(rng, 100, 2_000),
        party(rng, 60, 3_000),
        # A family that hears everything together, on as many accounts as are no ring yet.
        lockstep(rng, 7, 4_000),
    )


@pytest.mark.parametrize("seed", range(3))
def test_people_are_in_no_ring(seed: int) -> None:
    """Heavy users, playlists, releases at midnight, a weekly party and families: nobody."""
    assert found_in(people(seed)) == ()


@pytest.mark.parametrize(
    ("accounts", "within"), [(40, 15.0), (40, 20.0), (40, 30.0), (10, 20.0), (8, 15.0), (200, 15.0)]
)
def test_a_ring_in_lockstep_is_found(accounts: int, within: float) -> None:
    """All its members and nobody else, among people who coincide for other reasons."""
    rng = np.random.default_rng(accounts)
    (ring,) = found_in(people(9), lockstep(rng, accounts, RING, within=within))
    assert ring.keys.tolist() == list(range(RING, RING + accounts))


def test_a_ring_has_its_numbers() -> None:
    """Pairs of 40 coincide on each of 21 days, one in seven by chance among such people."""
    rng = np.random.default_rng(4)
    (ring,) = found_in(people(9), lockstep(rng, 40, RING))
    assert (ring.test, ring.level, ring.one_in) == ("lockstep", "global", 1)
    assert ring.observed == 40 * 39 / 2 * 21
    assert ring.observed / WINDOWS < ring.expected < ring.observed / 5
    assert ring.toward.sum(axis=0).tolist() == pytest.approx([2 * ring.observed, 2 * ring.expected])
    assert ring.held.tolist() == [210.0] * 40
    assert ring.log_p < -500


def test_two_rings_are_two() -> None:
    """Rings with times of their own are told apart, the more certain one first."""
    rng = np.random.default_rng(5)
    one, other = lockstep(rng, 30, RING), lockstep(rng, 12, 2 * RING)
    assert [ring.keys.size for ring in found_in(users(rng), other, one)] == [30, 12]


def test_members_may_do_other_things_too() -> None:
    """Half of what they take besides does not hide them; nine tenths do, as from any test here."""
    rng = np.random.default_rng(6)
    ring = lockstep(rng, 20, RING)
    other = rng.permutation(DAY * 21)[: ring[0].size], 90_000 + np.arange(ring[0].size)
    half = ring[0], other[1], other[0]
    (found,) = found_in(users(rng), joined(ring, half))
    assert found.keys.size == 20
    most = np.tile(ring[0], 9), 90_000 + np.arange(9 * ring[0].size), np.tile(other[0], 9)
    assert found_in(users(rng), joined(ring, most)) == ()


def test_members_come_and_go() -> None:
    """Accounts that each take part in three jobs of four are found as well."""
    rng = np.random.default_rng(7)
    ring = lockstep(rng, 30, RING)
    present = rng.random(ring[0].size) < 0.75
    (found,) = found_in(users(rng), (ring[0][present], ring[1][present], ring[2][present]))
    assert found.keys.size == 30


def test_one_evening_is_no_evidence() -> None:
    """Forty accounts that hear a hundred tracks together on three evenings are forty guests."""
    rng = np.random.default_rng(8)
    assert found_in(users(rng), lockstep(rng, 40, RING, per_day=100, days=3)) == ()


def test_five_days_are_needed_and_enough() -> None:
    """Twelve accounts in lockstep, in a log of their own of five days and of four."""
    rng = np.random.default_rng(8)
    (found,) = found_in(lockstep(rng, 12, RING, days=5), within_days(5))
    assert found.keys.size == 12
    assert found_in(lockstep(rng, 12, RING, days=4), within_days(4)) == ()


def within_days(days: int) -> EventColumns:
    """Return users of the first days alone."""
    account, item, second = users(np.random.default_rng(9))
    early = second < days * DAY
    return account[early], item[early], second[early]


def test_names_do_not_matter() -> None:
    """Other keys of accounts and items give the same ring under its new keys."""
    rng = np.random.default_rng(9)
    account, item, second = joined(people(9), lockstep(rng, 12, RING))
    (plain,) = found_in((account, item, second))
    accounts, items = rng.permutation(100_000), rng.permutation(100_000)
    (renamed,) = found_in((accounts[account], items[item], second))
    assert renamed.keys.tolist() == sorted(accounts[plain.keys.astype(int)].tolist())
    assert renamed.observed == plain.observed
    assert renamed.log_p == pytest.approx(plain.log_p)


def test_logs_cut_in_time_are_no_rings() -> None:
    """One person's weeks as accounts of their own never act together."""
    account, item, second = people(1)
    assert found_in((account + 5_000 * (second // (7 * DAY)), item, second)) == ()


def test_clocks_without_minutes_are_no_evidence() -> None:
    """Where all times are full hours, everybody coincides, and the chance says so."""
    rng = np.random.default_rng(11)
    fans = [followers(rng, 100, 1_000 * n) for n in range(1, 4)]
    account, item, second = joined(users(rng), *fans, lockstep(rng, 12, RING))
    assert found_in((account, item, second // 3_600 * 3_600)) == ()


def test_nobody_is_no_ring() -> None:
    """A ledger without holdings, and one account alone, have no rings."""
    nothing = np.zeros(0, int)
    assert found_in((nothing, nothing, nothing)) == ()
    assert found_in((np.zeros(50, int), np.arange(50), np.arange(50) * 100)) == ()


def test_robots_take_no_part() -> None:
    """Accounts set apart are neither members nor others."""
    rng = np.random.default_rng(12)
    with ledger(joined(users(rng), lockstep(rng, 12, RING))) as engine:
        engine.run(f"INSERT INTO robots SELECT DISTINCT account_key, 'bot' FROM holdings "
                   f"WHERE account_key >= {RING + 10}")  # fmt: skip
        (ring,) = find_lockstep(engine)
    assert ring.keys.tolist() == list(range(RING, RING + 10))
