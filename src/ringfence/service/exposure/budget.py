"""The budget of an account: the number of new items that it may take.

A window is a row of buckets aligned to the clock in UTC, including the current one: the hour is the
last 12 spans of five minutes, the day is the last 24 hours, and the month is the last 30 days. So a
window is up to one bucket shorter than its name says, in favour of the account.

The allowances are the most that real people took. Of 96 people, the most voracious took 647 items
that were new to them in their busiest day, and 2,479 in their busiest 30 days. In the 48 histories
that we measured by the hour, the most was 431. When the service begins, all items look new. Then
the distinct items count: at most 768 in an hour, 999 in a day and 3,747 in 30 days. The defaults
are above all of these figures.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple

from ringfence.stats.seconds import DAY, HOUR


class Window(NamedTuple):
    """A span of time in which new items are counted.

    Attributes:
        name: in settings and headers.
        width: seconds of a bucket.
        buckets: number of buckets.
    """

    name: str
    width: int
    buckets: int

    @property
    def seconds(self) -> int:
        """Length of the whole window."""
        return self.width * self.buckets


BUCKET: Final = 300
"""Seconds of the smallest bucket. The widths of all buckets are multiples of it."""

BUDGET_WINDOWS: Final = (
    Window("hour", BUCKET, HOUR // BUCKET),
    Window("day", HOUR, DAY // HOUR),
    Window("month", DAY, 30),
)
"""The windows, the shortest first."""

YEAR: Final = 365 * DAY
"""Seconds after which an account has its full allowance, and a new allowance for copies."""

_STEPS: Final = 12
"""Steps in which the allowance grows during the first year."""

MOST_COPIES: Final = 65_000
"""Copies per year that can be counted."""

Limits = tuple[int, int, int]
"""New items that are allowed per hour, day and 30 days."""


@dataclass(frozen=True)
class BudgetRule:
    """The allowance of every account.

    Attributes:
        hour: new items that a new account may take per hour.
        day: the same per day.
        month: the same per 30 days.
        growth: part of the allowance that is added within the first year of an account.
        trusted: factor for an account in whose favour a person has decided.
        throttled: factor for an account that a decision throttles. It has no allowance for copies.
        sync_allowance: items that a device may copy per year beyond the allowance. Services for
            music allow offline copies of up to 10,000 tracks.
        most_devices: devices of an account that have such an allowance.
    """

    hour: int = 800
    day: int = 1_000
    month: int = 4_000
    growth: float = 0.5
    trusted: float = 2.0
    throttled: float = 0.1
    sync_allowance: int = 10_000
    most_devices: int = 3
    _limits: tuple[Limits, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compute the allowance at each age once."""
        steps = (1 + self.growth * step / _STEPS for step in range(_STEPS + 1))
        object.__setattr__(self, "_limits", tuple(self._times(factor) for factor in steps))

    def limits(self, age: int) -> Limits:
        """Return the allowance of an account.

        Args:
            age: seconds since the account was first seen.
        """
        return self._limits[min(max(age, 0) * _STEPS // YEAR, _STEPS)]

    def copies(self, devices: int) -> int:
        """Return the items that an account may copy per year beyond its allowance.

        Args:
            devices: number of its devices that are known; 0 if none is.
        """
        return min(self.sync_allowance * max(1, min(devices, self.most_devices)), MOST_COPIES)

    def _times(self, factor: float) -> Limits:
        return int(self.hour * factor), int(self.day * factor), int(self.month * factor)


def scaled(limits: Limits, factor: float) -> Limits:
    """Return an allowance times a factor, at least 1 in each window."""
    hour, day, month = (max(1, int(one * factor)) for one in limits)
    return hour, day, month
