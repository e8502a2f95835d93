"""Place the plays of a person's day: in sessions within waking hours, one after another."""

from __future__ import annotations

import numpy as np

from ringfence.lab.simulate.hashing import derive_keys, uniform
from ringfence.lab.simulate.users.people import People
from ringfence.stats.arrays import Floats, Integers, Keys, SmallIntegers
from ringfence.stats.seconds import HOUR

_HOURLY = np.array([2, 4, 4, 3, 3, 3, 3, 3, 3, 3, 4, 5, 5, 5, 4, 3, 2], np.float64)
"""Weight of a session in each seventeenth of the waking day: a morning and an evening peak."""
_SESSION_SHARE = np.concatenate([[0.0], np.cumsum(_HOURLY) / _HOURLY.sum()])
_STEPS = 1024
_CHANCES = (np.arange(_STEPS) + 0.5) / _STEPS
_SKIPPED = (1.0 + 28.0 * _CHANCES**5).astype(np.int32)
"""Seconds of a skip: more than half end within three seconds, as measured."""
_HEARD = np.interp(
    _CHANCES,
    [0.0, 0.06, 0.22, 0.375, 0.53, 0.69, 0.84, 0.92, 0.985, 1.0],
    [30, 36, 124, 167, 192, 214, 246, 277, 370, 400],
).astype(np.int32)
"""Seconds of a play that is not a skip: quantiles as measured."""
_MEANS = (float(_SKIPPED.mean()), float(_HEARD.mean()))
_FULL = 0.8
"""Largest share of the waking hours that plays fill; a fuller day has more skips."""
_SLEEPLESS = 0.010
_LONGEST = 22.5 * HOUR
"""Share of nights without sleep, and the waking hours of such a day or of a very full one. So one
user-day of a hundred has plays in about 20 different hours, as measured."""


class Clock:
    """The times of the plays of some persons on one day."""

    def __init__(self, people: People, who: Integers, plays: Integers, day_key: Keys) -> None:
        """Plan the day.

        Args:
            people: traits.
            who: (persons,) rows of people.
            plays: (persons,) number of plays, at least 1.
            day_key: (persons,) keys of this day.
        """
        late = uniform(day_key, 10)
        waking = np.where(late < _SLEEPLESS, _LONGEST, people.waking[who])
        mean = people.skip[who] * _MEANS[0] + (1.0 - people.skip[who]) * _MEANS[1]
        waking = np.clip(plays * mean / _FULL, waking, np.maximum(_LONGEST, waking))
        room = _FULL * waking / plays
        fewest = (_MEANS[1] - room) / (_MEANS[1] - _MEANS[0])
        self.skip = np.clip(fewest, people.skip[who], 1.0)
        self.waking = waking
        self.start = (people.wake[who] - people.zone[who]).astype(np.int64)
        self.plays = plays
        self.sessions = np.ceil(plays / people.session[who]).astype(np.int64)
        self.key = day_key

    def lengths(self, of_day: Integers, skip: Integers, length: Integers) -> SmallIntegers:
        """Return the length of each play in seconds.

        Args:
            of_day: (plays,) number of the person among those of the day.
            skip: (plays,) random numbers below 1024 that decide whether it is a skip.
            length: (plays,) random numbers below 1024 that decide the length.
        """
        skipped = skip < (self.skip * _STEPS)[of_day]
        return np.where(skipped, _SKIPPED[length], _HEARD[length])

    def seconds(self, of_day: Integers, nth: Integers, length: SmallIntegers) -> Integers:
        """Return the start of each play, in seconds since the day's midnight in UTC.

        Args:
            of_day: (plays,) number of the person among those of the day, rising; every person has
                all of its plays.
            nth: (plays,) number of the play within the person's day.
            length: (plays,) length of each play in seconds.
        """
        clock = np.cumsum(length, dtype=np.int64)
        first = np.cumsum(self.plays) - self.plays
        begun = clock[first] - length[first]
        filled = clock[first + self.plays - 1] - begun
        idle = np.maximum(self.waking - filled, 0.0)
        share = self.sessions / self.plays
        ends = np.cumsum(self.sessions)
        session = (nth * share[of_day]).astype(np.int64) + (ends - self.sessions)[of_day]
        breaks = (self._breaks() * np.repeat(idle, self.sessions)).astype(np.int64)
        breaks += np.repeat(self.start - begun, self.sessions)
        second: Integers = clock - length + breaks[session]
        return second

    def _breaks(self) -> Floats:
        """Return the share of a day's idle time that lies before each session, in order."""
        of_day = np.repeat(np.arange(len(self.plays)), self.sessions)
        nth = np.arange(len(of_day)) - np.repeat(np.cumsum(self.sessions) - self.sessions,
                                                 self.sessions)  # fmt: skip
        moment = np.sort(of_day + uniform(derive_keys(self.key, 11)[of_day], nth)) - of_day
        return np.interp(moment, _SESSION_SHARE, np.linspace(0.0, 1.0, len(_SESSION_SHARE)))
