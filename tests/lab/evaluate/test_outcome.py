"""What was taken until it was found, what it cost, and what share it was: all by hand."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ringfence.lab.evaluate.outcome import UNSEEN_MONTHS, account_months, curve, loot, use_share
from ringfence.lab.evaluate.planting import Planted
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.replay import NEVER

HOUR, DAY = 3600, 86_400


def attack(*takes: tuple[int, int, int]) -> Planted:
    """Plant takes (hour, account, item) of two accounts."""
    hour, account, item = np.array(takes, dtype=np.int64).T
    names = np.array(["x", "y"], dtype=object)
    end, none = 9 * DAY, Path("none")
    return Planted("a", 0, 0, end, hour * HOUR, account, item, names, frozenset(), False, none)


RING = attack((1, 0, 10), (2, 1, 10), (3, 0, 11), (4, 0, 10), (5, 1, 12), (6, 1, 13), (7, 0, 14))
"""x takes 10, 11, 10, 14; y takes 10, 12, 13."""


def found(*hours: int | None) -> np.ndarray:
    """Return when each account is found."""
    return np.array([NEVER if hour is None else hour * HOUR for hour in hours])


@pytest.mark.parametrize(
    ("hours", "items", "first", "ring"),
    [
        ((None, None), [3, 3], None, [10, 11, 12, 13, 14]),
        ((5, 6), [2, 2], 2, [10, 11, 12]),
        ((5, None), [2, 3], 2, [10, 11, 12, 13]),
        ((1, 1), [0, 0], 0, []),
    ],
)
def test_accounts_stop_when_they_are_found(
    hours: tuple[int | None, ...], items: list[int], first: int | None, ring: list[int]
) -> None:
    """An account holds what it took before; the ring what any of its accounts did."""
    got = loot(RING, found(*hours))
    assert (got.items.tolist(), got.ring_first, got.ring.tolist()) == (items, first, ring)
    assert got.months == sum(n > 0 for n in items)


def test_what_is_taken_after_the_end_is_in_no_sum() -> None:
    """The ring holds no more when it is first found than it gets in all."""
    late = replace(RING, end=4 * HOUR)
    got = loot(late, found(6, None))
    assert (got.items.tolist(), got.ring_first, got.ring.tolist()) == ([2, 1], 2, [10, 11])


def test_accounts_are_paid_by_the_month() -> None:
    """Every 30 days begun are a month, from an account's own first take to its last."""
    days = np.array([0, 1, 29, 31, 40, 100])
    account = np.array([0, 1, 0, 1, 2, 0])
    ended = np.zeros(account.size, dtype=bool)
    assert account_months(days * DAY, account, ended) == 4 + 1 + 1
    two = np.array([0, 30 * DAY + 1])
    assert account_months(two, np.array([3, 3]), np.array([False, False])) == 2


def test_accounts_that_come_later_than_the_replay_cost_nothing() -> None:
    """An account that takes nothing yet is in no sum."""
    planted = replace(RING, names=np.array(["x", "y", "z"], dtype=object), cut_short=True)
    got = loot(planted, np.full(3, NEVER))
    assert got.items.tolist() == [3, 3, 0]
    assert got.months == 2


@pytest.mark.parametrize("days", [2, 9, 21, 30])
def test_an_unseen_campaign_costs_the_same_however_much_of_it_is_replayed(days: int) -> None:
    """A thousand items a day that nobody notices are the incident, also when cut short."""
    takes = days * 1000
    moment = np.arange(takes) * DAY // 1000
    none = np.zeros(takes, dtype=np.int64)
    planted = Planted(
        *("a", 0, 0, days * DAY, moment, none, np.arange(takes), np.array(["x"], dtype=object)),
        *(frozenset(), days < 30, Path("none")),
    )
    got = loot(planted, np.array([NEVER]))
    assert got.months / got.ring.size * 1e6 / UNSEEN_MONTHS == pytest.approx(1.01, abs=0.01)


def test_curve() -> None:
    """Items and share found grow hour by hour, and stop when all are found."""
    assert curve(RING, found(5, 6)).tolist() == [
        [0, 0, 0], [1, 1, 0], [3, 2, 0], [5, 3, 0.5], [6, 3, 1],
    ]  # fmt: skip


def test_use_share(hundred: Population) -> None:
    """All items that are used carry all use, none carries none, and half of it is half."""
    shelf = hundred.shelf
    everything = shelf.top(shelf.items)
    assert use_share(shelf, everything) == 1
    assert use_share(shelf, everything[:0]) == 0
    half = np.unique(shelf.used(np.linspace(0, 0.4999, 100_000)))
    assert abs(use_share(shelf, half) - 0.5) < 0.01
