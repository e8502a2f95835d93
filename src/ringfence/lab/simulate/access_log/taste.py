"""What people play: new things from their taste, and what they have played before."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from ringfence.lab.simulate.access_log.population import Population
from ringfence.lab.simulate.access_log.sessions import Schedule
from ringfence.lab.simulate.access_log.tracks import GENRES, IN_GENRE, Tracks, draw_artist
from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Floats, Integers, SmallIntegers

PAST = 60
"""Plays before the log began, to which people return as they do to those in the log."""

_GENRES_LIKED = 3
_REDRAWS = 2


def played(
    rng: np.random.Generator, people: Population, tracks: Tracks, plan: Schedule
) -> SmallIntegers:
    """Choose the track of every play of a schedule.

    Each person draws from an urn: the next play either is new, from the taste, or repeats one of
    the earlier plays, all equally likely, as in Simon's model of word frequencies (1955).

    Args:
        rng: source of randomness.
        people: the listeners.
        tracks: the catalogue.
        plan: the plays, by listener and in order.

    Returns:
        One track number a play.
    """
    listener, nth = _with_past(plan.listener)
    returns = (rng.random(len(listener)) < people.faithful[listener]) & (nth >= PAST)
    back = 1 + (rng.random(len(listener)) * nth).astype(np.int64)
    row = np.arange(len(listener))
    origin = _first_plays(np.where(returns, row - back, row))
    fresh = np.flatnonzero(~returns)
    track = np.zeros(len(listener), np.int32)
    track[fresh] = _new_tracks(rng, people, tracks, listener[fresh])
    return track[origin[nth >= PAST]]


def _with_past(listener: Integers) -> tuple[Integers, Integers]:
    """Put PAST plays before those of every listener; number each listener's plays from 0."""
    people, count = np.unique(listener, return_counts=True)
    count = count + PAST
    start = np.cumsum(count) - count
    longer = np.repeat(people, count)
    return longer, np.arange(len(longer)) - np.repeat(start, count)


def _first_plays(source: Integers) -> Integers:
    """Follow every play to the one that it repeats in the end."""
    while True:
        further = source[source]
        if np.array_equal(further, source):
            return source
        source = further


def _new_tracks(
    rng: np.random.Generator, people: Population, tracks: Tracks, listener: Integers
) -> SmallIntegers:
    """Draw from tastes; what a person has drawn before is no news and is drawn again."""
    track = _taste_draw(rng, people, tracks, listener)
    for _ in range(_REDRAWS):
        known = np.flatnonzero(_seen_before(listener, track))
        track[known] = _taste_draw(rng, people, tracks, listener[known])
    return track


def _taste_draw(
    rng: np.random.Generator, people: Population, tracks: Tracks, listener: Integers
) -> SmallIntegers:
    member = (rng.random(len(listener)) * people.members[listener]).astype(np.int64)
    taste = listener * 8 + member
    # Squared: the first artists of a taste are heard far more often than the last.
    place = (rng.random(len(listener)) ** 2 * people.artists[listener]).astype(np.int64)
    return tracks.draw(taste_artist(taste, place), rng.random(len(listener)))


def _seen_before(listener: Integers, track: SmallIntegers) -> npt.NDArray[np.bool_]:
    pair = listener * 2**32 + track
    order = np.argsort(pair, kind="stable")
    again = np.empty(len(pair), bool)
    again[order[0]] = False
    again[order[1:]] = pair[order[1:]] == pair[order[:-1]]
    return again


def taste_artist(taste: Integers, place: Integers) -> Integers:
    """Look up the artist at a place of a taste; most belong to three genres."""
    liked = (hashed_uniform(taste, place + 2**30) * _GENRES_LIKED).astype(np.int64)
    genre = (hashed_uniform(taste, liked + 2**31) * GENRES).astype(np.int64)
    stays = hashed_uniform(taste, place + 3 * 2**29) < IN_GENRE
    return draw_artist(hashed_uniform(taste, place), np.where(stays, genre, -1))


def taste_track(tracks: Tracks, taste: Integers, place: Integers) -> SmallIntegers:
    """Look up the track at a place of a playlist, always the same one."""
    chance: Floats = hashed_uniform(taste, place + 2**31 + 2**29)
    return tracks.draw(taste_artist(taste, place), chance)
