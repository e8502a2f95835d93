"""Members of a crowd are told from honest visitors of its cohort."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from ringfence.rings.crowd.members import LIMITS, by_own_items_and_size, lowest_limit

RNG = np.random.default_rng(0)
OUTSIDE = RNG.choice([0.0, 1 / 3, 2 / 3, 1.0], 2_000, p=[0.6, 0.25, 0.1, 0.05])
"""Shares of own items of honest visitors who take three items."""


def limit_of(*parts: np.ndarray) -> float:
    """Return the limit of a cohort that consists of these visitors."""
    own = np.concatenate([OUTSIDE, *parts])
    return lowest_limit(own, np.arange(own.size) >= OUTSIDE.size)


def test_a_cohort_of_the_crowd_alone_has_the_lowest_limit() -> None:
    """Where all visitors have own items, half of them are enough."""
    assert limit_of(np.full(500, 2 / 3)) == pytest.approx(LIMITS[0])


def test_honest_visitors_raise_the_limit() -> None:
    """With as many honest visitors as members, those with two of three own items are left out."""
    crowd = RNG.choice([2 / 3, 1.0], 1_000, p=[0.1, 0.9])
    assert limit_of(crowd, OUTSIDE[:150]) > 2 / 3


def test_the_limit_holds_its_promise() -> None:
    """Of the members, about one in a hundred is honest at most, for small and large shares."""
    for honest in (20, 60, 120):
        crowd = RNG.choice([2 / 3, 1.0], 1_000, p=[0.1, 0.9])
        limit = limit_of(crowd, OUTSIDE[:honest])
        wrong = np.sum(OUTSIDE[:honest] >= limit)
        assert wrong <= 0.02 * (wrong + np.sum(crowd >= limit))


def test_honest_visitors_alone_get_the_highest_limit() -> None:
    """Where nobody has many own items, all items must be."""
    assert limit_of(OUTSIDE[:300]) == LIMITS[-1]


def members_of(*parts: tuple[np.ndarray, int, bool]) -> list[int]:
    """Return the members in each part: shares of own items, items of each, whether inside."""
    own = np.concatenate([shares for shares, _, _ in parts])
    items = np.concatenate([np.full(shares.size, float(size)) for shares, size, _ in parts])
    inside = np.concatenate([np.full(shares.size, is_in) for shares, _, is_in in parts])
    chosen = by_own_items_and_size(own, items, inside)
    ends = np.cumsum([0, *(shares.size for shares, _, _ in parts)])
    return [int(chosen[a:b].sum()) for a, b in pairwise(ends)]


def test_small_honest_visitors_with_own_items_are_no_members() -> None:
    """Honest visitors with one item of their own do not join a crowd with eight items each."""
    own_or_not = RNG.choice([0.0, 1.0], 2_000, p=[0.5, 0.5])
    outside = (own_or_not, 1, False), (OUTSIDE, 8, False)
    crowd, small, large = members_of(
        (np.ones(500), 8, True), (own_or_not[:300], 1, True), (OUTSIDE[:40], 8, True), *outside
    )[:3]
    assert (crowd, small) == (500, 0)
    assert large <= 5


def test_there_are_no_members_where_honest_visitors_look_the_same() -> None:
    """If one honest visitor in three has own items only, nobody is accused, whatever the size."""
    honest = RNG.choice([0.0, 1.0], 3_000, p=[2 / 3, 1 / 3])
    parts = [(honest, size, False) for size in (1, 2, 4, 8, 16)]
    assert members_of((np.ones(300), 4, True), (honest[:300], 4, True), *parts)[:2] == [0, 0]


def test_larger_visitors_are_members_where_small_ones_are_not_told_apart() -> None:
    """Honest visitors with four items often have own ones only, those with eight never."""
    small, large = RNG.choice([0.0, 1.0], 2_000, p=[0.5, 0.5]), np.zeros(2_000)
    inside = (np.ones(400), 4, True), (small[:300], 4, True), (np.ones(400), 8, True)
    found = members_of(*inside, (small, 4, False), (large, 8, False))[:3]
    assert found == [0, 0, 400]
