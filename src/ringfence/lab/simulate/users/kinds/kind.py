"""What a kind of user is: what it changes in an ordinary one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers, Keys


@dataclass(frozen=True)
class World:
    """What all users of a simulation share.

    Attributes:
        law: the catalogue.
        seed: of all that is random.
        days: length of the scenario.
        weekday: of the first day, 0 for Monday.
    """

    law: CatalogueLaw
    seed: int
    days: int
    weekday: int


@dataclass(frozen=True)
class Plays:
    """Some plays of one day whose items a kind chooses.

    Attributes:
        day: since the scenario started.
        key: (plays,) key of the person.
        nth: (plays,) number of the play within the person's day.
        bits: (plays,) random bits.
        find: (plays,) key of what an ordinary user would play; equal ones are repeats.
    """

    day: int
    key: Keys
    nth: Integers
    bits: Keys
    find: Keys

    def of(self, rows: Integers) -> Plays:
        """Return some of the plays."""
        return Plays(self.day, self.key[rows], self.nth[rows], self.bits[rows], self.find[rows])


class Kind:
    """An ordinary user; subclasses say what is different about theirs.

    Class attributes:
        name: as in truth.
    """

    name: ClassVar[str] = "ordinary"

    def members(self, key: Keys) -> Integers:
        """Return how many persons use each account."""
        return np.ones(len(key), np.int64)

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Change traits of the persons in those rows."""

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of those persons on a day, given those of ordinary ones."""
        del people, rows, world, day
        return plays

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Return the items of plays, given those that ordinary users would play."""
        del world, plays
        return items
