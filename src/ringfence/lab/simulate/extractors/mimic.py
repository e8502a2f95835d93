"""The adaptive attacker: accounts that live like users and take somewhat more than users do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final

import numpy as np
from pydantic import Field

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors.clocks import ClockInput, place_sittings
from ringfence.lab.simulate.extractors.day_plan import plan_counts
from ringfence.lab.simulate.extractors.imitation import (
    ActivityCalendar,
    DiscoveryLimits,
    Habits,
    discover_items,
)
from ringfence.lab.simulate.extractors.playback import PlayedName
from ringfence.lab.simulate.extractors.repeats import choose_new, choose_repeats
from ringfence.lab.simulate.extractors.strategy import Positive, PositiveCount, Share, TimedStrategy
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Floats
from ringfence.stats.seconds import HOUR

_REPEATS: Final = 20


@dataclass(frozen=True, kw_only=True)
class Mimic(TimedStrategy):
    """Accounts with a user's days, hours, sittings, taste and repeats.

    All parameters but the counts have a continuous effect, so that an optimiser can search for the
    largest number of items that stays undetected. The days and items of an account are planned as
    a whole and cached between calls; the plan fits in memory up to some ten million new items.
    ``clock`` has no effect.

    Attributes:
        new_per_day: new items of an account per day, mean over all days, idle days included.
        returns: share of plays that repeat an own item.
        groups: groups in an account's taste. When it has taken most of their items, it takes what
            others use.
        own: share of the new items that come from the account's part of the list of the most used
            items, which the accounts divide; the others come from its taste.
        active: share of days with any play.
        waking: hours of the day in use.
        variation: standard deviation of the logarithm of an active day's plays. The larger it is,
            the more accounts differ from each other.
        weekday: weekday of the first day, Monday is 0; weekends differ as users' do.
    """

    name: ClassVar[str] = "mimic"

    played: PlayedName = "human"
    new_per_day: Positive = 20.0
    returns: Annotated[float, Field(ge=0, le=0.97)] = 0.5
    groups: PositiveCount = 80
    own: Share = 0.5
    active: Annotated[float, Field(gt=0, le=1)] = 0.8
    waking: Annotated[float, Field(ge=1, le=24)] = 14.0
    variation: Annotated[float, Field(ge=0, le=2)] = 0.6
    weekday: Annotated[int, Field(ge=0, le=6)] = 0

    def day(self, pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the events of a day."""
        calendar = self._calendar(seed)
        new, plays = calendar.new(day), calendar.plays(day)
        begun = calendar.new_before(day)
        plan = plan_counts(np.arange(self.accounts), plays, calendar.plays_before(day))
        rng = np.random.default_rng([seed, day, _REPEATS])
        is_new, had = choose_new(plan, new[plan.account], begun[plan.account], rng)
        nth = np.where(is_new, had, choose_repeats(had, rng))
        found = discover_items(pool, self._limits(calendar), seed)
        return self.timed_events(plan, found[plan.account, nth], seed, day)

    def moments(self, today: ClockInput, day: int) -> Floats:
        """Return times in sittings, within the hours in use."""
        del day
        hours = np.minimum(self.waking * (0.9 + 0.2 * today.habit(2)), 24.0)
        return place_sittings(today, HOUR * hours)

    def _calendar(self, seed: int) -> ActivityCalendar:
        habits = Habits(
            accounts=self.accounts,
            days=self.days,
            new=self.new_per_day,
            returns=self.returns,
            active=self.active,
            variation=self.variation,
            weekday=self.weekday,
        )
        return ActivityCalendar.draw(habits, seed)

    def _limits(self, calendar: ActivityCalendar) -> DiscoveryLimits:
        # One more than is taken: an account without a past has an item to repeat.
        most = int(calendar.new_before(self.days).max()) + 1
        return DiscoveryLimits(self.accounts, most, self.groups, self.own)
