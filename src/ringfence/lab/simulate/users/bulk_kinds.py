"""Kinds of honest accounts that take in bulk: shops, users under a grant, declared crawlers."""

from __future__ import annotations

from typing import ClassVar, Final

import numpy as np

from ringfence.lab.simulate.event_columns import SURFACE_NAMES
from ringfence.lab.simulate.hashing import derive_keys, to_uniform, uniform
from ringfence.lab.simulate.users.kind import PlayBatch, UserContext, UserKind
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.tastes import items_of
from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import DAY, HOUR


class Shop(UserKind):
    """Plays from opening to closing, every day, from a program of which a part changes weekly.

    The program has a few hundred to some thousands of tracks. Source: assumed; makers of
    background music advertise programs of such sizes. Some bars and hotels never close, as the
    fullest day measured on a person has plays in all 24 hours.
    """

    name: ClassVar[str] = "shop"

    _PLAY: Final = 186.0
    """Mean seconds of a play with hardly a skip."""
    _RENEWED: Final = 12
    """Weeks for which a slot of the program lasts."""

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Open every day, for 9 to 23 hours, without skips or breaks."""
        del context
        key = people.key[rows]
        hours = 9.0 + 14.0 * uniform(key, 100) ** 3
        people.waking[rows] = HOUR * hours
        people.wake[rows] = HOUR * np.where(hours > 16.0, 5.0, 8.0 + 2.0 * uniform(key, 101))
        people.active[rows] = 1.0
        people.skip[rows] = 0.01
        people.session[rows] = 60.0

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Fill nearly all of the opening hours."""
        del context
        filled = 0.7 + 0.1 * uniform(people.key[rows], 2000 + day)
        full = people.waking[rows] / self._PLAY * filled
        return np.where(plays > 0, full, 0).astype(np.int64)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Draw from the program, all slots equally often."""
        del items
        size = 300.0 * 10.0 ** uniform(plays.key, 102)
        slot = ((plays.bits >> np.uint64(20)).astype(np.float64) * 2.0**-44 * size).astype(np.int64)
        edition = (plays.day // 7 + slot) // self._RENEWED
        find = derive_keys(derive_keys(plays.key, slot + (1 << 32)), edition)
        return items_of(context.law, plays.key, np.full(len(slot), 2000.0), find)


class GrantHolder(UserKind):
    """Downloads hundreds to thousands of items on working days.

    Half of these users choose items at random, and half by popularity. Source: assumed, after
    agreements of libraries with publishers for text and data mining and for accessible copies. The
    behaviour is that of extraction; only the grant distinguishes it.
    """

    name: ClassVar[str] = "granted"

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Work by day, downloading every few seconds."""
        del context
        people.surface[rows] = SURFACE_NAMES.index("download")
        people.skip[rows] = 1.0
        people.session[rows] = 200.0
        people.wake[rows] = 8.0 * HOUR
        people.waking[rows] = 10.0 * HOUR

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return 300 to 3,000 on most working days."""
        key = people.key[rows]
        many = 300.0 * 10.0 ** uniform(key, 100) * (0.7 + 0.6 * uniform(key, 6000 + day))
        working = ((context.weekday + day) % 7 < 5) & (plays > 0)
        return np.where(working, np.minimum(many, 3000.0), 0).astype(np.int64)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Draw from the whole catalogue for research, by use for accessible copies."""
        del items
        chance = to_uniform(plays.bits)
        research = uniform(plays.key, 101) < 0.5
        return np.where(research, context.law.anywhere(chance), context.law.used(chance))


class Crawler(UserKind):
    """Reads the metadata of 1,000 to 4,000 items per day, anywhere in the catalogue.

    Source: on a real day of a library proxy and of a small site (the logs of
    ``docs/real-logs.md``), declared crawlers read around the clock, page by page. They play
    nothing.
    """

    name: ClassVar[str] = "crawler"

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Never sleep."""
        del context
        people.surface[rows] = SURFACE_NAMES.index("metadata")
        people.skip[rows] = 1.0
        people.session[rows] = 20.0
        people.active[rows] = 1.0
        people.wake[rows] = 0.0
        people.waking[rows] = float(DAY)

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return 1,000 to 4,000, about the same number every day."""
        del context, plays
        key = people.key[rows]
        many = 1000.0 * 4.0 ** uniform(key, 100) * (0.9 + 0.2 * uniform(key, 6000 + day))
        return many.astype(np.int64)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Draw from the whole catalogue."""
        del items
        return context.law.anywhere(to_uniform(plays.bits))
