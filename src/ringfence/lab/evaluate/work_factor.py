"""What extraction costs that nobody notices: account-months, by how long an account lives."""

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
"""Days of a window to the most items new to a person in it: the most voracious of 96 people in
their best window (86 streaming and 10 scrobbling histories, 2013 to 2026)."""


@dataclass(frozen=True)
class Lifetime:
    """What an account that lives so many days costs and brings.

    Attributes:
        days: from its first take to its last.
        items: distinct items it gets.
    """

    days: int
    items: float

    @property
    def account_months(self) -> int:
        """Months paid for: every month begun."""
        return max(1, math.ceil(self.days / MONTH_DAYS))

    @property
    def items_a_month(self) -> float:
        """Items of each month paid for."""
        return self.items / self.account_months

    @property
    def months_per_million(self) -> float:
        """Account-months that a million items cost; infinite where nothing is got."""
        return 1e6 / self.items_a_month if self.items else math.inf

    @property
    def work_factor(self) -> float:
        """The same as a multiple of the published incident's, which nobody noticed."""
        return self.months_per_million / UNSEEN_MONTHS


@dataclass(frozen=True)
class CurvePoint:
    """The best that an attacker can do with accounts of one lifetime, beside what people do.

    Attributes:
        best: the best response found.
        unseen: share of fresh seeds in which it was never a finding.
        voracious: the most voracious person measured, in a window of that length; None where no
            such window was measured.
    """

    best: Lifetime
    unseen: float
    voracious: Lifetime | None


def mimicry_limit() -> tuple[Lifetime, ...]:
    """Return what the most voracious people take, in windows from a day to a year.

    No detector that accuses none of them by volume and novelty alone can keep an attacker below it.
    Paid by the month, it lies lowest for accounts of one month: 12 times the incident's work.
    """
    return tuple(Lifetime(days, items) for days, items in FRONTIER.items())


def curve(responses: Iterable[BestResponse]) -> tuple[CurvePoint, ...]:
    """Return best responses beside the mimicry limit, by lifetime."""
    limits = {limit.days: limit for limit in mimicry_limit()}
    return tuple(
        CurvePoint(Lifetime(one.days, one.items), one.unseen, limits.get(one.days))
        for one in sorted(responses, key=lambda one: one.days)
    )
