"""Candidates for lockstep: accounts that take the same items in the same two minutes."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.timed_accesses import DAY, Accesses, ledger, lockstep, together, users

from ringfence.rings.lockstep import candidates
from ringfence.rings.lockstep.candidates import (
    count_usable_holdings,
    find_coordinated_pairs,
    find_joining,
)

RING = 10_000
SHARE = 1 / 6


def pairs_in(accesses: Accesses, min_share: float = SHARE) -> set[tuple[int, int]]:
    """Return the pairs of accounts that act together."""
    with ledger(accesses) as engine:
        holdings = count_usable_holdings(engine)
        one, other = find_coordinated_pairs(engine, holdings, min_share)
    return set(zip(one.tolist(), other.tolist(), strict=True))


@pytest.mark.parametrize(("days", "usable"), [(4, False), (5, True)])
def test_short_logs_cannot_show_lockstep(days: int, usable: bool) -> None:
    """A log of four days is not searched, one of five days is."""
    with ledger(lockstep(np.random.default_rng(1), 12, RING, days=days)) as engine:
        assert bool(count_usable_holdings(engine)) == usable


def test_full_hours_cannot_show_lockstep() -> None:
    """A log whose times are mostly full hours is not searched; one with a minority is."""
    account, item, second = users(np.random.default_rng(2))
    hours = second // 3_600 * 3_600
    few = np.where(np.arange(second.size) % 4 == 0, hours, second + 1 - second % 2)
    for times, usable in ((hours, False), (few, True)):
        with ledger((account, item, times)) as engine:
            assert bool(count_usable_holdings(engine)) == usable


def test_members_of_a_ring_are_pairs() -> None:
    """Most pairs of a ring act together, and no pair of other accounts does."""
    rng = np.random.default_rng(3)
    pairs = pairs_in(together(users(rng), lockstep(rng, 12, RING)))
    assert all(one >= RING and other >= RING for one, other in pairs)
    assert len(pairs) > 0.8 * 12 * 11 / 2


def test_three_accounts_at_once_are_too_few() -> None:
    """A moment needs four accounts."""
    rng = np.random.default_rng(4)
    assert pairs_in(together(users(rng), lockstep(rng, 3, RING))) == set()
    assert pairs_in(together(users(rng), lockstep(rng, 6, RING)))


def test_pairs_need_a_share_of_their_items() -> None:
    """Accounts that take half of their items apart are pairs at a share of 1/6, not of 0.6."""
    rng = np.random.default_rng(5)
    account, item, second = lockstep(rng, 12, RING)
    apart = account, 90_000 + np.arange(account.size), rng.permutation(21 * DAY)[: account.size]
    accesses = together(users(rng), (account, item, second), apart)
    assert len(pairs_in(accesses)) > 0.5 * 12 * 11 / 2
    assert pairs_in(accesses, 0.6) == set()


def test_accounts_that_act_in_a_groups_moments_join() -> None:
    """From half of a ring's members, the others are found."""
    rng = np.random.default_rng(6)
    with ledger(together(users(rng), lockstep(rng, 12, RING))) as engine:
        find_coordinated_pairs(engine, count_usable_holdings(engine), SHARE)
        joining = find_joining(engine, np.arange(RING, RING + 6, dtype=np.uint64), SHARE)
    assert joining.tolist() == list(range(RING, RING + 12))


def test_crowded_moments_are_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """With little room for pairs, accounts with the lowest keys are compared."""
    rng = np.random.default_rng(7)
    accesses = lockstep(rng, 60, RING)
    monkeypatch.setattr(candidates, "MAX_MEETINGS", 1_000)
    pairs = pairs_in(accesses)
    accounts = {account for pair in pairs for account in pair}
    assert len(pairs) > 20
    assert len(accounts) < 60
    assert min(accounts) == RING


def test_items_are_sampled_in_large_logs(monkeypatch: pytest.MonkeyPatch) -> None:
    """With every second item, a ring that takes 210 items is still found."""
    rng = np.random.default_rng(8)
    accesses = together(users(rng), lockstep(rng, 12, RING))
    with ledger(accesses) as engine:
        monkeypatch.setattr(
            candidates, "MAX_SEARCHED_HOLDINGS", count_usable_holdings(engine) // 2 + 1
        )
    assert len(pairs_in(accesses)) > 0.5 * 12 * 11 / 2


def test_pairs_need_enough_days() -> None:
    """Accounts that act together on four days of a longer log are not a pair."""
    rng = np.random.default_rng(9)
    account, item, second = lockstep(rng, 12, RING, days=4)
    alone = lockstep(rng, 12, RING, days=1)
    later = alone[0], 50_000 + np.arange(alone[0].size), alone[2] + 10 * DAY
    assert pairs_in(together((account, item, second), later)) == set()
