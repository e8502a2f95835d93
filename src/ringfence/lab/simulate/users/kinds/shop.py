"""Shops: music plays from opening to closing, every day."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import keys, uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.people import HOUR, People
from ringfence.lab.simulate.users.tastes import items_of
from ringfence.stats.arrays import Integers

_PLAY = 186.0
"""Mean seconds of a play with hardly a skip."""
_RENEWED = 12
"""Weeks that a slot of the programme lasts."""


class Shop(Kind):
    """Draws from a programme of a few hundred to some thousands of tracks, a part renewed weekly.

    Source: assumed, as in the older model of one week; makers of background music advertise
    programmes of such sizes. Some bars and hotels never close, as the fullest day measured on a
    person has plays in all 24 hours.
    """

    name: ClassVar[str] = "shop"

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Open every day, for 9 to 23 hours, without skips or breaks."""
        del world
        key = people.key[rows]
        hours = 9.0 + 14.0 * uniform(key, 100) ** 3
        people.waking[rows] = HOUR * hours
        people.wake[rows] = HOUR * np.where(hours > 16.0, 5.0, 8.0 + 2.0 * uniform(key, 101))
        people.active[rows] = 1.0
        people.skip[rows] = 0.01
        people.session[rows] = 60.0

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Fill nearly all of the opening hours."""
        del world
        full = people.waking[rows] / _PLAY * (0.7 + 0.1 * uniform(people.key[rows], 2000 + day))
        return np.where(plays > 0, full, 0).astype(np.int64)

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Draw from the programme, all slots equally often."""
        del items
        size = 300.0 * 10.0 ** uniform(plays.key, 102)
        slot = ((plays.bits >> np.uint64(20)).astype(np.float64) * 2.0**-44 * size).astype(np.int64)
        edition = (plays.day // 7 + slot) // _RENEWED
        find = keys(keys(plays.key, slot + (1 << 32)), edition)
        return items_of(world.law, plays.key, np.full(len(slot), 2000.0), find)
