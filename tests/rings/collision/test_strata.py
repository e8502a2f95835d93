"""Strata: counts of holdings by category and popularity class."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import together, users

from ringfence.model.ring import LEVELS, Level
from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs
from ringfence.rings.collision.strata import Strata, popularity_class


def strata_of(holdings: Holdings, level: Level) -> Strata:
    """Stratify the items that have a category at a level."""
    return Strata.of(holdings, level, holdings.matrix[:, holdings.category(level) > 0])


def test_classes_are_half_octaves() -> None:
    """Two holders are one class, and every doubling adds two classes."""
    classes = popularity_class(np.array([1.0, 2, 3, 4, 5, 8, 1024]))
    assert classes.tolist() == [0, 2, 4, 4, 5, 6, 20]


def test_chance_is_that_of_a_shared_birthday() -> None:
    """Ten accounts with one of five items each, two holders per item: q is 10 of 90 pairs."""
    account, item = np.arange(10, dtype=np.uint64), np.repeat(np.arange(5, dtype=np.uint64), 2)
    strata = strata_of(holdings_from_pairs(account, item, np.ones(10, np.uint64)), "group")
    assert strata.counts.toarray().tolist() == [[1.0]] * 10
    assert strata.chance.tolist() == pytest.approx([10 / 90])


def test_items_of_one_group_and_different_popularity_are_apart() -> None:
    """An item that all have and an item that two have are two strata of one group."""
    account = np.array([*range(8), 0, 1], dtype=np.uint64)
    item = np.array([1] * 8 + [2] * 2, dtype=np.uint64)
    strata = strata_of(holdings_from_pairs(account, item, np.ones(10, np.uint64)), "group")
    assert np.sort(np.asarray(strata.counts.sum(axis=0))).tolist() == [2, 8]


@pytest.mark.parametrize("level", LEVELS)
def test_strata_hold_every_holding_once(level: Level) -> None:
    """An account's counts over all strata add up to the items it holds."""
    crowd = together(users(np.random.default_rng(1), 200), genres=10)
    held = crowd.matrix[:, crowd.category(level) > 0]
    counts = np.asarray(strata_of(crowd, level).counts.sum(axis=1))
    assert counts.tolist() == np.diff(held.indptr).tolist()


@pytest.mark.parametrize("level", LEVELS)
def test_chance_is_a_share(level: Level) -> None:
    """The chance that a pair of holdings falls on one item is between 0 and 1."""
    crowd = together(users(np.random.default_rng(2), 200), genres=10)
    chance = strata_of(crowd, level).chance
    assert np.all((chance >= 0) & (chance <= 1))
    assert chance.any()
