"""Extractors: what they take and when, as event records."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ringfence.lab.simulate.access_log.uses import DAY, WEEK, Uses, in_week
from ringfence.stats.arrays import Floats, SmallIntegers

GREEDY_TRACKS = 50_000
GREEDY_BURSTS = 10
GREEDY_PACE = 0.6
RING_50_TRACKS = 2_500
RING_200_TRACKS = 300


@dataclass(frozen=True)
class Crew:
    """How many extractors there are, and how much each takes.

    Attributes:
        greedy: accounts that take the most famous tracks in bursts.
        greedy_tracks: tracks of each.
        ring50: members of the ring that never sleeps.
        ring200: members of the ring that keeps waking hours.
    """

    greedy: int
    greedy_tracks: int
    ring50: int
    ring200: int

    @property
    def lines(self) -> int:
        """Lines of all extractors together."""
        return (
            self.greedy * self.greedy_tracks
            + self.ring50 * RING_50_TRACKS
            + self.ring200 * RING_200_TRACKS
        )


def make_crew(lines: int) -> Crew:
    """Size the extractors to a log: at two million lines 1, 50 and 200 accounts.

    The rings keep at least two members, whatever the size; a single greedy account takes at most
    a quarter of the lines.
    """
    share = lines / 2_000_000
    return Crew(
        greedy=max(1, round(share)),
        greedy_tracks=min(GREEDY_TRACKS, lines // 4),
        ring50=max(2, round(50 * share)),
        ring200=max(2, round(200 * share)),
    )


def greedy_uses(rng: np.random.Generator, fame: SmallIntegers, account: int, tracks: int) -> Uses:
    """One account takes the most famous tracks, in ten bursts over the week."""
    # Of the tenth of the week a burst falls in, its end is left free: bursts stay apart.
    start = (np.arange(GREEDY_BURSTS) + rng.uniform(0.0, 0.9, GREEDY_BURSTS)) * WEEK / GREEDY_BURSTS
    burst = np.sort(rng.integers(0, GREEDY_BURSTS, tracks))
    pace = rng.exponential(GREEDY_PACE, tracks)
    begun = np.searchsorted(burst, burst)
    clock = np.cumsum(pace)
    second = start[burst] + clock - clock[begun]
    return Uses.streams(in_week(second), np.full(tracks, account, np.int32), fame[:tracks])


def ring_50_uses(rng: np.random.Generator, fame: SmallIntegers, first: int, members: int) -> Uses:
    """A ring divides the head of the list; each member fetches evenly, round the clock."""
    even = (np.arange(RING_50_TRACKS) + rng.random((members, 1))) * (WEEK / RING_50_TRACKS)
    jitter = rng.uniform(-0.4, 0.4, even.shape) * (WEEK / RING_50_TRACKS)
    return _divided(fame, first, even + jitter)


def ring_200_uses(rng: np.random.Generator, fame: SmallIntegers, first: int, members: int) -> Uses:
    """A ring divides a part of the list; each member fetches evenly in its waking hours."""
    fetch = np.arange(RING_200_TRACKS) + rng.uniform(0.1, 0.9, (members, RING_200_TRACKS))
    day, moment = np.divmod(fetch * (7 / RING_200_TRACKS), 1.0)
    wake = rng.uniform(7.0, 10.0, (members, 1)) * 3600.0
    waking = rng.uniform(12.0, 15.0, (members, 1)) * 3600.0
    zone = 3600.0 * rng.integers(0, 3, (members, 1))
    return _divided(fame, first, day * DAY + wake + moment * waking - zone)


def _divided(fame: SmallIntegers, first: int, second: Floats) -> Uses:
    """Whoever fetches next takes the next track of the list, so that nobody takes one twice.

    Args:
        fame: the list to divide, at least as long as there are fetches.
        first: account number of the first member; the others follow.
        second: (members, fetches) times.
    """
    members, fetches = second.shape
    when = in_week(second.ravel())
    account = np.repeat(np.arange(first, first + members, dtype=np.int32), fetches)
    track = np.empty(len(when), np.int32)
    track[np.argsort(when, kind="stable")] = fame[: len(when)]
    return Uses.streams(when, account, track)
