"""How much is played on a day: who plays at all, and how many plays."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.hashing import derive_keys, normal, uniform
from ringfence.lab.simulate.users.people import People, day_keys
from ringfence.lab.simulate.users.tastes import abundance
from ringfence.stats.arrays import Floats, Integers

LONGEST = 1_500
"""Plays of a person and day at most: no person of DESIGN's 86 had much more, and a day has no room
for more."""
_WEEKEND = 0.85
"""Plays on Saturday and Sunday, as a share of those on other days: measured on real people."""
_SHORT = 0.16
"""Share of days cut short, uniformly: days of a few plays are far more frequent than a log-normal
law has them."""
_LASTING = 0.4
"""Share of the day-to-day variation that lasts for two weeks."""

_FINDS = 0.2
"""Share of it that goes with a day's finds: people play more when there is more to discover."""


def plays_of(people: People, day: int, weekday: int) -> Integers:
    """Return how many plays each person has on a day, 0 on most people's idle days.

    Args:
        people: who.
        day: since the scenario started.
        weekday: of that day, 0 for Monday.
    """
    key = day_keys(people, day)
    idle = (uniform(key, 1) >= people.active) | (people.begin > day)
    rest = np.sqrt(1.0 - _LASTING - _FINDS)
    swing = (
        rest * normal(key, 2)
        + np.sqrt(_LASTING) * _season(people, day)
        + np.sqrt(_FINDS) * abundance(people, day)
    )
    plays = np.exp(people.volume + people.spread * swing)
    cut = uniform(key, 3) / _SHORT
    plays *= np.where(cut < 1.0, cut, 1.0) * (_WEEKEND if weekday >= 5 else 1.0)
    return np.where(idle, 0, np.clip(plays, 1.0, LONGEST)).astype(np.int64)


def _season(people: People, day: int) -> Floats:
    """A person's mood of two weeks, each person's fortnights beginning on other days."""
    offset = (people.key & np.uint64(15)).astype(np.int64) % 14
    return normal(derive_keys(people.key, 50), (day + offset) // 14)
