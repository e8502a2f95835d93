"""Rings that hide behind repeats and behind users' items."""

from __future__ import annotations

import numpy as np
import pytest
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import ListPool

from ringfence.lab.simulate.extractors import Colliding, Replaying


def test_replaying_repeats_its_own(pool: ListPool) -> None:
    """The share of repeats is the one asked for, and they are of the account's own items."""
    events = campaign(Replaying(accounts=5, per_day=100, repeats=0.4, days=10), pool)
    pairs = np.unique(events.account * pool.items + events.item)
    assert 1 - len(pairs) / len(events) == pytest.approx(0.4, abs=0.02)
    # The list is dealt out: whose item it is shows.
    assert (events.item % 5 == events.account).all()


def test_repeats_prefer_recent_items_and_favourites(pool: ListPool) -> None:
    """On a late day, repeats of the newest and of the oldest items outnumber those between."""
    events = Replaying(per_day=1_000, repeats=0.5, days=20).day(pool, 1, 19)
    again = events.item[events.item < 9_500]
    oldest, middle = np.mean(again < 1_000), np.mean((again >= 4_000) & (again < 5_000))
    recent = np.mean(events.item >= 9_400)
    assert oldest > 2 * middle
    assert recent > 0.5


def test_bought_collisions_are_drawn_as_users_use(pool: ListPool) -> None:
    """A share of the takes falls on items as they are used; members meet there, and only there."""
    strategy = Colliding(accounts=20, per_day=200, bought=0.3, days=3)
    events = campaign(strategy, pool)
    owned = events.item % 20 == events.account
    assert 1 - owned.mean() == pytest.approx(0.3 * 19 / 20, abs=0.03)
    pairs = np.unique(events.account * pool.items + events.item) % pool.items
    assert np.bincount(pairs).max() >= 10
    alone = campaign(Colliding(accounts=20, per_day=200, bought=0.0, days=3), pool)
    assert len(np.unique(alone.item)) == len(alone)
