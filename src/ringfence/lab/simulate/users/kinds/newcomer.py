"""Newcomers: the account begins during the scenario, and at first all is new."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, World
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers

_EAGER_DAYS = 7
_EAGER = 2.0


class Newcomer(Kind):
    """Begins on a day of the scenario and plays twice as much in its first week, every day.

    Source: assumed. For the real people of DESIGN 6 the first 30 days of a history bring 900 new
    items where later ones bring 255; newcomers are the only users here without a past to return
    to, so that their first days are nothing but new.
    """

    name: ClassVar[str] = "newcomer"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Begin after the first day and a week before the last; without a past, find more."""
        latest = max(world.days - _EAGER_DAYS, 1)
        begin = 1 + (latest * uniform(people.key[rows], 100)).astype(np.int64)
        people.breadth[rows] *= 3.0
        people.begin[rows] = np.minimum(begin, max(world.days - 1, 0))

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return more plays in the first week, and some on each of its days."""
        del world
        age = day - people.begin[rows]
        eager = (age >= 0) & (age < _EAGER_DAYS)
        middling = np.exp(people.volume[rows]) * 0.8
        return np.where(eager, _EAGER * np.maximum(plays, middling), plays).astype(np.int64)
