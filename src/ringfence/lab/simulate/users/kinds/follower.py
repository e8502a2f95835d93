"""Followers: many people play the same list on the same day."""

from __future__ import annotations

from typing import ClassVar

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.users.chance import keys, root, uniform
from ringfence.lab.simulate.users.kinds.kind import Kind, Plays, World
from ringfence.lab.simulate.users.people import People
from ringfence.lab.simulate.users.tastes import items_of
from ringfence.stats.arrays import Integers, Keys

LISTS = 12
"""Lists there are, some followed by far more people than others."""
_FRIDAY = 4
_FOLLOWED = 0.7
_AGAIN = 0.1
"""Chance to play the list on the day it is new, and on another day."""
_GROUPS = 500.0


class Follower(Kind):
    """Plays a list of 50 to 100 tracks to its end, most on the day of its weekly renewal.

    Source: assumed; services renew their weekly lists on Friday or Monday, 50 to 100 tracks long.
    """

    name: ClassVar[str] = "follower"

    def plays(
        self, people: People, rows: Integers, world: World, day: int, plays: Integers
    ) -> Integers:
        """Return the length of the list at least, where it is played."""
        key = people.key[rows]
        _, edition = _edition(key, world, day)
        played = _played(key, world, day) & (plays > 0)
        return np.where(played, np.maximum(plays, _length(edition)), plays)

    def items(self, world: World, plays: Plays, items: Integers) -> Integers:
        """Put the list in place of the day's first plays."""
        list_key, edition = _edition(plays.key, world, plays.day)
        listed = items_of(
            world.law, list_key, np.full(len(items), _GROUPS), keys(keys(edition, 2), plays.nth)
        )
        played = _played(plays.key, world, plays.day) & (plays.nth < _length(edition))
        return np.where(played, listed, items)


def _edition(key: Keys, world: World, day: int) -> tuple[Keys, Keys]:
    """Return the list that each person follows, and its edition of the week."""
    number = (LISTS * uniform(key, 100) ** 3).astype(np.int64)
    list_key = root(world.seed, number + (1 << 45))
    return list_key, keys(list_key, _since_friday(world, day) // 7)


def _length(edition: Keys) -> Integers:
    length: Integers = 50 + (51.0 * uniform(edition, 1)).astype(np.int64)
    return length


def _played(key: Keys, world: World, day: int) -> npt.NDArray[np.bool_]:
    share = _FOLLOWED if _since_friday(world, day) % 7 == 0 else _AGAIN
    return uniform(key, 5000 + day) < share


def _since_friday(world: World, day: int) -> int:
    """Count days from the last Friday on or before the first day of the scenario."""
    return day + (world.weekday - _FRIDAY) % 7
