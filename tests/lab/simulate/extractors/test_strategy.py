"""Rules that every strategy keeps."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import ListPool

from ringfence.lab.simulate.attacks import attack_names, load_attack
from ringfence.lab.simulate.event_columns import SURFACE_NAMES, EventColumns
from ringfence.lab.simulate.extractors import STRATEGIES, Strategy

DAY = 86_400
FEW = {"accounts": 6, "days": 8}


@pytest.fixture(params=STRATEGIES)
def strategy(request: pytest.FixtureRequest) -> Strategy:
    """Each strategy, at small size."""
    return STRATEGIES[request.param](**FEW)


def _same(one: EventColumns, other: EventColumns) -> bool:
    return all(map(np.array_equal, astuple(one), astuple(other)))


def test_days_need_no_other_day(strategy: Strategy, pool: ListPool) -> None:
    """A day made alone, on a pool without cached lists, is the day of the whole campaign."""
    days = [strategy.day(pool, 1, day) for day in range(strategy.days)]
    for day in (5, 2):
        assert _same(strategy.day(ListPool(pool.items), 1, day), days[day])


def test_seeds_differ(strategy: Strategy, pool: ListPool) -> None:
    """Another seed gives other events."""
    assert not _same(strategy.day(pool, 1, 3), strategy.day(pool, 2, 3))


def test_events_are_possible(strategy: Strategy, pool: ListPool) -> None:
    """Accounts, items and surfaces exist, and events lie on their day in some time zone."""
    for day in (0, 4):
        events = strategy.day(pool, 1, day)
        assert len(events)
        assert ((events.account >= 0) & (events.account < strategy.accounts)).all()
        assert ((events.item >= 0) & (events.item < pool.items)).all()
        assert ((events.surface >= 0) & (events.surface < len(SURFACE_NAMES))).all()
        assert events.second.min() >= (day - 1) * DAY
        assert events.second.max() < (day + 2) * DAY
        assert (events.seconds >= -1).all()


def test_a_catalogue_can_be_too_small(strategy: Strategy) -> None:
    """An account that works down a list stops at its end; it invents no items."""
    events = campaign(strategy, ListPool(100))
    assert events.item.max() < 100


@pytest.mark.parametrize("name", attack_names())
def test_every_attack_takes_something(name: str, pool: ListPool) -> None:
    """Each permanent name has events on its first day."""
    assert len(load_attack(name).strategy.day(pool, 1, 0)) > 0
