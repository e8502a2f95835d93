"""Holdings: the matrix of accounts and items, and the categories of items."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import scenes, together

from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs, holdings_from_rows
from ringfence.stats.arrays import Columns

ACCOUNT = np.array([7, 7, 3, 3, 9], dtype=np.uint64)
ITEM = np.array([50, 60, 50, 70, 70], dtype=np.uint64)
GROUP = np.array([8, 0, 8, 4, 4], dtype=np.uint64)
GENRE = np.array([2, 2, 2, 0, 0], dtype=np.uint64)


def rows_of_some(accounts: list[int]) -> tuple[Columns, Columns]:
    """Return the holdings of some accounts, and the items that only others hold."""
    mine = np.isin(ACCOUNT, accounts)
    rows = {
        "account_key": ACCOUNT[mine],
        "item_key": ITEM[mine],
        "group_key": GROUP[mine],
        "genre_key": GENRE[mine],
        "holders": np.array([np.sum(item == ITEM) for item in ITEM[mine]]),
    }
    only_others = ~np.isin(ITEM, ITEM[mine])
    others, first, holders = np.unique(ITEM[only_others], return_index=True, return_counts=True)
    other_items = {
        "group_key": GROUP[only_others][first],
        "genre_key": GENRE[only_others][first],
        "holders": holders,
        "items": np.ones(others.size, np.int64),
    }
    return rows, other_items


def test_rows_are_accounts_in_ascending_order() -> None:
    """The matrix has a one for each holding, with accounts and items sorted by key."""
    holdings = holdings_from_pairs(ACCOUNT, ITEM, GROUP)
    assert holdings.accounts.tolist() == [3, 7, 9]
    assert holdings.matrix.toarray().tolist() == [[1, 0, 1], [1, 1, 0], [0, 0, 1]]
    assert holdings.item_counts.tolist() == [2, 2, 1]
    assert holdings.items.holders.tolist() == [2, 1, 2]


def test_categories_are_numbered_from_one() -> None:
    """Groups and genres are numbered in the order of their keys; 0 stays for none."""
    holdings = holdings_from_pairs(ACCOUNT, ITEM, GROUP, GENRE)
    assert holdings.category("group").tolist() == [2, 0, 1]
    assert holdings.category("genre").tolist() == [1, 1, 0]
    assert holdings.category("global").tolist() == [1, 1, 1]


def test_without_genres_no_item_has_one() -> None:
    """Holdings from pairs without genres have none, so that the level is skipped."""
    assert not holdings_from_pairs(ACCOUNT, ITEM, GROUP).category("genre").any()


def test_other_items_share_the_numbering() -> None:
    """An item that only others hold has the same group number as in the whole."""
    whole = holdings_from_pairs(ACCOUNT, ITEM, GROUP, GENRE)
    some = holdings_from_rows(*rows_of_some([7]))
    assert some.accounts.tolist() == [7]
    assert some.items.holders.tolist() == [2, 1]
    assert some.other_items.holders.tolist() == [2]
    assert some.other_category("group").tolist() == [whole.category("group")[2]]
    assert some.other_category("global").tolist() == [1]


@pytest.fixture(scope="module", name="crowd")
def _crowd() -> Holdings:
    """Return accounts of ten scenes."""
    return together(scenes(np.random.default_rng(1), 300))


def test_all_items_of_a_group_are_in_one_cluster(crowd: Holdings) -> None:
    """A cluster is made of whole groups."""
    pairs = np.unique(np.column_stack([crowd.items.group, crowd.cluster]), axis=0)
    assert pairs.shape[0] == np.unique(crowd.items.group).size


def test_a_group_keeps_its_cluster_among_other_items(crowd: Holdings) -> None:
    """An item that only others hold is in the cluster of its group, or in none."""
    places = crowd.matrix.tocoo()
    mine = places.row < 150
    holders = crowd.items.holders[places.col]
    rows = {
        "account_key": crowd.accounts[places.row[mine]],
        "item_key": places.col[mine].astype(np.uint64),
        "group_key": crowd.items.group[places.col[mine]].astype(np.uint64),
        "genre_key": np.zeros(int(mine.sum()), np.uint64),
        "holders": holders[mine],
    }
    others = np.setdiff1d(places.col, places.col[mine])
    other_items = {
        "group_key": crowd.items.group[others].astype(np.uint64),
        "genre_key": np.zeros(others.size, np.uint64),
        "holders": crowd.items.holders[others],
        "items": np.ones(others.size, np.int64),
    }
    some = holdings_from_rows(rows, other_items)
    cluster_of = dict(zip(some.items.group.tolist(), some.cluster.tolist(), strict=True))
    expected = [cluster_of.get(group, 0) for group in some.other_items.group.tolist()]
    assert some.other_category("cluster").tolist() == expected
    assert max(expected) > 1
