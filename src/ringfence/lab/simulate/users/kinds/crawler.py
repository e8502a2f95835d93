"""Crawlers: search engines that read what there is, round the clock."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.event_columns import SURFACES
from ringfence.lab.simulate.users.chance import uniform
from ringfence.lab.simulate.users.clock import DAY
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers


class Crawler(Kind):
    """Takes the metadata of a thousand items a day or several, anywhere in the catalogue.

    Source: of a real day of a library proxy and of a small site (the logs of ``docs/real-logs.md``)
    declared crawlers read round the clock and page by page. They play nothing.
    """

    name: ClassVar[str] = "crawler"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Never sleep."""
        del world
        people.surface[rows] = SURFACES.index("metadata")
        people.skip[rows] = 1.0
        people.session[rows] = 20.0
        people.active[rows] = 1.0
        people.wake[rows] = 0.0
        people.waking[rows] = float(DAY)

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return 1,000 to 4,000, about the same every day."""
        del world, plays
        key = people.key[rows]
        many = 1000.0 * 4.0 ** uniform(key, 100) * (0.9 + 0.2 * uniform(key, 6000 + day))
        return many.astype(np.int64)

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Draw anywhere."""
        del items
        return world.law.anywhere((plays.bits >> np.uint64(11)).astype(np.float64) * 2.0**-53)
