"""Repeats: which events take a new item, and which own item the others take."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.extractors.day_plan import Steady, plan_day
from ringfence.lab.simulate.extractors.repeats import choose_new_share, choose_repeats


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6, 1.0])
def test_the_share_of_new_items_holds_over_all_days(share: float) -> None:
    """After ten days each account has the share of new items, rounded down."""
    total = np.zeros(4, np.int64)
    for day in range(10):
        plan = plan_day(Steady(7), 4, day)
        new, had = choose_new_share(plan, share, np.random.default_rng(day))
        for account in range(4):
            rows = plan.account == account
            # New items are numbered one after the other, without a gap between days.
            assert had[rows & new].tolist() == list(
                range(total[account], total[account] + np.count_nonzero(rows & new))
            )
            total[account] += np.count_nonzero(rows & new)
    assert total.tolist() == [int(np.floor(70 * share))] * 4


def test_repeats_are_of_items_held() -> None:
    """A repeat is of an item that the account holds; an account without items takes the first."""
    held = np.repeat([0, 1, 5, 1_000], 5_000)
    item = choose_repeats(held, np.random.default_rng(1))
    assert (item >= 0).all()
    assert (item < np.maximum(held, 1)).all()


def test_repeats_prefer_recent_items_and_favourites() -> None:
    """Of 1,000 items the last 100 and the first 100 get far more repeats than 100 in between."""
    item = choose_repeats(np.full(50_000, 1_000), np.random.default_rng(2))
    first, middle, last = (
        np.count_nonzero((item >= low) & (item < low + 100)) for low in (0, 450, 900)
    )
    assert last > 5 * middle
    assert first > 3 * middle
