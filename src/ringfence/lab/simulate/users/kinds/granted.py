"""Granted: accessibility and research users who take much, by arrangement."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import SURFACES
from ringfence.lab.simulate.users.chance import uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.people import HOUR, People
from ringfence.stats.arrays import Integers


class Granted(Kind):
    """Downloads hundreds to thousands of items on working days; half at random, half by use.

    Source: assumed, after what libraries arrange with publishers for text and data mining and for
    accessible copies. To behaviour alone this is extraction; a grant is what tells it apart.
    """

    name: ClassVar[str] = "granted"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Work by day, downloading every few seconds."""
        del world
        people.surface[rows] = SURFACES.index("download")
        people.skip[rows] = 1.0
        people.session[rows] = 200.0
        people.wake[rows] = 8.0 * HOUR
        people.waking[rows] = 10.0 * HOUR

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return 300 to 3,000 on most working days."""
        key = people.key[rows]
        many = 300.0 * 10.0 ** uniform(key, 100) * (0.7 + 0.6 * uniform(key, 6000 + day))
        working = ((world.weekday + day) % 7 < 5) & (plays > 0)
        return np.where(working, np.minimum(many, 3000.0), 0).astype(np.int64)

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Draw anywhere for research, by use for accessible copies."""
        del items
        chance = (plays.bits >> np.uint64(11)).astype(np.float64) * 2.0**-53
        research = uniform(plays.key, 101) < 0.5
        return np.where(research, world.law.anywhere(chance), world.law.used(chance))
