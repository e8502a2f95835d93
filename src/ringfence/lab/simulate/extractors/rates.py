"""How much an account takes: its takes before any day of the campaign, in closed form."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Integers


class Rate(ABC):
    """Takes of each account up to a day, so that every day can be made alone."""

    @abstractmethod
    def before(self, account: Integers, day: int) -> Integers:
        """Return how much each account has taken when a day begins; nothing before day 0."""


@dataclass(frozen=True)
class Steady(Rate):
    """The same every day; fractions add up."""

    a_day: float

    def before(self, account: Integers, day: int) -> Integers:
        """Return the same for every account."""
        return np.full(len(account), int(self.a_day * day), np.int64)


@dataclass(frozen=True)
class Share(Rate):
    """A share in all between two sizes, spread evenly over the campaign.

    Attributes:
        least: items of the smallest share.
        most: items of the largest.
        days: length of the campaign.
        key: of the sizes.
    """

    least: int
    most: int
    days: int
    key: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return the part of each share that is due."""
        drawn = hashed_uniform(np.array([self.key]), account) * (self.most - self.least + 1)
        share: Integers = self.least + drawn.astype(np.int64)
        return share * day // self.days


@dataclass(frozen=True)
class Growing(Rate):
    """Grows by the same factor every day, from a user's pace to the full one, and stays there.

    Attributes:
        first: takes of the first day.
        full: takes of a day once it has grown.
        growing: days until then.
    """

    first: float
    full: float
    growing: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return the same for every account."""
        grown = np.minimum(np.arange(day) / self.growing, 1.0)
        sizes = self.first * (self.full / self.first) ** grown
        return np.full(len(account), int(sizes.sum()), np.int64)


@dataclass(frozen=True)
class Lives(Rate):
    """Accounts live some days each, one generation after the other.

    Attributes:
        rate: of an account while it lives, from its first day.
        life: days.
        ring: accounts of a generation.
    """

    rate: Rate
    life: int
    ring: int

    def before(self, account: Integers, day: int) -> Integers:
        """Return what each account took in the part of its life that is over."""
        lived = np.clip(day - account // self.ring * self.life, 0, self.life)
        took = np.zeros(len(account), np.int64)
        for days in np.unique(lived).tolist():
            rows = lived == days
            took[rows] = self.rate.before(account[rows], days)
        return took
