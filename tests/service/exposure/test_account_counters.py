"""Counters agree with an exact count, for one account and for many, whatever the clock does."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from ringfence.service.exposure.account_counters import AccountCounters
from ringfence.service.exposure.budget import BUDGET_WINDOWS
from ringfence.stats.seconds import DAY, HOUR

NOW = 1_800_000_123


def table(folder: Path, most: int = 1_000) -> AccountCounters:
    """Open the counters of a folder."""
    return AccountCounters(folder / "accounts.table", most)


def exact(moments: Iterable[int], now: int) -> tuple[int, ...]:
    """Count the moments that are in each window at a moment."""
    taken = list(moments)
    return tuple(
        sum(0 <= now // w.width - moment // w.width < w.buckets for moment in taken)
        for w in BUDGET_WINDOWS
    )


@pytest.mark.parametrize("at_once", [False, True])
def test_counters_agree_with_an_exact_count(tmp_path: Path, *, at_once: bool) -> None:
    """Takes over 70 days are counted as an exact count of each window does, read at any time."""
    random = np.random.default_rng(1)
    gaps = random.choice(
        [1, 30, 400, 4_000, 90_000, 20 * DAY], 1_500, p=[0.3, 0.3, 0.2, 0.17, 0.028, 0.002]
    )
    moments = NOW + np.cumsum(gaps)
    counters = table(tmp_path)
    for end in range(0, 1_500, 7):
        some = moments[max(0, end - 7) : end]
        now = int(moments[end])
        if at_once:
            counters.see([5] * len(some), some.tolist())
            counters.add_all(np.full(len(some), 5, np.uint64), some, now)
        else:
            for moment in some.tolist():
                counters.add(5, moment, now)
        assert counters.use(5, now)[:3] == exact(moments[:end].tolist(), now)
        later = now + int(random.choice([0, 600, 3 * HOUR, 9 * DAY, 60 * DAY]))
        assert counters.use(5, later)[:3] == exact(moments[:end].tolist(), later)


def test_late_takes_count_where_they_belong(tmp_path: Path) -> None:
    """A take that is told late counts in the windows that still hold its moment."""
    counters = table(tmp_path)
    counters.add(1, NOW, NOW)
    counters.add(1, NOW - 2 * HOUR, NOW)
    counters.add(1, NOW - 3 * DAY, NOW)
    counters.add(1, NOW - 40 * DAY, NOW)
    assert counters.use(1, NOW)[:4] == (1, 2, 3, NOW - 40 * DAY)


def test_a_take_of_the_future_counts_now(tmp_path: Path) -> None:
    """A wrong clock of another machine does not put takes into buckets of the future."""
    counters = table(tmp_path)
    counters.add(1, NOW + 40 * DAY, NOW)
    counters.see([2], [NOW])
    counters.add_all(np.array([2], np.uint64), np.array([NOW + 40 * DAY]), NOW)
    assert counters.use(1, NOW)[:3] == counters.use(2, NOW)[:3] == (1, 1, 1)


@pytest.mark.parametrize("jump", [2 * HOUR, 2 * DAY, 400 * DAY])
def test_a_clock_that_goes_back_forgives(tmp_path: Path, jump: int) -> None:
    """After a jump of the clock and back, the account begins again, and later counts are right."""
    counters = table(tmp_path)
    counters.add(1, NOW, NOW)
    counters.add(1, NOW + jump, NOW + jump)
    assert counters.use(1, NOW)[:3] == (0, 0, 0)
    for step in range(3):
        counters.add(1, NOW + step, NOW + step)
    assert counters.use(1, NOW + 5)[:3] == (3, 3, 3)
    assert counters.use(1, NOW + 31 * DAY)[:3] == (0, 0, 0)


def test_a_small_step_back_changes_nothing(tmp_path: Path) -> None:
    """A clock that is corrected by half an hour loses no count."""
    counters = table(tmp_path)
    for moment in (NOW, NOW - 1_800, NOW - 1_700):
        counters.add(1, moment, moment)
    assert counters.use(1, NOW - 1_700)[:3] == (3, 3, 3)


def test_the_wait_is_until_the_oldest_takes_leave(tmp_path: Path) -> None:
    """The wait ends when a window has fewer new items than the limit, to the second."""
    counters = table(tmp_path)
    for moment in (NOW, NOW + 1_000, NOW + 2_000):
        counters.add(1, moment, moment)
    for window in range(3):
        for limit in (1, 2, 3):
            wait = counters.wait(1, window, limit, NOW + 2_000)
            assert counters.use(1, NOW + 2_000 + wait)[window] < limit
            assert counters.use(1, NOW + 2_000 + wait - 1)[window] >= limit
    assert counters.wait(7, 0, 1, NOW) == 0


def test_accounts_survive_a_new_process(tmp_path: Path) -> None:
    """Without being closed, the file has all counters, and grows beyond its first size."""
    counters = AccountCounters(tmp_path / "accounts.table", 100_000)
    accounts = np.arange(1, 70_001, dtype=np.uint64)
    counters.see(accounts.tolist(), [NOW] * len(accounts))
    counters.add_all(accounts, np.full(len(accounts), NOW), NOW)
    counters.add(70_000, NOW, NOW)
    again = AccountCounters(tmp_path / "accounts.table", 100_000)
    assert len(again) == 70_000
    assert again.use(70_000, NOW)[:3] == (2, 2, 2)
    assert (again.totals(accounts[:-1], NOW) == 1).all()


def test_too_many_accounts_are_not_counted(tmp_path: Path) -> None:
    """Beyond the bound an account is not charged, and the number of such takes is known."""
    counters = table(tmp_path, most=2)
    for account in range(4):
        counters.add(account, NOW, NOW)
    assert len(counters) == counters.uncounted == 2
    assert counters.use(3, NOW)[:3] == (0, 0, 0)


def test_idle_accounts_are_removed(tmp_path: Path) -> None:
    """An account with nothing in any window makes room; the others keep their counters."""
    counters = table(tmp_path, most=3)
    for account, days in ((1, 100), (2, 1), (3, 90), (4, 0)):
        counters.add(account, NOW - days * DAY, NOW - days * DAY)
    assert counters.remove_idle(NOW - 60 * DAY) == 2
    counters.add(4, NOW, NOW)
    assert len(counters) == 2
    assert counters.use(2, NOW).month == counters.use(4, NOW).month == 1


def test_copies_have_a_year(tmp_path: Path) -> None:
    """Items that were charged to copies count for a year from the first one."""
    counters = table(tmp_path)
    for day in (0, 10, 300):
        counters.add_copy(1, NOW + day * DAY)
    assert counters.use(1, NOW + 300 * DAY).copied == 3
    assert counters.use(1, NOW + 366 * DAY).copied == 0
    counters.add_copy(1, NOW + 366 * DAY)
    assert counters.use(1, NOW + 366 * DAY).copied == 1


def test_totals_of_many_are_those_of_each(tmp_path: Path) -> None:
    """The counters of a list of accounts are those of each account, unknown ones included."""
    random = np.random.default_rng(3)
    counters = table(tmp_path)
    for account in range(1, 60):
        for moment in sorted(random.integers(NOW - 50 * DAY, NOW, 30).tolist()):
            counters.add(account, moment, moment)
    counters.add(60, NOW + 2 * DAY, NOW + 2 * DAY)
    accounts = np.array([999, *range(1, 61), 7], np.uint64)
    for now in (NOW, NOW - 1_800, NOW + 5_000, NOW + 3 * DAY, NOW + 90 * DAY):
        expected = [list(counters.use(one, now)[:3]) for one in accounts.tolist()]
        assert counters.totals(accounts, now).tolist() == expected
