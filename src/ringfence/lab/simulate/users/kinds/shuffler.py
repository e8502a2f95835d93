"""Shufflers: on some days they shuffle whole discographies."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import keys, uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.tastes import groups_of
from ringfence.stats.arrays import Integers

_DAYS = 0.3
_STRETCH = 60
_LIKED = 150.0


class Shuffler(Kind):
    """On three days of ten plays one liked group after another, its tracks in shuffled order.

    A stretch is of 60 plays or, where a group has fewer tracks, starts over. Source: assumed; one
    of the real people seen plays two thirds of all tracks after one of the same artist.
    """

    name: ClassVar[str] = "shuffler"

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Walk through a group without coming back before its end."""
        law = world.law
        today = keys(plays.key, 4000 + plays.day)
        stretch = plays.nth // _STRETCH
        liked = (_LIKED * uniform(keys(today, 1), stretch) ** 2).astype(np.int64)
        group = groups_of(law, plays.key, liked)
        size = law.size_of(group)
        first = uniform(keys(today, 2), stretch)
        # A step near the golden section that has no factor in common with most sizes.
        step = np.maximum((size * 0.618).astype(np.int64), 1)
        step += np.gcd(step, size) > 1
        place = ((first * size).astype(np.int64) + step * (plays.nth % _STRETCH)) % size
        shuffled = law.start[place] + group
        return np.where(uniform(today, 3) < _DAYS, shuffled, items)
