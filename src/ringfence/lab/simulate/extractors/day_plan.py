"""Plan how many items each account takes on each day."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Integers


class Rate(ABC):
    """The number of items that each account has taken before any day, in closed form.

    So each day can be made without the days before it.
    """

    @abstractmethod
    def before(self, account: Integers, day: int) -> Integers:
        """Return the number of items each account has taken when a day begins; 0 before day 0."""


@dataclass(frozen=True)
class Steady(Rate):
    """The same number on every day; fractions add up."""

    per_day: float

    def before(self, account: Integers, day: int) -> Integers:
        """Return the same number for every account."""
        return np.full(len(account), int(self.per_day * day), np.int64)


@dataclass(frozen=True)
class RandomTotal(Rate):
    """A total for each account between two sizes, spread evenly over the campaign.

    Attributes:
        least: smallest total.
        most: largest total.
        days: length of the campaign.
        key: key of the random totals.
    """

    least: int
    most: int
    days: int
    key: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return the part of each total that is due."""
        above = hashed_uniform(np.array([self.key]), account) * (self.most - self.least + 1)
        total: Integers = self.least + above.astype(np.int64)
        return total * day // self.days


@dataclass(frozen=True)
class Growing(Rate):
    """Growth by the same factor on every day, from a user's pace to the full one.

    Attributes:
        first: items of the first day.
        full: items of a day after the growth.
        growing: days of growth.
    """

    first: float
    full: float
    growing: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return the same number for every account."""
        grown = np.minimum(np.arange(day) / self.growing, 1.0)
        sizes = self.first * (self.full / self.first) ** grown
        return np.full(len(account), int(sizes.sum()), np.int64)


@dataclass(frozen=True)
class Generations(Rate):
    """Accounts that live for some days each, one generation after the other.

    Attributes:
        rate: rate of an account while it lives, from its first day.
        life: days that an account lives.
        size: accounts of a generation.
    """

    rate: Rate
    life: int
    size: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return the number each account took in the part of its life that is over."""
        lived = np.clip(day - account // self.size * self.life, 0, self.life)
        total = np.zeros(len(account), np.int64)
        for days in np.unique(lived).tolist():
            rows = lived == days
            total[rows] = self.rate.before(account[rows], days)
        return total


@dataclass(frozen=True)
class DayPlan:
    """The events to come on one day, without their items and times; one row per event.

    The rows of an account follow each other.

    Attributes:
        account: account of the row, ascending.
        nth: number of the event since the account began, from 0.
        place: number of the event on this day, from 0.
        of: number of the account's events on this day.
    """

    account: Integers
    nth: Integers
    place: Integers
    of: Integers

    def __len__(self) -> int:
        """Return the number of events."""
        return len(self.account)

    def account_numbers(self) -> Integers:
        """Return (rows,) the number of the row's account among those with events, from 0."""
        return np.cumsum(self.place == 0) - 1

    def account_count(self) -> int:
        """Return the number of accounts with events."""
        return int(np.count_nonzero(self.place == 0))


def plan_day(rate: Rate, accounts: int, day: int) -> DayPlan:
    """Return the plan of a day at a rate."""
    everyone = np.arange(accounts)
    before = rate.before(everyone, day)
    return plan_counts(everyone, rate.before(everyone, day + 1) - before, before)


def plan_counts(account: Integers, count: Integers, before: Integers) -> DayPlan:
    """Return the plan of a day on which each account has a given number of events.

    Args:
        account: (accounts,) numbers of the accounts, ascending.
        count: (accounts,) events of each on this day.
        before: (accounts,) events of each before this day.
    """
    begin = np.repeat(np.cumsum(count) - count, count)
    place = np.arange(len(begin)) - begin
    return DayPlan(
        account=np.repeat(account, count),
        nth=np.repeat(before, count) + place,
        place=place,
        of=np.repeat(count, count),
    )
