"""Run several strategies at once, with one account per strategy."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.extractors import Strategy
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of


@dataclass(frozen=True, kw_only=True)
class CandidateStrategies(Strategy):
    """One account per strategy, each with a seed of its own.

    Attributes:
        strategies: strategies of one account each; the accounts are numbered in this order.
    """

    name: ClassVar[str] = "candidates"

    strategies: tuple[Strategy, ...]

    @classmethod
    def of(cls, strategies: tuple[Strategy, ...], days: int) -> CandidateStrategies:
        """Return a campaign with one account per strategy."""
        return cls(accounts=len(strategies), days=days, strategies=strategies)

    def day(self, item_pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of one day."""
        return _campaign(self, item_pool, seed)[day]


@lru_cache(maxsize=1)
def _campaign(
    candidates: CandidateStrategies, item_pool: ItemPool, seed: int
) -> tuple[EventColumns, ...]:
    """Return the takes of all days, made one strategy after the other.

    A strategy caches the campaign that it made last, so alternating would make it again each day.
    """
    days: list[list[EventColumns]] = [[] for _ in range(candidates.days)]
    for number, strategy in enumerate(candidates.strategies):
        own_seed = key_of(seed, number)
        for day in range(min(candidates.days, strategy.days)):
            takes = strategy.day(item_pool, own_seed, day)
            days[day].append(replace(takes, account=np.full(len(takes), number, np.int64)))
    return tuple(joined(takes) for takes in days)
