"""Test the item pool of a file: numbering, choices by use, groups, tastes, unseen items."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.engine import open_engine
from ringfence.lab.evaluate.item_pools import UNSEEN_GROUP_SIZE, FileItemPool, read_catalogue

USES = [
    ("ann", "a", "G"), ("bo", "a", "G"), ("cy", "a", "G"),
    ("ann", "b", "H"), ("ann", "b", "H"), ("ann", "b", "H"), ("bo", "b", "H"), ("bo", "b", "H"),
    ("ann", "c", "G"), ("cy", "d", "G"), ("cy", "d", "G"),
]  # fmt: skip
"""By holders: a (3), b (2), then d (2 uses) and c (1 use). H is used 5 times, G 6 times."""


@pytest.fixture(scope="module")
def item_pool() -> FileItemPool:
    """Return a pool of four items in two groups."""
    columns = dict(zip(("account", "item", "group"), zip(*USES, strict=True), strict=True))
    with open_engine() as engine:
        engine.table("population", {k: np.array(v, dtype=object) for k, v in columns.items()})
        return FileItemPool(read_catalogue(engine))


def test_items_are_numbered_by_holders(item_pool: FileItemPool) -> None:
    """The most held items come first, then the most used; two unseen items per item follow."""
    assert (item_pool.items, item_pool.groups) == (12, 3)
    names = list(item_pool.item_names(item_pool.top(99)))
    assert names[:4] == ["a", "b", "d", "c"]
    assert len(set(names)) == 12
    unseen = [int(name.removeprefix("unseen item ")) for name in names[4:]]
    assert unseen != sorted(unseen), "the order of a list must not show in the names"


def test_groups_contain_their_items(item_pool: FileItemPool) -> None:
    """Groups are numbered by use, and list their items, the most used first."""
    assert list(item_pool.group_names(np.arange(3))) == ["G", "H", "unseen group 0"]
    assert list(item_pool.item_names(item_pool.whole(0))) == ["a", "d", "c"]
    assert list(item_pool.whole(2)) == list(range(4, 12))
    every = np.arange(12)
    groups = item_pool.group_of(every)
    assert all(item in item_pool.whole(group) for item, group in zip(every, groups, strict=True))


def test_choices_follow_use(item_pool: FileItemPool) -> None:
    """Eleven even choices by use return each item as often as it is used."""
    chance = (np.arange(11) + 0.5) / 11
    assert list(np.bincount(item_pool.used(chance))) == [3, 5, 2, 1]
    assert list(np.bincount(item_pool.anywhere((np.arange(12) + 0.5) / 12))) == [1] * 12


def test_choices_within_a_group(item_pool: FileItemPool) -> None:
    """Choices within a group follow use; within an unseen group they are uniform."""
    six = (np.arange(6) + 0.5) / 6
    chosen = item_pool.within(np.zeros(6, np.int64), six)
    assert sorted(item_pool.item_names(chosen)) == ["a", "a", "a", "c", "d", "d"]
    unseen = item_pool.within(np.full(8, 2), (np.arange(8) + 0.5) / 8)
    assert list(unseen) == list(range(4, 12))


def test_tastes_are_those_of_accounts(item_pool: FileItemPool) -> None:
    """Tastes are those of the three accounts, most used group first, and follow the seed."""
    tastes = {tuple(item_pool.taste(seed, 5)) for seed in range(40)}
    assert tastes == {(1, 0), (0,)}
    assert {tuple(item_pool.taste(seed, 1)) for seed in range(40)} == {(1,), (0,)}
    assert list(item_pool.taste(7, 5)) == list(item_pool.taste(7, 5))


def test_unseen_groups_have_a_fixed_size() -> None:
    """Unseen items fill groups of a fixed size; the last group is smaller."""
    with open_engine() as engine:
        names = np.array([f"i{n}" for n in range(20)], dtype=object)
        columns = {"account": names, "item": names, "group": np.full(20, None, dtype=object)}
        engine.table("population", columns)
        item_pool = FileItemPool(read_catalogue(engine))
    assert (item_pool.items, item_pool.groups) == (60, 1 + 3)
    assert [item_pool.whole(group).size for group in range(4)] == [
        20,
        UNSEEN_GROUP_SIZE,
        UNSEEN_GROUP_SIZE,
        6,
    ]
    assert item_pool.within(np.array([3]), np.array([0.999])) == 59
