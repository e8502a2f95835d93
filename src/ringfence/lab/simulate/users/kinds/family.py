"""Families: two to five people share a login."""

from __future__ import annotations

from typing import ClassVar

import numpy as np

from ringfence.lab.simulate.users.chance import uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, World
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Integers, Keys


class Family(Kind):
    """Members have their own tastes and hours, live in one time zone, and may play at once.

    Source: assumed; services sell plans for up to six people, and people share logins of one.
    """

    name: ClassVar[str] = "family"

    def members(self, key: Keys) -> Integers:
        """Return 2 to 5 for each account."""
        count: Integers = 2 + (4.0 * uniform(key, 99)).astype(np.int64)
        return count

    def shape(self, people: People, rows: Integers, world: World) -> None:
        """Put the members into the time zone of the first; each plays somewhat less."""
        del world
        _, first, member = np.unique(people.account[rows], return_index=True, return_inverse=True)
        people.zone[rows] = people.zone[rows][first[member]]
        people.volume[rows] -= 0.5
