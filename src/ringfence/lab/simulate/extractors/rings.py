"""Rings: accounts that divide a list of items between them.

Each class changes one thing about :class:`RingStrategy`: the pace, the clock, the surface, the
list, or the accounts themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import EventColumns
from ringfence.lab.simulate.extractors.clocks import ClockName
from ringfence.lab.simulate.extractors.day_plan import (
    DayPlan,
    Generations,
    Growing,
    RandomTotal,
    Rate,
    Steady,
    plan_day,
)
from ringfence.lab.simulate.extractors.item_lists import (
    ENDED,
    SPLITS,
    Division,
    LastList,
    SplitName,
    ranked,
)
from ringfence.lab.simulate.extractors.strategy import Positive, PositiveCount, TimedStrategy
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of, permuted
from ringfence.stats.arrays import Integers

_SPLIT: Final = 1
_TOTALS: Final = 2
_ORDER: Final = 10
_DELAY: Final = 110


@dataclass(frozen=True, kw_only=True)
class RingStrategy(TimedStrategy):
    """Accounts divide a list by use; no two of them take the same item.

    The ring ends early where the catalogue does.

    Attributes:
        per_day: items of an account per day.
        split: how the list is divided: interleaved, blocks or random.
    """

    name: ClassVar[str] = "ring"

    per_day: PositiveCount = 1000
    split: SplitName = "interleaved"

    def day(self, pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the events of a day."""
        plan = plan_day(self.rate(seed), self.accounts, day)
        return self.timed_events(plan, self.day_items(pool, seed, day, plan), seed, day)

    def rate(self, seed: int) -> Rate:
        """Return the rate of each account."""
        del seed
        return Steady(self.per_day)

    def day_items(self, pool: ItemPool, seed: int, day: int, plan: DayPlan) -> Integers:
        """Return (rows,) the items of a day's plan, ``ENDED`` where none is left."""
        del day
        return self.listed_items(pool, seed, plan.account, plan.nth)

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return each account's n-th item of the divided list, ``ENDED`` after its part."""
        most = int(self.rate(seed).before(np.arange(self.accounts), self.days).max())
        share = min(most, -(-pool.items // self.accounts))
        inside = nth < share
        division = Division(self.accounts, share, key_of(seed, _SPLIT))
        position = SPLITS[self.split](division, account, np.where(inside, nth, 0))
        return np.where(inside, ranked(pool, position), ENDED)


@dataclass(frozen=True, kw_only=True)
class Greedy(RingStrategy):
    """Takes the most used items in one burst per day, with 0.6 seconds between two items."""

    name: ClassVar[str] = "greedy"

    days: PositiveCount = 10
    per_day: PositiveCount = 5_000
    clock: ClockName = "bursts"


@dataclass(frozen=True, kw_only=True)
class Even(RingStrategy):
    """Takes items at equal distances around the clock, with a little jitter."""

    name: ClassVar[str] = "even"

    clock: ClockName = "even"


@dataclass(frozen=True, kw_only=True)
class Waking(RingStrategy):
    """Takes items at equal distances in the waking hours of a time zone."""

    name: ClassVar[str] = "waking"

    clock: ClockName = "waking"


@dataclass(frozen=True, kw_only=True)
class Shares(RingStrategy):
    """A ring in which each account takes a few hundred items, evenly over the campaign.

    ``per_day`` has no effect.

    Attributes:
        least: smallest number of items of an account.
        most: largest number; the numbers are drawn evenly between the two.
    """

    name: ClassVar[str] = "shares"

    least: PositiveCount = 100
    most: PositiveCount = 300

    def rate(self, seed: int) -> Rate:
        """Return the total that each account has drawn, spread over the days."""
        most = max(self.least, self.most)
        return RandomTotal(self.least, most, self.days, key_of(seed, _TOTALS))


@dataclass(frozen=True, kw_only=True)
class SlowStart(RingStrategy):
    """Grows from a user's pace to ``per_day`` by the same factor every day.

    Attributes:
        first: items of the first day; a median person's day has 50 distinct items.
        growing: days until the full pace.
    """

    name: ClassVar[str] = "slow_start"

    first: Positive = 50.0
    growing: PositiveCount = 21

    def rate(self, seed: int) -> Rate:
        """Return the growing rate."""
        del seed
        return Growing(self.first, self.per_day, self.growing)


@dataclass(frozen=True, kw_only=True)
class Replacement(RingStrategy):
    """Works down a list with one generation of accounts after the other.

    ``accounts`` counts all of them; generations have the same number of accounts.

    Attributes:
        life: days for which an account is used.
    """

    name: ClassVar[str] = "replaced"

    life: PositiveCount = 7

    def rate(self, seed: int) -> Rate:
        """Return a steady rate while an account lives."""
        del seed
        return Generations(Steady(self.per_day), self.life, self._generation_size())

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the list's next items: a successor goes on where its predecessor ended."""
        size = self._generation_size()
        ring = RingStrategy(accounts=size, days=self.days, per_day=self.per_day, split=self.split)
        generation, member = account // size, account % size
        return ring.listed_items(pool, seed, member, nth + generation * self.life * self.per_day)

    def _generation_size(self) -> int:
        generations = -(-self.days // self.life)
        return -(-self.accounts // generations)


@dataclass(frozen=True, kw_only=True)
class Stolen(RingStrategy):
    """A ring of accounts with a real past; their owners may go on using them."""

    name: ClassVar[str] = "stolen"
    stolen: ClassVar[bool] = True


@dataclass(frozen=True, kw_only=True)
class Metadata(RingStrategy):
    """Asks for the metadata of items, far more of them than an account could play."""

    name: ClassVar[str] = "metadata"
    surface: ClassVar[str] = "metadata"

    per_day: PositiveCount = 10_000
    clock: ClockName = "even"


@dataclass(frozen=True, kw_only=True)
class Downloads(RingStrategy):
    """Downloads items and streams none."""

    name: ClassVar[str] = "downloads"
    surface: ClassVar[str] = "download"

    per_day: PositiveCount = 150
    clock: ClockName = "human"


@dataclass(frozen=True, kw_only=True)
class Tail(RingStrategy):
    """Takes items at random from the whole catalogue; no two accounts take the same item.

    Nearly all of a catalogue is rarely used. ``split`` has no effect.
    """

    name: ClassVar[str] = "tail"

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the next items of one random order of all items, dealt out."""
        position = nth * self.accounts + account
        inside = position < pool.items
        item = permuted(np.where(inside, position, 0), pool.items, key_of(seed, _ORDER))
        return np.where(inside, item, ENDED)


_GROUP_ITEMS: Final = LastList()


@dataclass(frozen=True, kw_only=True)
class ByGroup(RingStrategy):
    """Takes one group after the other with all its items, the most used item of each first.

    Groups are dealt out in the order of their numbers; pools number popular groups first.
    ``split`` has no effect.
    """

    name: ClassVar[str] = "by_group"

    per_day: PositiveCount = 150

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return each account's n-th item, group by group."""
        del seed
        most = self.per_day * self.days
        lists = _GROUP_ITEMS.get(
            pool, (self.accounts, most), lambda: self._items_of_all(pool, most)
        )
        return lists[account, nth]

    def _items_of_all(self, pool: ItemPool, most: int) -> Integers:
        """Return the items of each account in its order: (accounts, most)."""
        return np.stack([self._items_of(pool, account, most) for account in range(self.accounts)])

    def _items_of(self, pool: ItemPool, account: int, most: int) -> Integers:
        items = np.full(most, ENDED, np.int64)
        begun = 0
        for group in range(account, pool.groups, self.accounts):
            whole = pool.whole(group)[: most - begun]
            items[begun : begun + len(whole)] = whole
            begun += len(whole)
            if begun == most:
                break
        return items


@dataclass(frozen=True, kw_only=True)
class CopiedGroups(ByGroup):
    """Hides as a device: downloads whole groups at full speed, as much as a library may have.

    A scan takes up to 10,000 items in a year for the copy of a library (decision 0036).
    """

    name: ClassVar[str] = "copied_groups"
    surface: ClassVar[str] = "download"

    days: PositiveCount = 1
    per_day: PositiveCount = 9_900
    clock: ClockName = "bursts"


@dataclass(frozen=True, kw_only=True)
class Lockstep(TimedStrategy):
    """Accounts that one program drives: all take the same items at the same times.

    Attributes:
        per_day: items of an account per day, the same for all.
        within: largest number of seconds by which an account is early or late.
    """

    name: ClassVar[str] = "lockstep"

    accounts: PositiveCount = 40
    per_day: PositiveCount = 150
    clock: ClockName = "human"
    within: Positive = 20.0

    def day(self, pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the events of a day."""
        plan = plan_day(Steady(self.per_day), 1, day)
        led = self.timed_events(plan, ranked(pool, plan.nth), seed, day)
        events = led.at(np.tile(np.arange(len(led)), self.accounts))
        rng = np.random.default_rng([seed, day, _DELAY])
        late = rng.uniform(-self.within, self.within, len(events)).astype(np.int64)
        account = np.repeat(np.arange(self.accounts), len(led))
        return EventColumns(
            events.second + late,
            account,
            events.item,
            events.seconds,
            events.surface,
            events.response,
        )
