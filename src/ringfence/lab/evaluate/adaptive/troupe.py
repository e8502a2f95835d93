"""Candidates side by side: accounts that each follow a strategy of their own."""

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
class Troupe(Strategy):
    """One account a member, numbered in their order; seeds differ between members.

    Attributes:
        members: strategies of one account each.
    """

    name: ClassVar[str] = "troupe"

    members: tuple[Strategy, ...]

    @classmethod
    def of(cls, members: tuple[Strategy, ...], days: int) -> Troupe:
        """Make a troupe of as many accounts as members."""
        return cls(accounts=len(members), days=days, members=members)

    def day(self, shelf: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of a day."""
        return _campaign(self, shelf, seed)[day]


@lru_cache(maxsize=1)
def _campaign(troupe: Troupe, shelf: ItemPool, seed: int) -> tuple[EventColumns, ...]:
    """Make all days, one member after the other: strategies keep what they made last."""
    days: list[list[EventColumns]] = [[] for _ in range(troupe.days)]
    for number, member in enumerate(troupe.members):
        own = key_of(seed, number)
        for day in range(min(troupe.days, member.days)):
            takes = member.day(shelf, own, day)
            days[day].append(replace(takes, account=np.full(len(takes), number, np.int64)))
    return tuple(joined(parts) for parts in days)
