"""What every strategy keeps to."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np
import pytest
from tests.lab.simulate.extractors.campaign import campaign
from tests.lab.simulate.extractors.list_pool import ListPool

from ringfence.lab.simulate.attacks import attack_names, load_attack
from ringfence.lab.simulate.event_columns import SURFACES, EventColumns
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
    """A day made alone, on a pool nobody has asked yet, is the day of the whole campaign."""
    days = [strategy.day(pool, 1, day) for day in range(strategy.days)]
    for day in (5, 2):
        assert _same(strategy.day(ListPool(pool.items), 1, day), days[day])


def test_seeds_differ(strategy: Strategy, pool: ListPool) -> None:
    """Another seed gives other takes."""
    assert not _same(strategy.day(pool, 1, 3), strategy.day(pool, 2, 3))


def test_takes_are_possible(strategy: Strategy, pool: ListPool) -> None:
    """Accounts, items and surfaces exist, and takes lie on their day in some time zone."""
    for day in (0, 4):
        takes = strategy.day(pool, 1, day)
        assert len(takes)
        assert ((takes.account >= 0) & (takes.account < strategy.accounts)).all()
        assert ((takes.item >= 0) & (takes.item < pool.items)).all()
        assert ((takes.surface >= 0) & (takes.surface < len(SURFACES))).all()
        assert takes.second.min() >= (day - 1) * DAY
        assert takes.second.max() < (day + 2) * DAY
        assert (takes.seconds >= -1).all()


def test_a_catalogue_can_be_too_small(strategy: Strategy) -> None:
    """Who works down a list stops at its end; nobody invents items."""
    takes = campaign(strategy, ListPool(100))
    assert takes.item.max() < 100


@pytest.mark.parametrize("name", attack_names())
def test_every_attack_takes_something(name: str, pool: ListPool) -> None:
    """Each permanent name makes takes on its first day."""
    assert len(load_attack(name).strategy.day(pool, 1, 0)) > 0
