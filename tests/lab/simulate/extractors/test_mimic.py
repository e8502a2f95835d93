"""The imitation of a user: each parameter does what it says, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import SIZE, ListPool

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors import Mimic

DAY = 86_400


def _distinct(events: EventColumns, accounts: int) -> float:
    return len(np.unique(events.account * 10**9 + events.item)) / accounts


@pytest.mark.parametrize("changed", [{}, {"active": 0.4}, {"variation": 1.2}, {"returns": 0.8}])
def test_new_items_a_day(changed: dict[str, float], pool: ListPool) -> None:
    """As many new items as asked for, whatever the rest days, the variation and the returns."""
    strategy = Mimic(accounts=20, days=40, new_per_day=25.0, **changed)  # type: ignore[arg-type]
    found = _distinct(campaign(strategy, pool), 20) / 40
    assert found == pytest.approx(25.0, rel=0.12)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_returns(share: float, pool: ListPool) -> None:
    """The share of plays that go back is the one asked for."""
    events = campaign(Mimic(accounts=10, days=30, returns=share, variation=0.0), pool)
    assert 1 - 10 * _distinct(events, 10) / len(events) == pytest.approx(share, abs=0.03)


def test_groups_of_the_taste(pool: ListPool) -> None:
    """With a narrow taste most plays fall on few groups, with a wide one on many."""
    plays = []
    for groups in (5, 400):
        events = Mimic(groups=groups, own=0.0, days=9, new_per_day=4.0).day(pool, 1, 8)
        plays.append(np.sort(np.bincount(events.item // SIZE)))
    narrow, wide = (n[-5:].sum() / n.sum() for n in plays)
    assert narrow > 0.6
    assert wide < 0.5


def test_own_part_of_the_list(pool: ListPool) -> None:
    """All new items from the list: members share none. All from tastes: they meet."""
    listed, liked = (
        campaign(Mimic(accounts=8, days=10, new_per_day=40.0, own=own), pool) for own in (1.0, 0.0)
    )
    assert 8 * _distinct(listed, 8) == len(np.unique(listed.item))
    assert listed.item.max() < 8 * 10 * 40 * 2
    assert 8 * _distinct(liked, 8) > 1.1 * len(np.unique(liked.item))


def test_active_days(pool: ListPool) -> None:
    """The share of days with any play is the one asked for."""
    strategy = Mimic(accounts=50, days=6, active=0.5)
    seen = [len(np.unique(strategy.day(pool, 1, day).account)) / 50 for day in range(6)]
    assert np.mean(seen) == pytest.approx(0.5, abs=0.1)


def test_variation_between_days(pool: ListPool) -> None:
    """Without variation active days are alike; with it some are several times as full."""
    full = [
        np.bincount(Mimic(accounts=60, variation=v, active=1.0).day(pool, 1, 5).account)
        for v in (0.0, 0.8)
    ]
    assert full[0].std() < 1.0
    assert full[1].max() > 3 * np.median(full[1])


def test_accounts_differ_as_much_as_their_days(pool: ListPool) -> None:
    """With variation accounts differ in how often they return, as people do."""
    spread = []
    for variation in (0.0, 0.8):
        events = campaign(Mimic(accounts=15, days=20, variation=variation), pool)
        own = [events.item[events.account == account] for account in range(15)]
        spread.append(np.std([len(np.unique(items)) / len(items) for items in own]))
    assert spread[0] < 0.02
    assert spread[1] > 0.05


def test_hours_in_use(pool: ListPool) -> None:
    """All plays of a day lie within the hours in use."""
    events = Mimic(accounts=40, waking=6.0, new_per_day=40.0).day(pool, 1, 2)
    spans = [np.ptp(events.second[events.account == n]) for n in np.unique(events.account)]
    assert max(spans) <= 6 * 1.1 * 3600
    assert np.median(spans) > 3 * 3600


def test_plays_do_not_overlap_and_are_partly_skipped(pool: ListPool) -> None:
    """A play starts after the last one's end, as with one person, and a third is skipped."""
    events = Mimic(accounts=1, active=1.0, new_per_day=60.0).day(pool, 1, 2)
    assert (events.seconds[:-1] <= np.diff(events.second) + 1).all()
    many = Mimic(accounts=40, new_per_day=60.0).day(pool, 1, 2)
    assert np.mean(many.seconds < 30) == pytest.approx(0.35, abs=0.05)


def test_sunday_is_quieter_than_friday(pool: ListPool) -> None:
    """The pattern of the week is a user's, from the weekday the campaign begins with."""
    strategy = Mimic(accounts=200, days=2, variation=0.0, active=1.0, weekday=4)
    friday = len(strategy.day(pool, 1, 0))
    sunday = len(Mimic(accounts=200, days=2, variation=0.0, active=1.0, weekday=6).day(pool, 1, 0))
    assert friday > 1.1 * sunday


def test_more_is_wanted_than_a_taste_holds(pool: ListPool) -> None:
    """When its few groups are used up, it goes on with what others use."""
    events = campaign(Mimic(accounts=5, days=20, groups=3, own=0.0), pool)
    assert _distinct(events, 5) == pytest.approx(400, rel=0.15)
