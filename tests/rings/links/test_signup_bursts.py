"""Sign-up bursts are found; evenings and good days are not bursts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.rings.links.signup_bursts import divide_signups
from ringfence.stats.seconds import DAY, HOUR

START = 1_767_225_600
"""Midnight of 1 January 2026, a Thursday."""


def ordinary(rng: np.random.Generator, days: int, rate: float) -> np.ndarray:
    """Draw sign-ups with busy evenings and weekends, and none at night.

    Evenings have three times as many as noon. Every tenth day has four times as many.
    """
    day = np.arange(days)
    by_day = rate * np.where(day % 7 > 4, 1.5, 1.0) * np.where(day % 10 == 3, 4.0, 1.0)
    shape = np.array([0.0] * 7 + [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1.5, 2, 2.5, 3, 3, 2, 1, 0.5])
    counts = rng.poisson(by_day[:, None] * shape / shape.sum())
    hours = np.repeat(np.arange(days * 24), counts.ravel())
    return START + hours * HOUR + rng.integers(0, HOUR, hours.size)


@pytest.mark.parametrize("rate", [3, 40, 500])
def test_ordinary_days_have_no_burst(rate: float) -> None:
    """Evenings, weekends and campaigns are dense, but are not bursts."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        assert not divide_signups(ordinary(rng, 200, rate)).is_burst.any()


@pytest.mark.parametrize("rate", [0, 3, 40, 400])
def test_a_hundred_in_three_hours_are_a_burst(rate: float) -> None:
    """Accounts made in bulk are in one period, with few others."""
    rng = np.random.default_rng(2)
    made = START + 77 * DAY + 3 * HOUR + rng.integers(0, 3 * HOUR, 100)
    around = ordinary(rng, 200, max(rate, 1))
    time = divide_signups(np.concatenate([made, around]))
    (burst,) = np.flatnonzero(time.is_burst)
    assert np.mean(time.period[:100] == burst) > 0.95
    assert np.sum(time.period[100:] == burst) <= 0.3 * rate
    assert time.text(int(burst)) == "2026-03-19 03:00 to 06:00" or rate < 400


def test_bursts_on_different_days_are_separate() -> None:
    """Bursts on different days do not hide each other."""
    rng = np.random.default_rng(3)
    made = [START + day * DAY + rng.integers(0, 2 * HOUR, 60) for day in (5, 20, 21, 50)]
    time = divide_signups(np.concatenate([*made, ordinary(rng, 100, 20)]))
    assert time.is_burst.sum() == 4
    assert np.unique(time.period[:240]).size == 4


def test_dates_without_times_are_compared_by_day() -> None:
    """Without times of day, midnights are not bursts, but a day with many sign-ups is."""
    rng = np.random.default_rng(4)
    plain = START + rng.integers(0, 300, 1_500) * DAY
    assert not divide_signups(plain).is_burst.any()
    time = divide_signups(np.concatenate([np.full(80, START + 120 * DAY), plain]))
    (burst,) = np.flatnonzero(time.is_burst)
    assert np.all(time.period[:80] == burst)
    assert time.text(int(burst)) == "2026-05-01"


def test_days_of_summer_time_are_days() -> None:
    """Midnights that move by an hour twice a year are not bursts."""
    rng = np.random.default_rng(5)
    day = rng.integers(0, 300, 1_500)
    shifted = START + day * DAY - np.where((day > 90) & (day < 270), 2, 1) * HOUR
    assert not divide_signups(shifted).is_burst.any()


def test_periods_have_a_text() -> None:
    """A period within one day names the day once; others name both days."""
    time = divide_signups(START + np.array([4 * HOUR, 4 * HOUR + 1, 5 * DAY - 7]))
    assert [time.text(n) for n in range(2)] == [
        "2026-01-01 03:00 to 06:00",
        "2026-01-05 21:00 to 2026-01-06 00:00",
    ]


@settings(max_examples=100, deadline=None, derandomize=True)
@given(
    st.lists(st.integers(0, 40 * DAY), max_size=60),
    st.sampled_from([1, HOUR, DAY]),
    st.integers(0, 300),
)
def test_every_sign_up_is_in_its_period(times: list[int], unit: int, many: int) -> None:
    """Each sign-up lies within its period, and only bursts are longer than a day."""
    made = np.array([START + 9 * DAY + 5] * many + [START + t // unit * unit for t in times])
    time = divide_signups(made.astype(np.int64))
    assert np.all((time.begin[time.period] <= made) & (made < time.end[time.period]))
    assert np.array_equal(np.unique(time.period), np.arange(time.begin.size))
    assert np.all((time.end - time.begin)[~time.is_burst] <= DAY)
