"""Casual users: they listen on a few days, a little each time."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.users.chance import normal, uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, World
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers

_LESS: Final = float(np.log(66 / 25))
_VARIED: Final = 0.4


class Casual(Kind):
    """Is active on 5 to 40 % of days, with a median of about 25 plays.

    Source: the user-days of a streaming service (KKBOX) have a median of 25 plays and a 99th
    percentile of 213, where the people behind the ordinary user have 67 and 407: people who export
    their histories listen more than most. The share of active days is assumed.
    """

    name: ClassVar[str] = "casual"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Play less on fewer days."""
        del world
        key = people.key[rows]
        people.active[rows] = 0.05 + 0.35 * uniform(key, 100)
        people.volume[rows] += _VARIED * normal(key, 101) - _LESS
