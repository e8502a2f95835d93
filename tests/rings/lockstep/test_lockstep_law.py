"""How rare coincidences are: what is counted, and that p-values are not too small."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from tests.rings.diaries import DAY, EventColumns, ledger, users

from ringfence.rings.lockstep.coincidences import WINDOWS, Occasions
from ringfence.rings.lockstep.lockstep import log_tail


def occasions(takes: EventColumns, members: np.ndarray) -> Occasions:
    """Count the occasions of some accounts."""
    with ledger(takes) as engine:
        return Occasions.of(engine, members.astype(np.uint64))


def test_what_is_an_occasion() -> None:
    """A day counts once; 59 seconds are together, 60 are near, 1,259 still are and 1,260 not."""
    lags = [(0, 10), (0, 10), (1, -59), (2, 60), (3, 1_259), (4, 1_260), (5, 0)]
    days, late = np.array(lags).T
    items, noon = np.arange(7), days * DAY + 43_200
    account = np.repeat([1, 2], 7)
    takes = account, np.tile(items, 2), np.concatenate([noon, noon + late])
    near = occasions(takes, np.array([1, 2]))
    assert near.held.tolist() == [7, 7]
    assert near.active.tolist() == [6, 6]
    assert (near.days.tolist(), near.observed.tolist(), near.items.tolist()) == ([5], [3], [4])
    assert near.expected.tolist() == pytest.approx([5 / WINDOWS])
    assert near.toward(near.observed).tolist() == [3, 3]


def test_several_windows_on_one_day() -> None:
    """With items in three windows, the middle one is among them three times as often by chance."""
    late = np.array([0, 200, -200])
    takes = np.repeat([1, 2], 3), np.tile([5, 6, 7], 2), np.concatenate([late * 0, late]) + 9_000
    assert occasions(takes, np.array([1, 2])).expected.tolist() == pytest.approx([3 / WINDOWS])


@pytest.mark.parametrize(("observed", "days"), [(3, 10), (10, 10), (30, 200), (12, 200)])
def test_the_tail_of_one_pair_is_a_bound(observed: int, days: int) -> None:
    """Two accounts: never below the exact binomial tail, nor far above it."""
    exact = binom.logsf(observed - 1, days, 1 / WINDOWS)
    bound = log_tail(observed, days / WINDOWS, days, 2)
    assert exact <= bound + 1e-9
    assert bound < max(0.6 * exact, exact + 4)


def test_more_members_are_no_more_chance_events_than_they_can_be() -> None:
    """All pairs of m accounts weigh as much as m / 2 pairs of strangers; an odd one adds none."""
    days = 10.0
    per_pair = -log_tail(days, days / WINDOWS, days, 2)
    for members, worth in [(8, 4.0), (9, 4.0), (40, 20.0)]:
        pairs = members * (members - 1) / 2
        tail = log_tail(pairs * days, pairs * days / WINDOWS, pairs * days, members)
        assert -tail == pytest.approx(worth * per_pair)
    assert log_tail(4.0, 5.0, 100.0, 10) == 0.0


def diaries(rng: np.random.Generator, groups: int, members: int) -> EventColumns:
    """Let groups follow lists: a new one every day, in order, from a moment of their own on.

    One group's list is no other's; tracks are skipped, and a third begins at the same hour.
    """
    days, tracks = 20, 10
    begin = rng.uniform(8 * 3_600, 20 * 3_600, (groups, members, days))
    begin[rng.random(begin.shape) < 0.3] = 17 * 3_600
    begin += rng.normal(0, 5_400, begin.shape) + np.arange(days) * DAY
    lists = np.arange(groups)[:, None, None, None] * days + np.arange(days)[:, None]
    item = np.broadcast_to(lists * tracks + np.arange(tracks), (groups, members, days, tracks))
    second = begin[..., None] + 210 * np.arange(tracks)
    account = np.broadcast_to(
        np.arange(groups * members).reshape(groups, members, 1, 1), item.shape
    )
    heard = rng.random(item.shape) < 0.8
    return account[heard], item[heard], second[heard].astype(int)


def test_followers_of_lists_have_p_values_that_are_not_too_small() -> None:
    """Of 300 groups, at most so many have p ≤ α; and they coincide as often as expected."""
    groups, members = 300, 8
    near = occasions(diaries(np.random.default_rng(1), groups, members), np.arange(2_400))
    group = near.one // members
    assert (group == near.other // members).all()
    observed, expected, days = (
        np.bincount(group, each, groups) for each in (near.observed, near.expected, near.days)
    )
    assert observed.sum() == pytest.approx(expected.sum(), rel=0.08)
    each = zip(observed, expected, days, strict=True)
    p = np.exp([log_tail(*one, members) for one in each])
    for level in (0.5, 0.1, 0.01):
        assert np.mean(p <= level) <= level
    # One pair alone: the bound is close enough to be used up, not merely loose.
    pairs = zip(near.observed, near.expected, near.days, strict=True)
    single = np.exp([log_tail(*one, 2) for one in pairs])
    assert 0.002 < np.mean(single <= 0.05) <= 0.05


def test_heavy_users_have_p_values_that_are_not_too_small() -> None:
    """Groups of people who share nothing but popular items, some with thousands of takes."""
    rng = np.random.default_rng(2)
    near = occasions(users(rng, 800), np.arange(800))
    group = rng.permutation(800) // 20
    same = group[near.one] == group[near.other]
    observed, expected, days = (
        np.bincount(group[near.one][same], each[same], 40)
        for each in (near.observed, near.expected, near.days)
    )
    total = near.expected.sum()
    assert near.observed.sum() == pytest.approx(total, abs=3 * np.sqrt(total))
    p = np.exp([log_tail(*one, 20) for one in zip(observed, expected, days, strict=True)])
    assert np.mean(p <= 0.1) <= 0.1
