"""Accounts that divide a list of the most used items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors.agenda import Agenda, agenda
from ringfence.lab.simulate.extractors.planned import Planned
from ringfence.lab.simulate.extractors.ranked import ENDED, ranked
from ringfence.lab.simulate.extractors.rates import Rate, Steady
from ringfence.lab.simulate.extractors.splits import SPLITS, SplitName, Work
from ringfence.lab.simulate.extractors.strategy import Count
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Integers

_SPLIT = 1


@dataclass(frozen=True, kw_only=True)
class Ring(Planned):
    """Accounts divide a list by use; nobody takes what another one has.

    Ends early where the catalogue does.

    Attributes:
        a_day: takes of an account a day.
        split: who takes which part of the list: interleaved, blocks or random.
    """

    name: ClassVar[str] = "ring"

    a_day: Count = 1000
    split: SplitName = "interleaved"

    def day(self, shelf: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of a day."""
        plan = agenda(self.rate(seed), self.accounts, day)
        return self.carried_out(plan, self.chosen(shelf, seed, day, plan), seed, day)

    def rate(self, seed: int) -> Rate:
        """Return how much each account takes."""
        del seed
        return Steady(self.a_day)

    def chosen(self, shelf: ItemPool, seed: int, day: int, plan: Agenda) -> Integers:
        """Return what is taken: (rows,) items, ``ENDED`` where there is nothing left."""
        del day
        return self.listed(shelf, seed, plan.account, plan.nth)

    def listed(self, shelf: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return each account's n-th item of the divided list, ``ENDED`` beyond its part."""
        most = int(self.rate(seed).before(np.arange(self.accounts), self.days).max())
        share = min(most, -(-shelf.items // self.accounts))
        inside = nth < share
        work = Work(self.accounts, share, key_of(seed, _SPLIT))
        position = SPLITS[self.split](work, account, np.where(inside, nth, 0))
        return np.where(inside, ranked(shelf, position), ENDED)
