"""Compute what unnoticed extraction costs in account-months, by the lifetime of an account."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from ringfence.lab.evaluate.adaptive.search import BestResponse
from ringfence.lab.evaluate.outcome import UNSEEN_MONTHS

MONTH_DAYS: Final = 30
"""Days that an account-month pays for."""

FRONTIER: Final[dict[int, int]] = {1: 647, 7: 1379, 30: 2479, 90: 5717, 180: 9904, 365: 16365}
"""Days of a window, and the most items new to one person in it: the most voracious of 96 people in
that person's best window (86 streaming and 10 scrobbling histories, 2013 to 2026)."""


@dataclass(frozen=True)
class Lifetime:
    """The cost and the yield of one account over its life.

    Attributes:
        days: days from its first take to its last.
        items: distinct items that it takes.
    """

    days: int
    items: float

    @property
    def account_months(self) -> int:
        """Months paid for; a started month counts in full."""
        return max(1, math.ceil(self.days / MONTH_DAYS))

    @property
    def items_a_month(self) -> float:
        """Items per month paid for."""
        return self.items / self.account_months

    @property
    def months_per_million(self) -> float:
        """Account-months per million items; infinite without items."""
        return 1e6 / self.items_a_month if self.items else math.inf

    @property
    def work_factor(self) -> float:
        """The same as a multiple of the published incident, which nobody noticed."""
        return self.months_per_million / UNSEEN_MONTHS


@dataclass(frozen=True)
class LifetimeResult:
    """The best response of an attacker with accounts of one lifetime, beside people.

    Attributes:
        best: the best response found.
        unseen: share of fresh seeds in which it was never a finding.
        voracious: the most voracious person in a window of that length; None if no such window
            was measured.
    """

    best: Lifetime
    unseen: float
    voracious: Lifetime | None


def mimicry_limit() -> tuple[Lifetime, ...]:
    """Return the most voracious person in windows from one day to one year.

    A detector that uses only volume and novelty, and accuses none of these people, cannot stop an
    attacker who takes as much. With accounts paid by the month, the least work is that of accounts
    that live one month: 12 times the work of the incident.
    """
    return tuple(Lifetime(days, items) for days, items in FRONTIER.items())


def compare_lifetimes(responses: Iterable[BestResponse]) -> tuple[LifetimeResult, ...]:
    """Return best responses beside the mimicry limit, in the order of lifetimes."""
    limits = {limit.days: limit for limit in mimicry_limit()}
    return tuple(
        LifetimeResult(Lifetime(one.days, one.items), one.unseen, limits.get(one.days))
        for one in sorted(responses, key=lambda one: one.days)
    )
