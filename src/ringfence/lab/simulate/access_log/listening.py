"""The week of the listeners: when they play, what they play, and from where."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ringfence.lab.simulate.access_log.population import ActiveDays, Population, active_days
from ringfence.lab.simulate.access_log.sessions import Schedule, schedule
from ringfence.lab.simulate.access_log.taste import played
from ringfence.lab.simulate.access_log.tracks import Tracks
from ringfence.lab.simulate.access_log.uses import Uses, in_week, joined
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Codes, Integers

_BLOCK = 500_000
"""Plays worked on at once: bounds the memory, whatever the size of the log."""


def listener_uses(
    rng: np.random.Generator, people: Population, tracks: Tracks, plays: int, others: Integers
) -> Uses:
    """Make the plays of the listeners.

    Args:
        rng: source of randomness.
        people: the listeners.
        tracks: the catalogue.
        plays: plays in all.
        others: listeners who take no part, because their week is made elsewhere.

    Returns:
        Exactly so many plays, as successful streams.
    """
    days = active_days(rng, people, plays, others)
    return joined([_block_uses(rng, people, tracks, block) for block in _blocks(days)])


def _blocks(days: ActiveDays) -> Iterator[ActiveDays]:
    """Cut the days between listeners, into blocks of about the same number of plays."""
    ends = np.cumsum(days.plays)
    marks = np.searchsorted(ends, np.arange(_BLOCK, int(ends[-1]), _BLOCK))
    cuts = np.searchsorted(days.listener, days.listener[marks])
    for part in np.split(np.arange(len(days.plays)), np.unique(cuts[cuts > 0])):
        yield ActiveDays(days.listener[part], days.day[part], days.plays[part])


def _block_uses(
    rng: np.random.Generator, people: Population, tracks: Tracks, days: ActiveDays
) -> Uses:
    plan = schedule(rng, people, days)
    return Uses(
        second=in_week(plan.second),
        account=plan.listener.astype(np.int32),
        track=played(rng, people, tracks, plan),
        reply=np.zeros(len(plan.second), np.int8),
        address=_places(people, plan),
    )


def _places(people: Population, plan: Schedule) -> Codes:
    """Choose for every session whether it is at the first or at the second address."""
    away = hashed_uniform(plan.listener, plan.session) < 0.4
    place: Codes = (away & (people.addresses[plan.listener] == 2)).astype(np.int8)
    return place
