"""Sign-ups by time: bursts of them, and what lies between.

Whoever makes accounts in bulk makes many within hours. So does a campaign, and evenings are busier
than nights: a window is a burst only if its sign-ups are improbably many for a rate
:data:`TIMES` as high as right before and behind it, where the hours of a day count by how many sign
up at them on all days. Given that n of n + N sign-ups fall in a window that weighs w and the others
around it where the hours weigh W, n is binomial with share tw / (tw + W) if the rate is exactly t
times as high (the conditional test of two Poisson rates, Przyborowski and Wilenski 1940). Every
window looked at is paid for, as in scan statistics (Naus 1965).

It fails where accounts are made as slowly as users come: bursts of more than eight hours, the
same number every day at the same hours, or too few to treble the rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np
from scipy.special import rel_entr

from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.stats.arrays import Flags, Floats, Integers

HOUR: Final = 3_600
DAY: Final = 86_400

WIDTHS: Final = (1, 2, 3, 4, 6, 8)
"""Widths of windows, in hours; in days where sign-ups have no time of day."""

AROUND: Final = 12
"""So many hours (days) before a window's begin and behind it say how high the rate around it is:
the same for windows of all widths, so that their p-values compare."""

TIMES: Final = 3.0
"""A burst is denser than so many times what is around it: good days and bad ones differ by less
within hours."""

CHANCE: Final = 0.01
"""The chance that a log without any such window shows one."""

BLOCK: Final = 3
"""Hours that sign-ups between bursts are put together by."""


@dataclass(frozen=True)
class Stretches:
    """A division of time such that each sign-up is in one stretch.

    Attributes:
        begin: (stretches,) seconds since 1970.
        end: (stretches,) seconds since 1970, not included.
        burst: (stretches,) whether it is a burst.
        of: (sign-ups,) the stretch that each is in.
    """

    begin: Integers
    end: Integers
    burst: Flags
    of: Integers = field(repr=False)

    def text(self, stretch: int) -> str:
        """Say when a stretch was, UTC."""
        begin = datetime.fromtimestamp(int(self.begin[stretch]), UTC)
        end = datetime.fromtimestamp(int(self.end[stretch]), UTC)
        days = (self.end[stretch] - self.begin[stretch]) % DAY == 0 and not begin.hour
        if days:
            last = datetime.fromtimestamp(int(self.end[stretch]) - DAY, UTC)
            same = f"{begin:%Y-%m-%d}"
            return same if last == begin else f"{same} to {last:%Y-%m-%d}"
        until = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{begin:%Y-%m-%d %H:%M} to {until}"


def stretches(seconds: Integers) -> Stretches:
    """Divide the time of sign-ups into bursts and blocks of some hours.

    Args:
        seconds: (sign-ups,) times, seconds since 1970.
    """
    unit, period, block = (DAY, 7, 1) if _only_days(seconds) else (HOUR, 24, BLOCK)
    first = int(seconds.min()) // unit if seconds.size else 0
    place = seconds // unit - first
    windows = np.array(list(_bursts(np.bincount(place), period)), np.int64).reshape(-1, 2)
    burst_of = np.full(int(place.max(initial=-1)) + 1, -1, np.int64)
    for burst_number, (start, stop) in enumerate(windows):
        burst_of[start:stop] = burst_number
    in_block = len(windows) + (place + first) // block - first // block
    number = np.where(burst_of[place] >= 0, burst_of[place], in_block)
    used = np.flatnonzero(np.bincount(number))
    of = np.searchsorted(used, number)
    burst = used < len(windows)
    begin = (used - len(windows) + first // block) * block
    begin[burst] = windows[used[burst], 0] + first
    end = begin + block
    end[burst] = windows[used[burst], 1] + first
    return Stretches(begin * unit, end * unit, burst, of.astype(np.int64))


def _only_days(seconds: Integers) -> bool:
    """Say whether most sign-ups are at one time of day, or two: summer time moves midnight."""
    counts = np.bincount(seconds % DAY, minlength=DAY)
    most = int(np.sort(counts)[-2:].sum())
    return seconds.size >= LEAST_MEMBERS and 2 * most > seconds.size


def _bursts(counts: Integers, period: int) -> Iterator[tuple[int, int]]:
    """Yield windows that are bursts, most improbable first, without overlap: start, stop."""
    sums = np.concatenate([[0], np.cumsum(counts)])
    weights = np.concatenate([[0.0], np.cumsum(_usual(counts, period))])
    found = [_improbable(sums, weights, width) for width in WIDTHS if width <= counts.size]
    if not found:
        return
    start, width, inside, log_p = (np.concatenate(each) for each in zip(*found, strict=True))
    taken = np.zeros(counts.size, dtype=bool)
    for one in np.lexsort((start, width, -inside, log_p)):
        window = slice(int(start[one]), int(start[one] + width[one]))
        if not taken[window].any():
            taken[window] = True
            yield window.start, window.stop


def _usual(counts: Integers, period: int) -> Floats:
    """Return how many sign up at such an hour of the day (day of the week) on all days; never 0."""
    phase = np.arange(counts.size) % period
    usual = 1.0 + np.bincount(phase, counts, period)
    return np.asarray(usual[phase], np.float64)


def _improbable(
    sums: Integers, weights: Floats, width: int
) -> tuple[Integers, Integers, Integers, Floats]:
    """Return windows of a width that pay for themselves: start, width, sign-ups, ln p.

    Args:
        sums: sign-ups before each hour and, last, all.
        weights: the same of what is usual.
        width: hours.
    """
    start = np.flatnonzero(sums[width:] - sums[:-width] >= LEAST_MEMBERS)
    stop = start + width
    low, high = np.maximum(start - AROUND, 0), np.minimum(start + AROUND, sums.size - 1)
    inside, weight = sums[stop] - sums[start], TIMES * (weights[stop] - weights[start])
    around = weights[high] - weights[low] - weight / TIMES
    log_p = _log_tail(inside, sums[high] - sums[low], weight / (weight + around))
    kept = log_p + np.log((sums.size - 1) * len(WIDTHS)) < np.log(CHANCE)
    return start[kept], np.full(int(kept.sum()), width), inside[kept], log_p[kept]


def _log_tail(inside: Integers, of: Integers, share: Floats) -> Floats:
    """Return an upper bound of ln of the binomial upper tail: Chernoff's, Hoeffding (1963)."""
    part = np.maximum(inside / of, share)
    return np.asarray(-of * (rel_entr(part, share) + rel_entr(1 - part, 1 - share)))
