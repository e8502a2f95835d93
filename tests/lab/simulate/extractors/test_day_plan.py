"""Plans of a day: rates in closed form, and the rows they give."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.lab.simulate.extractors.day_plan import (
    Generations,
    Growing,
    RandomTotal,
    Rate,
    Steady,
    plan_counts,
    plan_day,
)

ACCOUNTS = np.arange(12)


@pytest.mark.parametrize(
    "rate",
    [
        Steady(2.5),
        RandomTotal(10, 30, 20, key=3),
        Growing(2.0, 40.0, 6),
        Generations(Steady(3), life=4, size=3),
    ],
    ids=lambda rate: type(rate).__name__,
)
def test_rates_start_at_nothing_and_never_fall(rate: Rate) -> None:
    """Before day 0 nothing is taken, and the totals only grow."""
    totals = np.array([rate.before(ACCOUNTS, day) for day in range(21)])
    assert (totals[0] == 0).all()
    assert (np.diff(totals, axis=0) >= 0).all()
    assert totals[-1].min() > 0


def test_fractions_add_up() -> None:
    """At 2.5 items per day ten days have 25 items, two or three on each day."""
    counts = [len(plan_day(Steady(2.5), 1, day)) for day in range(10)]
    assert sum(counts) == 25
    assert set(counts) == {2, 3}


def test_random_totals_lie_between_their_sizes() -> None:
    """Totals fill the whole range, both ends included, and are complete on the last day."""
    totals = RandomTotal(10, 13, 7, key=1).before(np.arange(1_000), 7)
    assert np.unique(totals).tolist() == [10, 11, 12, 13]


def test_growth_is_by_one_factor_until_the_full_pace() -> None:
    """From 10 to 160 in four days each day has twice the items of the last, then 160."""
    totals = [int(Growing(10.0, 160.0, 4).before(np.arange(1), day)[0]) for day in range(8)]
    assert np.diff(totals).tolist() == [10, 20, 40, 80, 160, 160, 160]


def test_generations_follow_each_other() -> None:
    """On any day only the accounts of one generation take anything."""
    rate = Generations(Steady(3), life=4, size=3)
    for day in range(16):
        plan = plan_day(rate, 12, day)
        assert np.unique(plan.account // 3).tolist() == [day // 4]
        assert len(plan) == 9


def test_rows_number_the_events_of_each_account() -> None:
    """Rows of an account are together; nth goes on from the days before, place starts at 0."""
    plan = plan_counts(np.array([2, 5, 7]), np.array([3, 0, 2]), np.array([10, 4, 0]))
    assert plan.account.tolist() == [2, 2, 2, 7, 7]
    assert plan.nth.tolist() == [10, 11, 12, 0, 1]
    assert plan.place.tolist() == [0, 1, 2, 0, 1]
    assert plan.of.tolist() == [3, 3, 3, 2, 2]
    assert plan.account_numbers().tolist() == [0, 0, 0, 1, 1]
    assert plan.account_count() == 2
