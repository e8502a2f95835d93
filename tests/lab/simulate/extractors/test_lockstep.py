"""Accounts that one program drives."""

from __future__ import annotations

import numpy as np
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import ListPool

from ringfence.lab.simulate.attacks import load_attack
from ringfence.lab.simulate.extractors import Lockstep


def test_all_take_the_same_items(pool: ListPool) -> None:
    """Each account takes each item of the head of the list, once, in nearly the same order."""
    events = campaign(Lockstep(accounts=5, per_day=30, days=4), pool)
    for account in range(5):
        own = events.at(np.flatnonzero(events.account == account))
        assert np.array_equal(np.sort(own.item), np.arange(120))
        assert np.corrcoef(own.second, own.item)[0, 1] > 0.9


def test_all_take_them_within_seconds(pool: ListPool) -> None:
    """Nobody is more than the seconds asked for off, and members are not all on time."""
    events = campaign(Lockstep(accounts=40, per_day=30, days=4, within=12.0), pool)
    for item in range(120):
        second = events.second[events.item == item]
        assert 10 < np.ptp(second) <= 24


def test_the_attack_is_a_person_s_day_forty_times(pool: ListPool) -> None:
    """Each account takes 150 items per day and sleeps at night."""
    events = load_attack("ring-lockstep").strategy.day(pool, 1, 0)
    assert np.bincount(events.account).tolist() == [150] * 40
    assert np.unique(events.second // 3_600).size < 20
    assert (events.seconds >= 0).all()
