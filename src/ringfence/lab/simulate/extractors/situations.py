"""Situations that operators report: crowds of visitors, tried ids, listings, archives, and nights.

Source: public reports of operators of libraries, archives, wikis and music servers, 2024 to 2026,
which name addresses, pages, ids and volumes; the times of day are assumed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final, Literal

import numpy as np

from ringfence.lab.simulate.event_columns import (
    ARCHIVE,
    LISTING,
    MISSING,
    EventColumns,
)
from ringfence.lab.simulate.extractors.clocks import ClockInput, ClockName
from ringfence.lab.simulate.extractors.day_plan import DayPlan
from ringfence.lab.simulate.extractors.item_lists import ENDED
from ringfence.lab.simulate.extractors.rings import Lockstep, RingStrategy
from ringfence.lab.simulate.extractors.strategy import PositiveCount, Share, Strategy
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of, permuted
from ringfence.stats.arrays import Codes, Flags, Floats, Integers
from ringfence.stats.seconds import DAY, HOUR

_DAY, _SECOND, _GAP, _ORDER, _MISSES = range(20, 25)

_NIGHT: Final = (1.0, 4.0)
"""Hour (UTC) at which a night begins, and hours that it lasts. It is night for most owners."""


@dataclass(frozen=True, kw_only=True)
class Visits(Strategy):
    """One campaign through many visitors: each comes once, takes a few items and never returns.

    No two visitors take the same item.

    Attributes:
        pages: items of a visitor.
        order: random (any items), or sitemap (each visitor continues where another stopped).
        pause: seconds between two items of a visitor, at most.
    """

    name: ClassVar[str] = "visits"

    accounts: PositiveCount = 4_000
    days: PositiveCount = 7
    pages: PositiveCount = 3
    order: Literal["random", "sitemap"] = "random"
    pause: PositiveCount = 40

    def day(self, pool: ItemPool, seed: int, day: int) -> EventColumns:
        """Return the items of the visitors of a day."""
        everyone = np.arange(self.accounts)
        # Visitors are numbered as the campaign goes on, so the list is worked through in order.
        begins = (everyone + self._draw(seed, _DAY, everyone)) * self.days * DAY / self.accounts
        today = everyone[(begins // DAY).astype(np.int64) == day]
        account = np.repeat(today, self.pages)
        nth = np.tile(np.arange(self.pages), len(today))
        position = account * self.pages + nth
        pause = 1.0 + (self.pause - 1.0) * self._draw(seed, _GAP, position)
        waited = np.cumsum(pause.reshape(-1, self.pages), axis=1).ravel()
        second = np.floor(begins[account] + waited).astype(np.int64)
        inside = position < pool.items
        place = np.where(inside, position, 0)
        if self.order == "random":
            item = permuted(place, pool.items, key_of(seed, _ORDER))
        else:
            item = pool.listed(place)
        return EventColumns.streams(second, account, item).at(np.flatnonzero(inside))

    def _draw(self, seed: int, purpose: int, number: Integers) -> Floats:
        return hashed_uniform(np.array([key_of(seed, purpose)]), number)


@dataclass(frozen=True, kw_only=True)
class TriedIds(RingStrategy):
    """Tries one id after the other; most of them do not exist.

    Attributes:
        missing: share of the ids that do not exist.
    """

    name: ClassVar[str] = "tried_ids"
    surface: ClassVar[str] = "metadata"

    accounts: PositiveCount = 1
    per_day: PositiveCount = 12_000
    days: PositiveCount = 3
    clock: ClockName = "even"
    missing: Share = 0.98

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the ids in their order; a missing one counts from the end of the catalogue."""
        place = self._position(account, nth) % pool.items
        return np.where(self._misses(seed, account, nth), place, pool.listed(place))

    def responses(self, plan: DayPlan, item: Integers, seed: int) -> Codes:
        """Return whether each id exists."""
        del item
        return self._misses(seed, plan.account, plan.nth).astype(np.int8) * np.int8(MISSING)

    def _position(self, account: Integers, nth: Integers) -> Integers:
        return nth * self.accounts + account

    def _misses(self, seed: int, account: Integers, nth: Integers) -> Flags:
        chance = hashed_uniform(np.array([key_of(seed, _MISSES)]), self._position(account, nth))
        misses: Flags = chance < self.missing
        return misses


@dataclass(frozen=True, kw_only=True)
class SearchPages(RingStrategy):
    """Asks for one page of search results after the other, each a list of 100 items."""

    name: ClassVar[str] = "search_pages"
    surface: ClassVar[str] = "search"

    accounts: PositiveCount = 1
    per_day: PositiveCount = 1_600
    days: PositiveCount = 10
    clock: ClockName = "even"

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the numbers of the pages."""
        del seed
        page = nth * self.accounts + account
        return np.where(page < pool.items, page, ENDED)

    def responses(self, plan: DayPlan, item: Integers, seed: int) -> Codes:
        """Return that every answer is a list."""
        del item, seed
        return np.full(len(plan), LISTING, np.int8)


@dataclass(frozen=True, kw_only=True)
class Archives(RingStrategy):
    """Downloads one group after the other, each as one archive with all of its items."""

    name: ClassVar[str] = "archives"
    surface: ClassVar[str] = "download"

    accounts: PositiveCount = 1
    per_day: PositiveCount = 80
    days: PositiveCount = 10
    clock: ClockName = "human"

    def listed_items(self, pool: ItemPool, seed: int, account: Integers, nth: Integers) -> Integers:
        """Return the numbers of the groups; pools number popular groups first."""
        del seed
        group = nth * self.accounts + account
        return np.where(group < pool.groups, group, ENDED)

    def responses(self, plan: DayPlan, item: Integers, seed: int) -> Codes:
        """Return that every answer is an archive."""
        del item, seed
        return np.full(len(plan), ARCHIVE, np.int8)


class _AtNight:
    """The times of a thief who uses a login while its owner sleeps."""

    stolen: ClassVar[bool] = True

    def moments(self, today: ClockInput, day: int) -> Floats:
        """Return moments at uneven distances within the night."""
        del day
        plan = today.plan
        begin, hours = _NIGHT
        moment = (plan.place + today.rng.uniform(0.1, 0.9, len(plan))) / np.maximum(plan.of, 1)
        moments: Floats = HOUR * (begin + hours * moment)
        return moments


@dataclass(frozen=True, kw_only=True)
class StolenNights(_AtNight, RingStrategy):
    """Uses a stolen login at night, while its owner goes on by day."""

    name: ClassVar[str] = "stolen_nights"

    accounts: PositiveCount = 1
    per_day: PositiveCount = 40
    days: PositiveCount = 14


@dataclass(frozen=True, kw_only=True)
class StolenLockstep(_AtNight, Lockstep):
    """Uses stolen logins at night, all for the same items at the same times."""

    name: ClassVar[str] = "stolen_lockstep"

    accounts: PositiveCount = 20
    per_day: PositiveCount = 20
    days: PositiveCount = 14


__all__ = ["Archives", "SearchPages", "StolenLockstep", "StolenNights", "TriedIds", "Visits"]
