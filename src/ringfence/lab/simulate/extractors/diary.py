"""How much an imitated user plays on which day."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Self

import numpy as np

from ringfence.stats.arrays import Floats, Integers

_DIARY: Final = 21

WEEK: Final = (1.0, 1.0, 1.0, 1.02, 1.08, 1.0, 0.9)
"""Plays by day of the week, Monday first, mean 1."""


@dataclass(frozen=True)
class Habits:
    """What an account's days are drawn from.

    Attributes:
        accounts: how many.
        days: how many.
        new: new items a day, mean over all days and accounts.
        returns: share of plays that are returns; accounts differ in it as they vary.
        active: share of days with any play.
        variation: standard deviation of the logarithm of an active day's plays. Accounts differ a
            third as much in what they find, half as much in the odds of a return.
        weekday: of the first day, Monday is 0.
    """

    accounts: int
    days: int
    new: float
    returns: float
    active: float
    variation: float
    weekday: int


@dataclass(frozen=True)
class Diary:
    """Plays and new items of each account up to each day.

    Attributes:
        played: (accounts, days + 1) plays before a day.
        found: (accounts, days + 1) new items before a day.
    """

    played: Integers
    found: Integers

    @classmethod
    @lru_cache(maxsize=2)
    def of(cls, habits: Habits, seed: int) -> Self:
        """Draw the days."""
        rng = np.random.default_rng([seed, _DIARY])
        found, share = _people(habits, rng)
        total = np.cumsum(_days(habits, rng), axis=1)
        phase = rng.random((habits.accounts, 1))
        new = total * found + phase
        return cls(_from_nothing(new / share), _from_nothing(new))

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


def _people(habits: Habits, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw what accounts find a day, and the share of their plays that are new: (accounts, 1)."""
    character = rng.standard_normal((2, habits.accounts, 1)) * habits.variation
    found = np.exp(character[0] / 3)
    # The odds of a return to a find.
    odds = habits.returns / (1.0 - habits.returns) * np.exp(character[1] / 2)
    return habits.new * found / found.mean(), 1.0 / (1.0 + odds)


def _days(habits: Habits, rng: np.random.Generator) -> Floats:
    """Draw how full every day is: (accounts, days), mean 1."""
    shape = habits.accounts, habits.days
    awake = rng.random(shape) < habits.active
    # Lognormal with mean 1: more variation does not mean more plays.
    spread = habits.variation
    size = np.exp(spread * rng.standard_normal(shape) - spread**2 / 2)
    week = np.array(WEEK)[(habits.weekday + np.arange(habits.days)) % 7]
    days: Floats = awake * size * week / habits.active
    return days


def _from_nothing(total: Floats) -> Integers:
    whole = np.floor(total).astype(np.int64)
    return np.concatenate([np.zeros((len(whole), 1), np.int64), whole], axis=1)
