"""Collectors: people who almost never play a thing twice."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.tastes import groups_of
from ringfence.stats.arrays import Integers

_NARROWEST = 0.9
_FEWEST = 2000.0
"""Groups in the taste of a collector: at least so many, at most ten times as many."""


class Collector(Kind):
    """Plays the day's finds, very many of them, out of a taste of tens of thousands of groups.

    Source: of the real people of DESIGN 6, one had 30-day windows without any repeat, the 1st
    percentile of windows has 2 to 15 %, and the lowest repeat share of a whole history is 35 %.
    Collectors here lie between: about one play in ten returns.
    """

    name: ClassVar[str] = "collector"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Widen what they find; they skip less."""
        del world
        people.breadth[rows] = _NARROWEST * 10.0 ** uniform(people.key[rows], 101)
        people.today[rows] = 0.5
        people.skip[rows] *= 0.5
        people.volume[rows] -= 0.7

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Dig: any track of a liked group, be it known or not."""
        del items
        size = _FEWEST * 10.0 ** uniform(plays.key, 100)
        group = groups_of(world.law, plays.key, (uniform(plays.find, 1) * size).astype(np.int64))
        place = (uniform(plays.find, 2) * world.law.size_of(group)).astype(np.int64)
        dug: Integers = world.law.start[place] + group
        return dug
