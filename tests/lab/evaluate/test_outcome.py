"""Test outcomes against counts by hand: items until found, cost, and share of use."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from ringfence.lab.evaluate.outcome import (
    UNSEEN_MONTHS,
    account_months,
    extracted_items,
    extraction_curve,
    use_share,
)
from ringfence.lab.evaluate.planting import PlantedAttack
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.replay import NEVER

HOUR, DAY = 3600, 86_400


def attack(*takes: tuple[int, int, int]) -> PlantedAttack:
    """Return an attack of two accounts with takes (hour, account, item)."""
    hour, account, item = np.array(takes, dtype=np.int64).T
    names = np.array(["x", "y"], dtype=object)
    end, none = 9 * DAY, Path("none")
    return PlantedAttack(
        "a", 0, 0, end, hour * HOUR, account, item, names, frozenset(), False, none
    )


RING = attack((1, 0, 10), (2, 1, 10), (3, 0, 11), (4, 0, 10), (5, 1, 12), (6, 1, 13), (7, 0, 14))
"""x takes 10, 11, 10, 14; y takes 10, 12, 13."""


def found(*hours: int | None) -> np.ndarray:
    """Return the moment at which each account is found."""
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
    """An account holds its items from before; the ring holds the items of all accounts."""
    got = extracted_items(RING, found(*hours))
    assert (got.items.tolist(), got.ring_first, got.ring.tolist()) == (items, first, ring)
    assert got.months == sum(n > 0 for n in items)


def test_takes_after_the_end_do_not_count() -> None:
    """The ring holds at most as much when it is first found as in the end."""
    late = replace(RING, end=4 * HOUR)
    got = extracted_items(late, found(6, None))
    assert (got.items.tolist(), got.ring_first, got.ring.tolist()) == ([2, 1], 2, [10, 11])


def test_accounts_are_paid_by_the_month() -> None:
    """Each begun period of 30 days is a month, from an account's first take to its last."""
    days = np.array([0, 1, 29, 31, 40, 100])
    account = np.array([0, 1, 0, 1, 2, 0])
    ended = np.zeros(account.size, dtype=bool)
    assert account_months(days * DAY, account, ended) == 4 + 1 + 1
    two = np.array([0, 30 * DAY + 1])
    assert account_months(two, np.array([3, 3]), np.array([False, False])) == 2


def test_accounts_without_takes_cost_nothing() -> None:
    """An account that has taken nothing yet adds no items and no months."""
    planted = replace(RING, names=np.array(["x", "y", "z"], dtype=object), cut_short=True)
    got = extracted_items(planted, np.full(3, NEVER))
    assert got.items.tolist() == [3, 3, 0]
    assert got.months == 2


@pytest.mark.parametrize("days", [2, 9, 21, 30])
def test_an_unseen_campaign_costs_the_same_however_much_of_it_is_replayed(days: int) -> None:
    """A thousand items per day are the incident's work, also in a shorter replay."""
    takes = days * 1000
    moment = np.arange(takes) * DAY // 1000
    none = np.zeros(takes, dtype=np.int64)
    planted = PlantedAttack(
        *("a", 0, 0, days * DAY, moment, none, np.arange(takes), np.array(["x"], dtype=object)),
        *(frozenset(), days < 30, Path("none")),
    )
    got = extracted_items(planted, np.array([NEVER]))
    assert got.months / got.ring.size * 1e6 / UNSEEN_MONTHS == pytest.approx(1.01, abs=0.01)


def test_extraction_curve() -> None:
    """Items and the share found grow hour by hour until all accounts are found."""
    assert extraction_curve(RING, found(5, 6)).tolist() == [
        [0, 0, 0], [1, 1, 0], [3, 2, 0], [5, 3, 0.5], [6, 3, 1],
    ]  # fmt: skip


def test_use_share(hundred: Population) -> None:
    """All used items carry all use, no items carry none, and half of the use is a half."""
    item_pool = hundred.item_pool
    everything = item_pool.top(item_pool.items)
    assert use_share(item_pool, everything) == 1
    assert use_share(item_pool, everything[:0]) == 0
    half = np.unique(item_pool.used(np.linspace(0, 0.4999, 100_000)))
    assert abs(use_share(item_pool, half) - 0.5) < 0.01
