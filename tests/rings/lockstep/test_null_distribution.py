"""The null distribution of coincident days: p-values are not too small."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom
from tests.rings.timed_accesses import DAY, Accesses, coincident_days, users

from ringfence.rings.lockstep.coincidences import WINDOWS
from ringfence.rings.lockstep.null_distribution import log_coincidence_tail


@pytest.mark.parametrize(("observed", "days"), [(3, 10), (10, 10), (30, 200), (12, 200)])
def test_the_tail_of_one_pair_is_an_upper_bound(observed: int, days: int) -> None:
    """For two accounts, the bound is never below the exact binomial tail, nor far above it."""
    exact = binom.logsf(observed - 1, days, 1 / WINDOWS)
    bound = log_coincidence_tail(observed, days / WINDOWS, days, 2)
    assert exact <= bound + 1e-9
    assert bound < max(0.6 * exact, exact + 4)


def test_pairs_of_one_set_are_dependent() -> None:
    """All pairs of m accounts weigh as much as m / 2 independent pairs; an odd account adds 0."""
    days = 10.0
    per_pair = -log_coincidence_tail(days, days / WINDOWS, days, 2)
    for members, worth in [(8, 4.0), (9, 4.0), (40, 20.0)]:
        pairs = members * (members - 1) / 2
        tail = log_coincidence_tail(pairs * days, pairs * days / WINDOWS, pairs * days, members)
        assert -tail == pytest.approx(worth * per_pair)
    assert log_coincidence_tail(4.0, 5.0, 100.0, 10) == 0.0


def list_followers(rng: np.random.Generator, groups: int, members: int) -> Accesses:
    """Draw groups of people who each follow a list that is new every day.

    Each group has a list of its own. Its members start at times of their own, and a third of them
    at the same hour. They skip some tracks.
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


def test_p_values_of_list_followers_are_not_too_small() -> None:
    """Of 300 groups, at most a share α has p ≤ α; and they coincide as often as expected."""
    groups, members = 300, 8
    near = coincident_days(
        list_followers(np.random.default_rng(1), groups, members), np.arange(2_400)
    )
    group = near.one // members
    assert (group == near.other // members).all()
    observed, expected, days = (
        np.bincount(group, each, groups) for each in (near.observed, near.expected, near.near_days)
    )
    assert observed.sum() == pytest.approx(expected.sum(), rel=0.08)
    each = zip(observed, expected, days, strict=True)
    p = np.exp([log_coincidence_tail(*one, members) for one in each])
    for level in (0.5, 0.1, 0.01):
        assert np.mean(p <= level) <= level
    # For a single pair, the bound is close.
    pairs = zip(near.observed, near.expected, near.near_days, strict=True)
    single = np.exp([log_coincidence_tail(*one, 2) for one in pairs])
    assert 0.002 < np.mean(single <= 0.05) <= 0.05


def test_p_values_of_heavy_users_are_not_too_small() -> None:
    """Random groups of people share only popular items; some have thousands of accesses."""
    rng = np.random.default_rng(2)
    near = coincident_days(users(rng, 800), np.arange(800))
    group = rng.permutation(800) // 20
    same = group[near.one] == group[near.other]
    observed, expected, days = (
        np.bincount(group[near.one][same], each[same], 40)
        for each in (near.observed, near.expected, near.near_days)
    )
    total = near.expected.sum()
    assert near.observed.sum() == pytest.approx(total, abs=3 * np.sqrt(total))
    p = np.exp(
        [log_coincidence_tail(*one, 20) for one in zip(observed, expected, days, strict=True)]
    )
    assert np.mean(p <= 0.1) <= 0.1
