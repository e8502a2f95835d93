"""Bingers: on some holidays, music from morning to night."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import keys, uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, World
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers

_WEEKS = 5 / 52
_FEWEST, _MOST = 300.0, 1100.0


class Binger(Kind):
    """In one week of ten, one to five days in a row have 300 to 1,100 plays.

    Source: the fullest days measured on real people: 2,036 plays and 999 distinct tracks.
    """

    name: ClassVar[str] = "binger"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Skip more: so many plays fit into a day only so."""
        del world
        people.skip[rows] = np.maximum(people.skip[rows], 0.4)

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of a binge on its days."""
        del world
        week = keys(people.key[rows], 3000 + day // 7)
        length = 1.0 + 4.0 * uniform(week, 1)
        first = uniform(week, 2) * (7.0 - length)
        binge = (uniform(week, 3) < _WEEKS) & (day % 7 >= first) & (day % 7 < first + length)
        many = _FEWEST * (_MOST / _FEWEST) ** uniform(week, 10 + day)
        return np.where(binge, many, plays).astype(np.int64)
