"""The adaptive attacker: accounts that live like users and take a little more than they would."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar

import numpy as np
from pydantic import Field

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors.agenda import of_counts
from ringfence.lab.simulate.extractors.clocks import HOUR, Today, sittings
from ringfence.lab.simulate.extractors.diary import Diary, Habits
from ringfence.lab.simulate.extractors.mixing import chosen
from ringfence.lab.simulate.extractors.planned import Planned
from ringfence.lab.simulate.extractors.played import PlayedName
from ringfence.lab.simulate.extractors.returning import returns
from ringfence.lab.simulate.extractors.strategy import Count, Positive, Share
from ringfence.lab.simulate.extractors.wishes import Wishes, wishes
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.stats.arrays import Floats

_RETURNS = 20


@dataclass(frozen=True, kw_only=True)
class Mimic(Planned):
    """Accounts with a user's days, hours, sittings, taste and returns.

    All parameters but the counts are continuous in their effect, so that an optimiser can look
    for the most items that go unseen. An account's plan of days and items is made as a whole and
    kept between calls; it fits memory up to some ten million new items. ``clock`` has no effect.

    Attributes:
        new_a_day: new items of an account a day, mean over all days, rest days included.
        returns: share of plays that go back to an own item.
        groups: groups in an account's taste. When it has taken most of what they hold, it takes
            what others use.
        own: share of the new items that come from the account's part of the list of the most used
            items, which the accounts deal out; the others come from its taste.
        active: share of days with any play.
        waking: hours of the day in use.
        variation: of plays between active days, the standard deviation of their logarithm;
            accounts differ from each other the more, the larger it is.
        weekday: of the first day, Monday is 0; weekends differ as users' do.
    """

    name: ClassVar[str] = "mimic"

    played: PlayedName = "human"
    new_a_day: Positive = 20.0
    returns: Annotated[float, Field(ge=0, le=0.97)] = 0.5
    groups: Count = 80
    own: Share = 0.5
    active: Annotated[float, Field(gt=0, le=1)] = 0.8
    waking: Annotated[float, Field(ge=1, le=24)] = 14.0
    variation: Annotated[float, Field(ge=0, le=2)] = 0.6
    weekday: Annotated[int, Field(ge=0, le=6)] = 0

    def day(self, shelf: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the takes of a day."""
        diary = self._diary(seed)
        new, plays = diary.new(day), diary.plays(day)
        begun = diary.new_before(day)
        everyone = np.arange(self.accounts)
        plan = of_counts(everyone, plays, diary.plays_before(day))
        rng = np.random.default_rng([seed, day, _RETURNS])
        is_new, had = chosen(plan, new[plan.account], begun[plan.account], rng)
        wish = np.where(is_new, had, returns(had, rng))
        wanted = wishes(shelf, self._wanted(diary), seed)
        return self.carried_out(plan, wanted[plan.account, wish], seed, day)

    def moments(self, today: Today, day: int) -> Floats:
        """Return times in sittings, within the hours in use."""
        del day
        hours = np.minimum(self.waking * (0.9 + 0.2 * today.habit(2)), 24.0)
        return sittings(today, HOUR * hours)

    def _diary(self, seed: int) -> Diary:
        habits = Habits(
            accounts=self.accounts,
            days=self.days,
            new=self.new_a_day,
            returns=self.returns,
            active=self.active,
            variation=self.variation,
            weekday=self.weekday,
        )
        return Diary.of(habits, seed)

    def _wanted(self, diary: Diary) -> Wishes:
        # One more than is taken: an account without a past has something to return to.
        most = int(diary.new_before(self.days).max()) + 1
        return Wishes(self.accounts, most, self.groups, self.own)
