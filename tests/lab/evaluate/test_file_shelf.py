"""The shelf behind a file: numbers by holders, draws by use, groups, tastes, unseen items."""

from __future__ import annotations

import numpy as np
import pytest

from ringfence.engine import DuckDBEngine
from ringfence.lab.evaluate.file_shelf import GROUP_SIZE, FileShelf, seen_in

USES = [
    ("ann", "a", "G"), ("bo", "a", "G"), ("cy", "a", "G"),
    ("ann", "b", "H"), ("ann", "b", "H"), ("ann", "b", "H"), ("bo", "b", "H"), ("bo", "b", "H"),
    ("ann", "c", "G"), ("cy", "d", "G"), ("cy", "d", "G"),
]  # fmt: skip
"""By holders: a (3), b (2), then d (2 uses) and c (1 use). H is used 5 times, G 6 times."""


@pytest.fixture(scope="module")
def shelf() -> FileShelf:
    """Four items in two groups."""
    columns = dict(zip(("account", "item", "group"), zip(*USES, strict=True), strict=True))
    with DuckDBEngine() as engine:
        engine.table("population", {k: np.array(v, dtype=object) for k, v in columns.items()})
        return FileShelf(seen_in(engine))


def test_items_are_numbered_by_holders(shelf: FileShelf) -> None:
    """The most held come first, then by use; unseen ones follow, twice as many."""
    assert (shelf.items, shelf.groups) == (12, 3)
    names = list(shelf.item_names(shelf.top(99)))
    assert names[:4] == ["a", "b", "d", "c"]
    assert len(set(names)) == 12
    unseen = [int(name.removeprefix("unseen item ")) for name in names[4:]]
    assert unseen != sorted(unseen), "a list worked down does not show in the numbers"


def test_groups_hold_their_items(shelf: FileShelf) -> None:
    """Groups are numbered by use, and know their items, the most used first."""
    assert list(shelf.group_names(np.arange(3))) == ["G", "H", "unseen group 0"]
    assert list(shelf.item_names(shelf.whole(0))) == ["a", "d", "c"]
    assert list(shelf.whole(2)) == list(range(4, 12))
    every = np.arange(12)
    groups = shelf.group_of(every)
    assert all(item in shelf.whole(group) for item, group in zip(every, groups, strict=True))


def test_draws_follow_use(shelf: FileShelf) -> None:
    """Eleven even draws by use hit each item as often as it is used, and no unseen one."""
    chance = (np.arange(11) + 0.5) / 11
    assert list(np.bincount(shelf.used(chance))) == [3, 5, 2, 1]
    assert list(np.bincount(shelf.anywhere((np.arange(12) + 0.5) / 12))) == [1] * 12


def test_draws_within_a_group(shelf: FileShelf) -> None:
    """Within a group items are drawn by use, within an unseen one evenly."""
    six = (np.arange(6) + 0.5) / 6
    drawn = shelf.within(np.zeros(6, np.int64), six)
    assert sorted(shelf.item_names(drawn)) == ["a", "a", "a", "c", "d", "d"]
    unseen = shelf.within(np.full(8, 2), (np.arange(8) + 0.5) / 8)
    assert list(unseen) == list(range(4, 12))


def test_a_taste_is_an_accounts(shelf: FileShelf) -> None:
    """Tastes are those of the three accounts, most used group first, and the same for a seed."""
    tastes = {tuple(shelf.taste(seed, 5)) for seed in range(40)}
    assert tastes == {(1, 0), (0,)}
    assert {tuple(shelf.taste(seed, 1)) for seed in range(40)} == {(1,), (0,)}
    assert list(shelf.taste(7, 5)) == list(shelf.taste(7, 5))


def test_large_unseen_groups_are_cut() -> None:
    """Unseen items are put into groups of a fixed size, the last one smaller."""
    with DuckDBEngine() as engine:
        names = np.array([f"i{n}" for n in range(20)], dtype=object)
        columns = {"account": names, "item": names, "group": np.full(20, None, dtype=object)}
        engine.table("population", columns)
        shelf = FileShelf(seen_in(engine))
    assert (shelf.items, shelf.groups) == (60, 1 + 3)
    assert [shelf.whole(group).size for group in range(4)] == [20, GROUP_SIZE, GROUP_SIZE, 6]
    assert shelf.within(np.array([3]), np.array([0.999])) == 59
