"""A profile's numbers, counted by hand."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from ringfence.evidence import Context
from ringfence.model.profile import Profile
from ringfence.profiles.account_profile import prepare_profiles, profile
from ringfence.stats.arrays import Columns
from ringfence.testing import account, small_ledger, together
from ringfence.testing.users import BROWSERS, START

DAY, HOUR = 86_400, 3_600


def profile_of(context: Context, name: str) -> Profile:
    """Return the profile of an account by name."""
    keys = {
        account: key
        for key, account in context.engine.rows("SELECT account_key, account FROM accounts")
    }
    prepare_profiles(context.engine, [keys[name]])
    return profile(context.engine, keys[name], (("volume", 0.99),))


def one_profile(*events: Columns, name: str = "a") -> Profile:
    """Fold events and return one account's profile."""
    with small_ledger(together(*events)) as context:
        return profile_of(context, name)


@pytest.mark.parametrize(
    ("moment", "index"),
    [
        ("2025-06-02T00:00:00", 0),  # a Monday
        ("2025-06-02T00:59:59", 0),
        ("2025-06-02T01:00:00", 1),
        ("2025-06-04T13:30:00", 2 * 24 + 13),  # a Wednesday
        ("2025-06-08T23:59:59", 167),  # a Sunday
        ("2024-02-29T12:00:00", 3 * 24 + 12),  # a leap day, a Thursday
        ("1970-01-01T00:00:00", 3 * 24),
    ],
)
def test_hour_of_the_week(moment: str, index: int) -> None:
    """A use lands on its hour of the week, the first being Monday's midnight in UTC."""
    seconds = int((np.datetime64(moment) - START).astype(np.int64))
    week = one_profile(account("a", [seconds], [1])).week
    assert len(week) == 168
    assert week[index] == sum(week) == 1


def test_weeks_add_up() -> None:
    """The same hour of several weeks is one number; other accounts add nothing."""
    mine = account("a", np.arange(5) * 7 * DAY + 10 * HOUR, np.arange(5))
    other = account("b", np.arange(50) * HOUR, np.arange(50))
    week = one_profile(mine, other).week
    assert week[10] == sum(week) == 5


def test_days() -> None:
    """Each day with use has its uses and the items new to the account, in order."""
    moments = [0, HOUR, 2 * HOUR, 3 * DAY, 3 * DAY + HOUR, 4 * DAY]
    days = one_profile(account("a", moments, [1, 2, 1, 1, 3, 2])).days
    assert days == (
        (date(2025, 6, 2), 3, 2),
        (date(2025, 6, 5), 2, 1),
        (date(2025, 6, 6), 1, 0),
    )


def test_double_clicks_are_one_use() -> None:
    """Takes of one item within 30 seconds count once in days and week."""
    seen = one_profile(account("a", [0, 10, 20, 300], [1, 1, 1, 1]))
    assert seen.days == ((date(2025, 6, 2), 2, 1),)
    assert sum(seen.week) == 2


def test_popularity_shares() -> None:
    """Shares of the account's items and of all holdings each sum to 1, by number of holders."""
    crowd = [account(f"r{n}", np.arange(n + 1) * HOUR, np.arange(n + 1)) for n in range(8)]
    mine = account("a", np.arange(4) * HOUR, [0, 7, 900, 901])
    buckets = one_profile(*crowd, mine).popularity
    assert [bucket[0] for bucket in buckets] == sorted({bucket[0] for bucket in buckets})
    assert sum(bucket[1] for bucket in buckets) == pytest.approx(1)
    assert sum(bucket[2] for bucket in buckets) == pytest.approx(1)
    # Items 900 and 901 have one holder; item 7 has two, item 0 all nine.
    own = {upper: share for upper, share, _ in buckets}
    assert own == {1: 0.5, 3: 0.25, 7: 0.0, 15: 0.25}
    # 40 holdings: items 0 and 1 have nine and seven holders, 6 and 7 two each, and so on down.
    every = {upper: share for upper, _, share in buckets}
    assert every[1] == pytest.approx(2 / 40)
    assert every[15] == pytest.approx((9 + 0) / 40)


def test_clients_and_networks() -> None:
    """Clients come most used first; networks are distinct /24s."""
    mine = together(
        account("a", np.arange(6) * HOUR, np.arange(6), client="rare", networks=2),
        account("a", DAY + np.arange(9) * HOUR, np.arange(9), client=BROWSERS[0], networks=3),
    )
    seen = one_profile(mine)
    assert seen.clients == ((BROWSERS[0], 9), ("rare", 6))
    assert seen.networks == 3


def test_all_clients_are_counted() -> None:
    """An address with 40 clients says so, although its page lists the most used ones only."""
    one = together(
        *(account("a", [n * HOUR], [n], client=f"browser {n}", networks=1) for n in range(40))
    )
    seen = one_profile(one)
    assert (len(seen.clients), seen.clients_in_all) == (10, 40)


def test_a_log_without_origins() -> None:
    """Without client names and addresses the profile says none and zero."""
    events = account("a", [0], [1])
    seen = one_profile({name: events[name] for name in ("ts", "account", "item")})
    assert (seen.clients, seen.networks, seen.clients_in_all) == ((), 0, 0)
    assert seen.standing == (("volume", 0.99),)
