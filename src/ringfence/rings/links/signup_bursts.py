"""Sign-ups by time: bursts of sign-ups, and the periods between them.

A person who makes accounts in bulk makes many within hours. So does a campaign, and evenings are
busier than nights. A window is therefore a burst only if its sign-ups are improbable for a rate
:data:`MIN_RATE_RATIO` times as high as right before and after it. Each hour is weighted by the
sign-ups at that hour of the day on all days. Given n sign-ups in a window of weight w, and N others
around it with weight W, n is binomial with share tw / (tw + W) if the rate is exactly t times as
high (the conditional test of two Poisson rates, Przyborowski and Wilenski 1940). P-values are
corrected for all windows, as in scan statistics (Naus 1965).

The test fails if accounts are made as slowly as users come: in bursts of more than eight hours, in
the same number every day at the same hours, or in numbers too small to treble the rate.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

import numpy as np

from ringfence.model.ring import MIN_MEMBERS
from ringfence.stats.arrays import Flags, Floats, Integers
from ringfence.stats.binomial import log_upper_tail_bound
from ringfence.stats.seconds import DAY, HOUR

WIDTHS: Final = (1, 2, 3, 4, 6, 8)
"""Widths of windows, in hours; in days if sign-ups have no time of day."""

NEIGHBOURHOOD: Final = 12
"""Hours (days) before the begin of a window, and after it, that give the rate around it. It is the
same for all widths, so that their p-values can be compared."""

MIN_RATE_RATIO: Final = 3.0
"""A burst is denser than this many times its neighbourhood. Good and bad days differ by less within
hours."""

MAX_BURST_P_VALUE: Final = 0.01
"""The chance that a log without any burst shows one."""

BLOCK_HOURS: Final = 3
"""Hours per period between bursts."""


@dataclass(frozen=True)
class SignupPeriods:
    """A division of time into periods; each sign-up is in one.

    Attributes:
        begin: (periods,) seconds since 1970.
        end: (periods,) seconds since 1970, not included.
        is_burst: (periods,) whether the period is a burst.
        period: (sign-ups,) the number of the period of each sign-up.
    """

    begin: Integers
    end: Integers
    is_burst: Flags
    period: Integers = field(repr=False)

    def text(self, period: int) -> str:
        """Return the time of a period in words, UTC."""
        begin = datetime.fromtimestamp(int(self.begin[period]), UTC)
        end = datetime.fromtimestamp(int(self.end[period]), UTC)
        whole_days = (self.end[period] - self.begin[period]) % DAY == 0 and not begin.hour
        if whole_days:
            last = datetime.fromtimestamp(int(self.end[period]) - DAY, UTC)
            first = f"{begin:%Y-%m-%d}"
            return first if last == begin else f"{first} to {last:%Y-%m-%d}"
        until = f"{end:%H:%M}" if end.date() == begin.date() else f"{end:%Y-%m-%d %H:%M}"
        return f"{begin:%Y-%m-%d %H:%M} to {until}"


def divide_signups(seconds: Integers) -> SignupPeriods:
    """Divide the time of sign-ups into bursts and periods of some hours.

    Args:
        seconds: (sign-ups,) times, seconds since 1970.
    """
    unit, cycle, block = (DAY, 7, 1) if _has_only_days(seconds) else (HOUR, 24, BLOCK_HOURS)
    first = int(seconds.min()) // unit if seconds.size else 0
    place = seconds // unit - first
    windows = np.array(list(_find_bursts(np.bincount(place), cycle)), np.int64).reshape(-1, 2)
    burst_of = np.full(int(place.max(initial=-1)) + 1, -1, np.int64)
    for burst_number, (start, stop) in enumerate(windows):
        burst_of[start:stop] = burst_number
    in_block = len(windows) + (place + first) // block - first // block
    number = np.where(burst_of[place] >= 0, burst_of[place], in_block)
    used = np.flatnonzero(np.bincount(number))
    is_burst = used < len(windows)
    begin = (used - len(windows) + first // block) * block
    begin[is_burst] = windows[used[is_burst], 0] + first
    end = begin + block
    end[is_burst] = windows[used[is_burst], 1] + first
    period = np.searchsorted(used, number).astype(np.int64)
    return SignupPeriods(begin * unit, end * unit, is_burst, period)


def _has_only_days(seconds: Integers) -> bool:
    """Return whether most sign-ups have one time of day, or two: summer time moves midnight."""
    counts = np.bincount(seconds % DAY, minlength=DAY)
    most = int(np.sort(counts)[-2:].sum())
    return seconds.size >= MIN_MEMBERS and 2 * most > seconds.size


def _find_bursts(counts: Integers, cycle: int) -> Iterator[tuple[int, int]]:
    """Yield (start, stop) of disjoint windows that are bursts, most improbable first."""
    sums = np.concatenate([[0], np.cumsum(counts)])
    weights = np.concatenate([[0.0], np.cumsum(_usual_rate(counts, cycle))])
    found = [_dense_windows(sums, weights, width) for width in WIDTHS if width <= counts.size]
    if not found:
        return
    start, width, inside, log_p = (np.concatenate(each) for each in zip(*found, strict=True))
    taken = np.zeros(counts.size, dtype=bool)
    for one in np.lexsort((start, width, -inside, log_p)):
        window = slice(int(start[one]), int(start[one] + width[one]))
        if not taken[window].any():
            taken[window] = True
            yield window.start, window.stop


def _usual_rate(counts: Integers, cycle: int) -> Floats:
    """Return the sign-ups on all days at each hour of the day (day of the week); never 0."""
    phase = np.arange(counts.size) % cycle
    usual = 1.0 + np.bincount(phase, counts, cycle)
    return np.asarray(usual[phase], np.float64)


def _dense_windows(
    sums: Integers, weights: Floats, width: int
) -> tuple[Integers, Integers, Integers, Floats]:
    """Return the significant windows of one width: start, width, sign-ups, ln p.

    Args:
        sums: sign-ups before each hour and, last, all.
        weights: the same for the usual rate.
        width: hours.
    """
    start = np.flatnonzero(sums[width:] - sums[:-width] >= MIN_MEMBERS)
    stop = start + width
    low = np.maximum(start - NEIGHBOURHOOD, 0)
    high = np.minimum(start + NEIGHBOURHOOD, sums.size - 1)
    inside, weight = sums[stop] - sums[start], MIN_RATE_RATIO * (weights[stop] - weights[start])
    around = weights[high] - weights[low] - weight / MIN_RATE_RATIO
    log_p = log_upper_tail_bound(inside, sums[high] - sums[low], weight / (weight + around))
    significant = log_p + np.log((sums.size - 1) * len(WIDTHS)) < np.log(MAX_BURST_P_VALUE)
    widths = np.full(int(significant.sum()), width)
    return start[significant], widths, inside[significant], log_p[significant]
