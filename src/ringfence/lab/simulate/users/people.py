"""Draw the traits of every person from a key."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.hashing import derive_keys, normal, uniform
from ringfence.stats.arrays import Codes, Floats, Integers, Keys
from ringfence.stats.seconds import HOUR

ZONES = np.array([0, 1, 2, 3, -5, -4, -8, 9]) * HOUR
_ZONE_ENDS = np.cumsum([0.20, 0.32, 0.18, 0.06, 0.09, 0.06, 0.05])
"""Time zones of people. Assumed."""

_VOLUME = (4.40, 0.46)
_SPREAD = (0.59, 0.17)
_TODAY = (0.065, 0.04)
_BREADTH = (-2.1, 1.6)
_PAST = (3.0, 0.8)
_TASTE = (8.8, 0.6)
_SKIP = (-0.82, 0.9)
"""Mean and spread between people of normal numbers. Breadth, past and taste are logarithms, skip is
a log-odds. Fitted together until ``benchmarks/likeness.py`` showed no quantile outside."""
_CURIOUS_SKIP = 0.4
"""People who find more skip less: fitted to items heard for 30 seconds against all items."""
_IDLEST = 0.8
"""Share of idle days of the idlest person. Measured people are active on 27 to 100 % of days, with
a median of 96 %."""


@dataclass
class People:
    """The traits of some persons, one row per person; kinds of user change them in place.

    Attributes:
        account: number of the account in the scenario.
        kind: position of the account's kind in ``KINDS``.
        key: key of everything random about the person.
        volume: logarithm of the plays of a median active day.
        spread: standard deviation of that logarithm from day to day.
        active: chance that a weekday has plays.
        zone: seconds that local time is ahead of UTC.
        wake: local second of the day at which plays may begin.
        waking: longest time of a day from the first to the last play, in seconds.
        session: plays per session, about.
        skip: chance that a play ends within 30 seconds.
        today: chance that a play is of today's finds.
        past: days by which other plays go back, about.
        breadth: finds of a day among which its plays are divided, about.
        taste: number of groups the person likes.
        begin: first day of the account; an account of day 0 has a past.
        surface: surface of all events, a position in ``SURFACES``.
    """

    account: Integers
    kind: Codes
    key: Keys
    volume: Floats
    spread: Floats
    active: Floats
    zone: Integers
    wake: Floats
    waking: Floats
    session: Floats
    skip: Floats
    today: Floats
    past: Floats
    breadth: Floats
    taste: Floats
    begin: Integers
    surface: Codes

    def __len__(self) -> int:
        """Return the number of persons."""
        return len(self.account)


def make_people(account: Integers, kind: Codes, key: Keys) -> People:
    """Draw ordinary users.

    Medians and spreads are fitted so that the statistics of many of them are those measured on
    real people (``benchmarks/likeness.py``).
    """
    count = len(account)
    curious = normal(key, 11)
    active = 1.0 - _IDLEST * uniform(key, 3) ** 4
    return People(
        account=account,
        kind=kind,
        key=key,
        volume=_VOLUME[0] + _VOLUME[1] * normal(key, 1) - 0.7 * (1.0 - active),
        spread=np.maximum(_SPREAD[0] + _SPREAD[1] * normal(key, 2), 0.3),
        active=active,
        zone=ZONES[np.searchsorted(_ZONE_ENDS, uniform(key, 4), "right")],
        wake=HOUR * np.clip(8.0 + 1.5 * normal(key, 5), 4.0, 14.0),
        waking=HOUR * np.clip(15.0 + 1.2 * normal(key, 6), 11.0, 18.0),
        session=np.exp(2.2 + 0.4 * normal(key, 7)),
        skip=1.0
        / (1.0 + np.exp(-(_SKIP[0] + _SKIP[1] * normal(key, 8) - _CURIOUS_SKIP * curious))),
        today=np.clip(_TODAY[0] + _TODAY[1] * normal(key, 9), 0.02, 0.5),
        past=np.exp(_PAST[0] + _PAST[1] * normal(key, 10)),
        breadth=np.exp(_BREADTH[0] + _BREADTH[1] * curious),
        taste=np.exp(_TASTE[0] + _TASTE[1] * normal(key, 12)),
        begin=np.zeros(count, np.int64),
        surface=np.zeros(count, np.int8),
    )


def day_keys(people: People, day: int) -> Keys:
    """Return the keys of everything random about one day of each person."""
    return derive_keys(people.key, 1000 + day)
