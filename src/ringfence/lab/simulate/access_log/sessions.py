"""When people listen: waking hours, sessions that never overlap, songs and skips."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.access_log.population import ActiveDays, Population
from ringfence.lab.simulate.access_log.uses import DAY
from ringfence.stats.arrays import Floats, Integers

SKIPPED = 0.15
_HOURLY = np.array([2, 4, 4, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 4, 3, 2], np.float64)
"""How welcome a session is, by seventeenth of the waking day: a morning and an evening peak."""
_WELCOME = np.concatenate([[0.0], np.cumsum(_HOURLY) / _HOURLY.sum()])


@dataclass(frozen=True)
class Schedule:
    """One row a play, by listener and in the order played.

    Attributes:
        listener: number of the listener.
        session: number of the session, unique among all.
        second: seconds since the week began; may fall outside the week by a day.
    """

    listener: Integers
    session: Integers
    second: Floats


def schedule(rng: np.random.Generator, people: Population, days: ActiveDays) -> Schedule:
    """Spread the plays of every active day over its waking hours.

    A day's plays run back to back within sessions of 5 to 40; the breaks between them are drawn
    at welcome hours. A day too full for its waking hours is stretched, then sped up.
    """
    of_day = np.repeat(np.arange(len(days.plays)), days.plays)
    length = rng.integers(5, 41, len(days.plays))
    per_day = -(-days.plays // length)
    first_play = np.cumsum(days.plays) - days.plays
    nth = np.arange(len(of_day)) - first_play[of_day]
    session = (np.cumsum(per_day) - per_day)[of_day] + nth * per_day[of_day] // days.plays[of_day]
    listened, filled = _listening_clock(_song_lengths(rng, len(of_day)), first_play, of_day)
    waking = rng.uniform(14.5, 17.0, len(days.plays)) * 3600.0
    waking = np.minimum(np.maximum(waking, filled / 0.85), 23.0 * 3600.0)
    hurry = np.minimum(1.0, 0.95 * waking / filled)
    breaks = _breaks(rng, per_day) * (waking - filled * hurry)[_session_days(per_day)]
    start = days.day * DAY + (people.wake - people.zone)[days.listener]
    return Schedule(
        listener=days.listener[of_day],
        session=session,
        second=start[of_day] + listened * hurry[of_day] + breaks[session],
    )


def _song_lengths(rng: np.random.Generator, count: int) -> Floats:
    song = rng.uniform(120.0, 300.0, count)
    return np.where(rng.random(count) < SKIPPED, rng.uniform(8.0, 45.0, count), song)


def _listening_clock(song: Floats, first: Integers, of_day: Integers) -> tuple[Floats, Floats]:
    """Return the seconds listened on the day before each play, and in all on each day."""
    clock = np.cumsum(song)
    before = clock - song
    listened = before - before[first][of_day]
    filled = np.add.reduceat(song, first)
    return listened, filled


def _session_days(per_day: Integers) -> Integers:
    return np.repeat(np.arange(len(per_day)), per_day)


def _breaks(rng: np.random.Generator, per_day: Integers) -> Floats:
    """Return the share of a day's idle time that lies before each session, in order."""
    of_session = _session_days(per_day)
    # Whole part: the day; fraction: the moment. One sort puts every day's sessions in order.
    moment = np.sort(of_session + rng.random(len(of_session))) - of_session
    return np.interp(moment, _WELCOME, np.linspace(0.0, 1.0, len(_WELCOME)))
