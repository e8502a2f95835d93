"""Make whole campaigns for tests."""

from __future__ import annotations

from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.extractors import Strategy
from ringfence.lab.simulate.item_pool import ItemPool


def campaign(strategy: Strategy, pool: ItemPool, seed: int = 1) -> EventColumns:
    """Return all events of a strategy."""
    return joined([strategy.day(pool, seed, day) for day in range(strategy.days)])
