"""Plan the life of an imitated user: the plays of each day and the new items in their order."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np

from ringfence.lab.simulate.extractors.item_lists import ENDED, LastList, ranked
from ringfence.lab.simulate.item_pool import ItemPool
from ringfence.lab.simulate.permutation import key_of
from ringfence.stats.arrays import Floats, Integers

PLAYS_BY_WEEKDAY: Final = (1.0, 1.0, 1.0, 1.02, 1.08, 1.0, 0.9)
"""Plays by day of the week, Monday first, mean 1."""
OUTSIDE: Final = 0.1
"""Share of the items a user tries that belong to no group of the taste."""
TRIES: Final = 3
"""Draws from a taste for each new item; after that the taste counts as used up."""

_CALENDAR: Final = 21
_DISCOVERIES: Final = 22


@dataclass(frozen=True)
class Habits:
    """The parameters from which the days of accounts are drawn.

    Attributes:
        accounts: number of accounts.
        days: number of days.
        new: new items per day, mean over all days and accounts.
        returns: share of plays that are repeats; accounts differ in it.
        active: share of days with any play.
        variation: standard deviation of the logarithm of an active day's plays. Accounts differ a
            third as much in their new items, and half as much in the odds of a repeat.
        weekday: weekday of the first day, Monday is 0.
    """

    accounts: int
    days: int
    new: float
    returns: float
    active: float
    variation: float
    weekday: int


@dataclass(frozen=True)
class ActivityCalendar:
    """The plays and new items of each account before each day.

    Attributes:
        played: (accounts, days + 1) plays before a day.
        found: (accounts, days + 1) new items before a day.
    """

    played: Integers
    found: Integers

    @classmethod
    @lru_cache(maxsize=2)
    def draw(cls, habits: Habits, seed: int) -> Self:
        """Draw the days of all accounts; the last two calendars are cached."""
        rng = np.random.default_rng([seed, _CALENDAR])
        found, share = _draw_accounts(habits, rng)
        total = np.cumsum(_draw_days(habits, rng), axis=1)
        phase = rng.random((habits.accounts, 1))
        new = total * found + phase
        return cls(_whole_from_zero(new / share), _whole_from_zero(new))

    def plays(self, day: int) -> Integers:
        """Return each account's plays on a day; at least its new items."""
        plays: Integers = self.played[:, day + 1] - self.played[:, day]
        return np.maximum(plays, self.new(day))

    def new(self, day: int) -> Integers:
        """Return each account's new items on a day."""
        new: Integers = self.found[:, day + 1] - self.found[:, day]
        return new

    def plays_before(self, day: int) -> Integers:
        """Return each account's plays before a day."""
        return self.played[:, day]

    def new_before(self, day: int) -> Integers:
        """Return each account's new items before a day."""
        return self.found[:, day]


def _draw_accounts(habits: Habits, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Return (accounts, 1) new items per day, and the share of plays that take a new item."""
    character = rng.standard_normal((2, habits.accounts, 1)) * habits.variation
    found = np.exp(character[0] / 3)
    # The odds of a repeat to a new item.
    odds = habits.returns / (1.0 - habits.returns) * np.exp(character[1] / 2)
    return habits.new * found / found.mean(), 1.0 / (1.0 + odds)


def _draw_days(habits: Habits, rng: np.random.Generator) -> Floats:
    """Return how full each day is: (accounts, days), mean 1."""
    shape = habits.accounts, habits.days
    awake = rng.random(shape) < habits.active
    # Log-normal with mean 1: more variation does not mean more plays.
    spread = habits.variation
    size = np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)
    week = np.array(PLAYS_BY_WEEKDAY)[(habits.weekday + np.arange(habits.days)) % 7]
    days: Floats = awake * size * week / habits.active
    return days


def _whole_from_zero(total: Floats) -> Integers:
    """Round running totals down and put a zero before them."""
    whole = np.floor(total).astype(np.int64)
    return np.concatenate([np.zeros((len(whole), 1), np.int64), whole], axis=1)


@dataclass(frozen=True)
class DiscoveryLimits:
    """The number of new items that accounts find, and their sources.

    Attributes:
        accounts: number of accounts.
        most: largest number of new items of an account.
        groups: groups in a taste.
        own: share from the account's part of the list of the most used items.
    """

    accounts: int
    most: int
    groups: int
    own: float


_FOUND: Final = LastList()


def discover_items(pool: ItemPool, limits: DiscoveryLimits, seed: int) -> Integers:
    """Return the items each account finds, in order: (accounts, most), ``ENDED`` after the last.

    No account has an item twice. The last result is cached: a day needs all items before it.
    """

    def make() -> Integers:
        return np.stack([_account_items(pool, limits, seed, n) for n in range(limits.accounts)])

    return _FOUND.get(pool, (limits, seed), make)


def _account_items(pool: ItemPool, limits: DiscoveryLimits, seed: int, account: int) -> Integers:
    """Merge an account's part of the list with the items that its taste makes it find."""
    rng = np.random.default_rng([seed, _DISCOVERIES, account])
    from_list = rng.random(limits.most) < limits.own
    place = np.cumsum(from_list) - 1
    dealt = ranked(pool, place[from_list] * limits.accounts + account)
    # More than are needed: those that the account's part of the list has too are left out.
    liked = _liked_items(pool, limits, key_of(seed, _DISCOVERIES, account), rng)
    liked = liked[~np.isin(liked, dealt)]
    items = np.full(limits.most, ENDED, np.int64)
    items[from_list] = dealt
    room = np.flatnonzero(~from_list)[: len(liked)]
    items[room] = liked[: len(room)]
    return items


def _liked_items(
    pool: ItemPool, limits: DiscoveryLimits, key: int, rng: np.random.Generator
) -> Integers:
    """Draw items from a taste as a user would, without repeats, the most liked mostly first."""
    tries = TRIES * limits.most
    taste = pool.taste(key, limits.groups)
    # Zipf's law over the places of the taste.
    place = np.expm1(rng.random(tries) * np.log1p(len(taste))).astype(np.int64)
    item = pool.within(taste[np.minimum(place, len(taste) - 1)], rng.random(tries))
    used = pool.used(rng.random(tries))
    tried = np.where(rng.random(tries) < OUTSIDE, used, item)
    return _distinct(np.concatenate([tried, pool.used(rng.random(tries))]))


def _distinct(item: Integers) -> Integers:
    """Return items in the order of their first occurrence."""
    _, first = np.unique(item, return_index=True)
    return item[np.sort(first)]
