"""Draw the number of plays of each person on a day."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.hashing import derive_keys, normal, uniform
from ringfence.lab.simulate.users.people import People, day_keys
from ringfence.lab.simulate.users.tastes import abundance
from ringfence.stats.arrays import Floats, Integers

LONGEST = 1_500
"""Largest number of plays per person and day: none of the 86 measured people had many more, and
a day has no room for more."""
_WEEKEND = 0.85
"""Plays on Saturday and Sunday, as a share of those on other days: measured on real people."""
_SHORT = 0.16
"""Share of days that are cut short, uniformly: days of a few plays are far more frequent than in a
log-normal law."""
_LASTING = 0.4
"""Share of the day-to-day variation that lasts for two weeks."""
_FINDS = 0.2
"""Share of it that follows a day's finds: people play more when there is more to discover."""


def plays_of(people: People, day: int, weekday: int) -> Integers:
    """Return the number of plays of each person on a day; 0 on an idle day.

    Args:
        people: traits of the persons.
        day: day since the scenario started.
        weekday: weekday of that day, 0 for Monday.
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
    """Return a variation that lasts two weeks, whose start differs from person to person."""
    offset = (people.key & np.uint64(15)).astype(np.int64) % 14
    return normal(derive_keys(people.key, 50), (day + offset) // 14)
