"""Sign-ups by time: bursts are found, evenings and good days are none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ringfence.rings.links.signups import DAY, HOUR, stretches

START = 1_767_225_600
"""Midnight of 1 January 2026, a Thursday."""


def ordinary(rng: np.random.Generator, days: int, rate: float) -> np.ndarray:
    """Draw sign-ups: three times as many in the evening as at noon, none at night, and weekends.

    Every tenth day is a good one with four times as many.
    """
    day = np.arange(days)
    by_day = rate * np.where(day % 7 > 4, 1.5, 1.0) * np.where(day % 10 == 3, 4.0, 1.0)
    shape = np.array([0.0] * 7 + [0.5, 1, 1, 1, 1, 1, 1, 1, 1, 1.5, 2, 2.5, 3, 3, 2, 1, 0.5])
    counts = rng.poisson(by_day[:, None] * shape / shape.sum())
    hours = np.repeat(np.arange(days * 24), counts.ravel())
    return START + hours * HOUR + rng.integers(0, HOUR, hours.size)


@pytest.mark.parametrize("rate", [3, 40, 500])
def test_ordinary_days_have_no_burst(rate: float) -> None:
    """Evenings, weekends and campaigns are dense, and no bursts."""
    rng = np.random.default_rng(1)
    for _ in range(5):
        assert not stretches(ordinary(rng, 200, rate)).burst.any()


@pytest.mark.parametrize("rate", [0, 3, 40, 400])
def test_a_hundred_in_three_hours_are_a_burst(rate: float) -> None:
    """Accounts made in bulk are in one stretch, with few others in it."""
    rng = np.random.default_rng(2)
    made = START + 77 * DAY + 3 * HOUR + rng.integers(0, 3 * HOUR, 100)
    around = ordinary(rng, 200, max(rate, 1))
    time = stretches(np.concatenate([made, around]))
    (burst,) = np.flatnonzero(time.burst)
    assert np.mean(time.of[:100] == burst) > 0.95
    assert np.sum(time.of[100:] == burst) <= 0.3 * rate
    assert time.text(int(burst)) == "2026-03-19 03:00 to 06:00" or rate < 400


def test_several_bursts_are_several() -> None:
    """Bursts on different days do not hide each other and are told apart."""
    rng = np.random.default_rng(3)
    made = [START + day * DAY + rng.integers(0, 2 * HOUR, 60) for day in (5, 20, 21, 50)]
    time = stretches(np.concatenate([*made, ordinary(rng, 100, 20)]))
    assert time.burst.sum() == 4
    assert np.unique(time.of[:240]).size == 4


def test_days_alone_are_compared_with_days() -> None:
    """Sign-ups without a time of day make no burst of every midnight; a day of many is one."""
    rng = np.random.default_rng(4)
    plain = START + rng.integers(0, 300, 1_500) * DAY
    assert not stretches(plain).burst.any()
    time = stretches(np.concatenate([np.full(80, START + 120 * DAY), plain]))
    (burst,) = np.flatnonzero(time.burst)
    assert np.all(time.of[:80] == burst)
    assert time.text(int(burst)) == "2026-05-01"


def test_days_of_summer_time_are_days() -> None:
    """Midnights that move by an hour twice a year are no bursts either."""
    rng = np.random.default_rng(5)
    day = rng.integers(0, 300, 1_500)
    shifted = START + day * DAY - np.where((day > 90) & (day < 270), 2, 1) * HOUR
    assert not stretches(shifted).burst.any()


def test_stretches_say_when() -> None:
    """Hours of one day name the day once; others name both."""
    time = stretches(START + np.array([4 * HOUR, 4 * HOUR + 1, 5 * DAY - 7]))
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
def test_every_sign_up_is_in_its_stretch(times: list[int], unit: int, many: int) -> None:
    """Stretches hold the sign-ups that are said to be in them, and none but bursts is long."""
    made = np.array([START + 9 * DAY + 5] * many + [START + t // unit * unit for t in times])
    time = stretches(made.astype(np.int64))
    assert np.all((time.begin[time.of] <= made) & (made < time.end[time.of]))
    assert np.array_equal(np.unique(time.of), np.arange(time.begin.size))
    assert np.all((time.end - time.begin)[~time.burst] <= DAY)
