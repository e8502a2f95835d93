"""Define a kind of user: the difference between its users and ordinary ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.catalogue import CatalogueLaw
from ringfence.lab.simulate.event_columns import EventColumns, joined
from ringfence.lab.simulate.hashing import uniform
from ringfence.lab.simulate.texts import Texts
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers, Keys


@dataclass(frozen=True)
class UserContext:
    """Facts that all users of a simulation share.

    Attributes:
        law: the catalogue.
        seed: seed of all randomness.
        days: length of the scenario.
        weekday: weekday of the first day, 0 for Monday.
        texts: items with an order of their own.
        counts: number of accounts of each kind, by name.
    """

    law: CatalogueLaw
    seed: int
    days: int
    weekday: int
    texts: Texts
    counts: Mapping[str, int]

    def is_working_day(self, day: int) -> bool:
        """Return whether a day is one from Monday to Friday."""
        return (self.weekday + day) % 7 < 5


@dataclass(frozen=True)
class PlayBatch:
    """Some plays of one day, for a kind to choose their items.

    Attributes:
        day: day since the scenario started.
        key: (plays,) key of the person.
        nth: (plays,) number of the play within the person's day.
        bits: (plays,) random bits.
        find: (plays,) key of the find that an ordinary user would play; equal keys are repeats.
    """

    day: int
    key: Keys
    nth: Integers
    bits: Keys
    find: Keys

    def at(self, rows: Integers) -> PlayBatch:
        """Return some of the plays."""
        return PlayBatch(self.day, self.key[rows], self.nth[rows], self.bits[rows], self.find[rows])


class UserKind:
    """An ordinary user. Subclasses override what is different about theirs.

    Class attributes:
        name: as in the truth of a scenario.
        streams: whether its users play items as ordinary users do, beside what they fetch.
        reads_texts: whether its users read articles or parts of works.
        clients: names of the clients of its users, dealt in turn; empty if they have those of
            ordinary users.
        together: number of accounts that form a group, such as a class; 0 for none.
        shares_network: whether the accounts of a group share a network.
        neighbours: whether the addresses of its users are neighbours, in few networks.
    """

    name: ClassVar[str] = "ordinary"
    streams: ClassVar[bool] = True
    reads_texts: ClassVar[bool] = False
    clients: ClassVar[tuple[str, ...]] = ()
    together: ClassVar[int] = 0
    shares_network: ClassVar[bool] = True
    neighbours: ClassVar[bool] = False

    def members(self, key: Keys) -> Integers:
        """Return the number of persons who use each account."""
        return np.ones(len(key), np.int64)

    def shape(self, people: People, rows: Integers, context: UserContext) -> None:
        """Change the traits of the persons in some rows, in place."""

    def plays(
        self, people: People, rows: Integers, context: UserContext, day: int, plays: Integers
    ) -> Integers:
        """Return the plays of those persons on a day, given those of ordinary users."""
        del people, rows, context, day
        return plays if self.streams else np.zeros_like(plays)

    def items(self, context: UserContext, plays: PlayBatch, items: Integers) -> Integers:
        """Return the items of plays, given those that ordinary users would play."""
        del context, plays
        return items

    def fetches(
        self, people: People, rows: Integers, context: UserContext, day: int
    ) -> EventColumns:
        """Return the events of those persons on a day besides their plays."""
        del people, rows, context, day
        return joined([])

    def groups(self, context: UserContext) -> int:
        """Return the number of groups of accounts that belong together, at least 1."""
        return max(1, round(context.counts[self.name] / max(self.together, 1)))

    def group_of(self, key: Keys, context: UserContext) -> Integers:
        """Return the group of each person, such as a class, from the person's key."""
        group: Integers = (uniform(key, 90) * self.groups(context)).astype(np.int64)
        return group
