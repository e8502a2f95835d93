"""Define a kind of user: the difference between its users and ordinary ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers, Keys


@dataclass(frozen=True)
class UserContext:
    """Facts that all users of a simulation share.

    Attributes:
        law: the catalogue.
        seed: seed of all randomness.
        days: length of the scenario.
        weekday: weekday of the first day, 0 for Monday.
    """

    law: CatalogueLaw
    seed: int
    days: int
    weekday: int


@dataclass(frozen=True)
class PlayBatch:
    """Some plays of one day, for a kind to choose their items.

    Attributes:
        day: day since the scenario started.
        key: (plays,) key of the person.
        nth: (plays,) number of the play within the person's day.
        bits: (plays,) random bits.
        find: (plays,) key of the find that an ordinary user would play; equal keys are repeats.
    """

    day: int
    key: Keys
    nth: Integers
    bits: Keys
    find: Keys

    def at(self, rows: Integers) -> PlayBatch:
        """Return some of the plays."""
        return PlayBatch(self.day, self.key[rows], self.nth[rows], self.bits[rows], self.find[rows])


class UserKind:
    """An ordinary user. Subclasses override what is different about theirs.

    Class attributes:
        name: as in the truth of a scenario.
    """

    name: ClassVar[str] = "ordinary"

    def members(self, key: Keys) -> Integers:
        """Return the number of persons who use each account."""
        return np.ones(len(key), np.int64)

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Change the traits of the persons in some rows, in place."""

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of those persons on a day, given those of ordinary users."""
        del people, rows, context, day
        return plays

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Return the items of plays, given those that ordinary users would play."""
        del context, plays
        return items
