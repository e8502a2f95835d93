"""Accounts that one program drives: all take the same items at the same times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors.agenda import agenda
from ringfence.lab.simulate.extractors.clocks import ClockName
from ringfence.lab.simulate.extractors.planned import Planned
from ringfence.lab.simulate.extractors.ranked import ranked
from ringfence.lab.simulate.extractors.rates import Steady
from ringfence.lab.simulate.extractors.strategy import Count, Positive
from ringfence.lab.simulate.item_pool import ItemPool

_LATE = 110


@dataclass(frozen=True, kw_only=True)
class Lockstep(Planned):
    """Accounts go down the list of the most used items side by side, not one after the other.

    Attributes:
        a_day: takes of an account a day, the same for all.
        within: seconds that accounts are early or late by, at most.
    """

    name: ClassVar[str] = "lockstep"

    accounts: Count = 40
    a_day: Count = 150
    clock: ClockName = "human"
    within: Positive = 20.0

    def day(self, shelf: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of a day."""
        plan = agenda(Steady(self.a_day), 1, day)
        led = self.carried_out(plan, ranked(shelf, plan.nth), seed, day)
        takes = led.at(np.tile(np.arange(len(led)), self.accounts))
        rng = np.random.default_rng([seed, day, _LATE])
        late = rng.uniform(-self.within, self.within, len(takes)).astype(np.int64)
        account = np.repeat(np.arange(self.accounts), len(led))
        return EventColumns(takes.second + late, account, takes.item, takes.seconds, takes.surface)
