"""Who listens: how much, how often, where, with what taste and how faithful to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.stats.arrays import Floats, Integers

DAY_MEDIAN = 40.0
DAY_SPREAD = 0.60
PERSON_SPREAD = 0.55
"""Plays of an active day are log-normal. Frequent listeners hear more a day, so the median over all
active days comes out near 44, the 95th percentile near 175 and the 99th near 268, as measured."""

DAY_MAX = 554
"""The fullest day measured."""


@dataclass(frozen=True)
class Population:
    """The traits of the listeners, one number each.

    Attributes:
        volume: factor on the plays of an active day.
        eagerness: relative rate of active days.
        zone: seconds that local time is ahead of UTC.
        wake: local second of the day at which listening may begin.
        faithful: chance that a play returns to something played before.
        artists: artists in the taste.
        members: people who share the login.
        addresses: 1 or 2.
    """

    volume: Floats
    eagerness: Floats
    zone: Integers
    wake: Floats
    faithful: Floats
    artists: Integers
    members: Integers
    addresses: Integers

    def __len__(self) -> int:
        """Return the number of listeners."""
        return len(self.volume)


def make_population(rng: np.random.Generator, size: int) -> Population:
    """Draw listeners: ordinary ones, a few collectors who hardly return, and families."""
    keen = rng.standard_normal(size)
    members = np.where(rng.random(size) < 0.04, rng.integers(2, 5, size), 1)
    collector = rng.random(size) < 0.01
    faithful = np.where(collector, rng.beta(0.6, 25.0, size), rng.beta(3.0, 2.3, size))
    artists = rng.lognormal(np.log(300.0), 0.8, size) * np.where(collector, 40.0, 1.0)
    return Population(
        volume=np.exp(PERSON_SPREAD * keen) * members**0.6,
        eagerness=np.exp(1.1 * (0.7 * keen + 0.7 * rng.standard_normal(size))),
        zone=3600 * rng.choice([0, 1, 2, 3, -5, -4, -8, 9], size, p=ZONE_SHARES),
        wake=3600.0 * np.clip(rng.normal(7.5, 1.2, size), 4.5, 12.0),
        faithful=faithful,
        artists=np.maximum(artists.astype(np.int64), 5),
        members=members.astype(np.int64),
        addresses=1 + (rng.random(size) < 0.25).astype(np.int64),
    )


ZONE_SHARES = (0.20, 0.32, 0.18, 0.06, 0.09, 0.06, 0.05, 0.04)


@dataclass(frozen=True)
class ActiveDays:
    """The days on which somebody listens, sorted by listener and day.

    Attributes:
        listener: number of the listener.
        day: 0 (Monday) .. 6.
        plays: plays on that day, at least 1.
    """

    listener: Integers
    day: Integers
    plays: Integers


def active_days(
    rng: np.random.Generator, people: Population, plays: int, others: Integers
) -> ActiveDays:
    """Choose active days until there are exactly so many plays.

    Every listener has one active day before anybody has a second. If the plays do not suffice
    for that, some listeners are left out; if seven full days do not suffice, days grow fuller.

    Args:
        rng: source of randomness.
        people: the listeners.
        plays: plays in all.
        others: listeners who have none.

    Returns:
        The active days.
    """
    takers = np.setdiff1d(np.arange(len(people)), others)
    listener = np.repeat(takers, 7)
    day = np.tile(np.arange(7), len(takers))
    weekend = np.where(day >= 5, 1.25, 1.0)
    wait = rng.exponential(size=len(listener)) / (people.eagerness[listener] * weekend)
    wait = wait.reshape(-1, 7)
    first = wait.argmin(axis=1)
    wait[np.arange(len(takers)), first] = -rng.random(len(takers))
    full = _full_days(rng, people.volume[listener] * weekend**0.5)
    order = np.argsort(wait.ravel(), kind="stable")
    count = _cut_to(full[order], plays)
    chosen = np.sort(order[: len(count)])
    sized = np.zeros(len(listener), np.int64)
    sized[order[: len(count)]] = count
    return ActiveDays(listener[chosen], day[chosen], sized[chosen])


def _full_days(rng: np.random.Generator, volume: Floats) -> Integers:
    binge = np.where(rng.random(len(volume)) < 0.004, rng.uniform(2.0, 4.0, len(volume)), 1.0)
    plays = DAY_MEDIAN * volume * binge * np.exp(DAY_SPREAD * rng.standard_normal(len(volume)))
    return np.clip(plays, 1, DAY_MAX).astype(np.int64)


def _cut_to(count: Integers, total: int) -> Integers:
    """Keep the first counts that make up the total; scale all of them if they are too few."""
    if int(count.sum()) < total:
        count = 1 + (count * (total / count.sum())).astype(np.int64)
    ends = np.cumsum(count)
    kept = int(np.searchsorted(ends, total)) + 1
    count = count[:kept].copy()
    count[-1] -= int(ends[kept - 1]) - total
    return count
