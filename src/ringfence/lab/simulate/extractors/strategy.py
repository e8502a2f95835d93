"""Define a strategy of extraction: some accounts and the events of each day."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
from pydantic import ConfigDict, Field

from ringfence.lab.simulate.event_columns import SURFACE_NAMES, EventColumns
from ringfence.lab.simulate.extractors.clocks import CLOCKS, ClockInput, ClockName
from ringfence.lab.simulate.extractors.day_plan import DayPlan
from ringfence.lab.simulate.extractors.item_lists import ENDED
from ringfence.lab.simulate.extractors.playback import PlayedName, human_seconds, logged_seconds
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Codes, Floats, Integers
from ringfence.stats.seconds import DAY

PositiveCount = Annotated[int, Field(ge=1)]
Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[float, Field(gt=0)]

_CLOCK: Final = 100
_HABITS: Final = 101


@dataclass(frozen=True, kw_only=True)
class Strategy(ABC):
    """A way in which some accounts extract, day by day. Subclasses add their parameters.

    Class attributes:
        name: as in an attack's table.
        stolen: whether the accounts are stolen from users, whose past they keep.

    Attributes:
        accounts: number of accounts, replacements included.
        days: length of the campaign. Other days have no events.
    """

    # Tables of attacks are read with pydantic; a misspelt parameter is an error.
    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: ClassVar[str]
    stolen: ClassVar[bool] = False

    accounts: PositiveCount = 1
    days: PositiveCount = 30

    @abstractmethod
    def day(self, pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the events of a day of the campaign, 0 .. days - 1.

        The same arguments give the same events, and no day needs another one to be made first.
        """


@dataclass(frozen=True, kw_only=True)
class TimedStrategy(Strategy):
    """A strategy that takes the items of a day's plan at the times of a clock.

    Class attributes:
        surface: surface of every event.

    Attributes:
        clock: times of day: even, waking, human, restless or bursts.
        played: seconds played in the events: none, the item's length (full), or as people
            listen, with a third skipped (human). Downloaders leave none; accounts that work in
            sittings pretend to be human.
    """

    surface: ClassVar[str] = "stream"

    clock: ClockName = "waking"
    played: PlayedName = "none"

    def timed_events(self, plan: DayPlan, item: Integers, seed: int, day: int) -> EventColumns:
        """Return the rows of a plan as events at their times, without :data:`ENDED` items."""
        rng = np.random.default_rng([seed, day, _CLOCK])
        heard = human_seconds(rng, item)
        moment = self.moments(ClockInput(plan, heard, rng, key_of(seed, _HABITS)), day)
        second = np.floor(day * DAY + moment).astype(np.int64)
        heard = np.minimum(heard, _seconds_until_next(plan, second))
        seconds = logged_seconds(self.played, heard, item)
        surface = np.full(len(plan), SURFACE_NAMES.index(self.surface), np.int8)
        response = self.responses(plan, item, seed)
        events = EventColumns(second, plan.account, item, seconds, surface, response)
        return events.at(np.flatnonzero(item != ENDED))

    def responses(self, plan: DayPlan, item: Integers, seed: int) -> Codes:
        """Return what each row of a plan is answered with: an item, unless a strategy differs."""
        del item, seed
        return np.zeros(len(plan), np.int8)

    def moments(self, today: ClockInput, day: int) -> Floats:
        """Return the second of the day of each row."""
        del day
        return CLOCKS[self.clock](today)


def _seconds_until_next(plan: DayPlan, second: Integers) -> Integers:
    """Return the seconds until the account's next event of the day; a day after the last one."""
    until = np.diff(second, append=0)
    return np.where(plan.place == plan.of - 1, DAY, until)
