"""Pace against counts by hand."""

from __future__ import annotations

import numpy as np
import pytest
from tests.evidence.scoring import HOUR, score

from ringfence.evidence.pace import SHOPS_SHARE, Pace
from ringfence.testing import account, small_ledger


def test_pace_is_the_variation_from_hour_to_hour() -> None:
    """The statistic is deviation over mean of the uses per hour, at least one use in ten hours."""
    counts = np.array([4, 8] * 60)
    moments = np.concatenate([h * HOUR + np.arange(n) * 60 for h, n in enumerate(counts)])
    numbers, _, _ = score(Pace(), account("a", moments, np.arange(moments.size)))
    assert (numbers["mean"], numbers["hours"]) == (6, 120)
    assert numbers["observed"] == pytest.approx(2 / 6)
    even = (np.arange(120)[:, None] * HOUR + np.arange(5) * 600).ravel()
    numbers, p, _ = score(Pace(), account("a", even, np.arange(600)))
    assert numbers["observed"] == pytest.approx(0.1 / 5)
    assert p == pytest.approx(SHOPS_SHARE, rel=1e-3)


def test_pace_of_a_shop_and_of_a_schedule() -> None:
    """At listening speed evenness is as common as shops; faster than that, it is rare."""
    hours = np.arange(120)[:, None] * HOUR
    _, shop, _ = score(Pace(), account("a", (hours + np.arange(17) * 210).ravel(), range(2040)))
    fast = account("a", (hours + np.arange(40) * 90).ravel(), range(4800))
    _, schedule, _ = score(Pace(), fast)
    assert shop >= SHOPS_SHARE
    assert schedule < 1e-4


def test_pace_of_a_day_beyond_listening() -> None:
    """Eight even hours are rare at forty uses each and not measured at twenty."""
    hours = np.arange(8)[:, None] * HOUR
    fast = (hours + np.arange(40) * 90).ravel()
    numbers, p, sentence = score(Pace(), account("a", fast, np.arange(320)))
    assert (numbers["hours"], numbers["mean"]) == (8, 40)
    assert "8 hours of its busiest day" in sentence
    assert p < 1e-4
    slow = (hours + np.arange(20) * 180).ravel()
    with small_ledger(account("a", slow, np.arange(160))) as context:
        assert Pace().score(context).keys.size == 0


def test_pace_measures_no_account_with_few_uses() -> None:
    """Hours of one or two uses cannot vary enough and are not measured."""
    with small_ledger(account("a", np.arange(150) * HOUR, np.arange(150))) as context:
        assert Pace().score(context).keys.size == 0
