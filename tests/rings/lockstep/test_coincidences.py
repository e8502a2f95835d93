"""Coincident days: what is counted."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.timed_accesses import DAY, coincident_days

from ringfence.rings.lockstep.coincidences import WINDOWS


def test_a_day_counts_once() -> None:
    """A lag of 59 s is together, 60 s and 1,259 s are near, and 1,260 s is neither."""
    lags = [(0, 10), (0, 10), (1, -59), (2, 60), (3, 1_259), (4, 1_260), (5, 0)]
    days, late = np.array(lags).T
    items, noon = np.arange(7), days * DAY + 43_200
    account = np.repeat([1, 2], 7)
    accesses = account, np.tile(items, 2), np.concatenate([noon, noon + late])
    near = coincident_days(accesses, np.array([1, 2]))
    assert near.item_counts.tolist() == [7, 7]
    assert near.active_days.tolist() == [6, 6]
    assert (near.near_days.tolist(), near.observed.tolist(), near.items.tolist()) == ([5], [3], [4])
    assert near.expected.tolist() == pytest.approx([5 / WINDOWS])
    assert near.per_account(near.observed).tolist() == [3, 3]


def test_several_windows_on_one_day_raise_the_chance() -> None:
    """With items in three windows, the middle one is among them with three times the chance."""
    late = np.array([0, 200, -200])
    accesses = np.repeat([1, 2], 3), np.tile([5, 6, 7], 2), np.concatenate([late * 0, late]) + 9_000
    assert coincident_days(accesses, np.array([1, 2])).expected.tolist() == pytest.approx(
        [3 / WINDOWS]
    )
