"""From an agenda and its items to takes: what all strategies but none alone need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import SURFACES, EventColumns
from ringfence.lab.simulate.extractors.agenda import Agenda
from ringfence.lab.simulate.extractors.clocks import CLOCKS, DAY, ClockName, Today
from ringfence.lab.simulate.extractors.played import PlayedName, human, noted
from ringfence.lab.simulate.extractors.ranked import ENDED
from ringfence.lab.simulate.extractors.strategy import Strategy
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Floats, Integers

_CLOCK, _HABITS = range(100, 102)


@dataclass(frozen=True, kw_only=True)
class Planned(Strategy):
    """Carries out an agenda by a clock.

    Class attributes:
        surface: how items are taken.

    Attributes:
        clock: when: even, waking, human or bursts.
        played: what a log says of seconds played: nothing (none), the item's length (full), or
            as people listen, a third of it skipped (human). Downloaders leave none, whoever
            works in sittings pretends to be human.
    """

    surface: ClassVar[str] = "stream"

    clock: ClockName = "waking"
    played: PlayedName = "none"

    def carried_out(self, plan: Agenda, item: Integers, seed: int, day: int) -> EventColumns:
        """Return the rows of a plan as takes at their times, without those that ended."""
        rng = np.random.default_rng([seed, day, _CLOCK])
        heard = human(rng, item)
        moment = self.moments(Today(plan, heard, rng, key_of(seed, _HABITS)), day)
        second = np.floor(day * DAY + moment).astype(np.int64)
        seconds = noted(self.played, np.minimum(heard, _until_next(plan, second)), item)
        surface = np.full(len(plan), SURFACES.index(self.surface), np.int8)
        takes = EventColumns(second, plan.account, item, seconds, surface)
        return takes.at(np.flatnonzero(item != ENDED))

    def moments(self, today: Today, day: int) -> Floats:
        """Return the seconds of the day at which rows are taken."""
        del day
        return CLOCKS[self.clock](today)


def _until_next(plan: Agenda, second: Integers) -> Integers:
    """Return the seconds until the account's next take of the day; a day after the last one."""
    until = np.diff(second, append=0)
    return np.where(plan.place == plan.of - 1, DAY, until)
