"""Bulk holders do not change what is expected of other accounts."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import Pairs, together, users

from ringfence.model.ring import Level
from ringfence.rings.collision.bulk_holders import BulkHolders
from ringfence.rings.collision.collisions import Collisions


def bulk_holder(crowd: Pairs, share: float = 1.0) -> Pairs:
    """Return one account that holds this share of all items."""
    items = np.unique(crowd[1])[: round(share * np.unique(crowd[1]).size)]
    return np.full(items.size, 90_000), items


@pytest.mark.parametrize("level", ["group", "global"])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_bulk_holder_changes_nothing_for_others(level: Level, share: float) -> None:
    """Pairs of others have the same counts as without it, whatever share it holds."""
    crowd = users(np.random.default_rng(1), 300)
    alone = Collisions.of(together(crowd), level)
    beside = Collisions.of(together(crowd, bulk_holder(crowd, share)), level)
    others = np.arange(300)
    for one, other in zip(alone.pairwise(others), beside.pairwise(others), strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-6)


def test_a_bulk_holder_holds_more_than_a_third() -> None:
    """In a category of 300 items, 101 make a bulk holder and 100 do not; in one of 90, none do."""
    held = np.zeros((3, 390), np.float32)
    held[0, :101] = held[1, :100] = held[2, 300:] = 1
    category = np.repeat([1, 2], [300, 90])
    matrix = together((np.nonzero(held)[0], np.nonzero(held)[1])).matrix
    here = np.flatnonzero(held.any(axis=0))
    elsewhere = np.flatnonzero(~held.any(axis=0))
    order = np.concatenate([here, elsewhere])
    bulk = BulkHolders.of(matrix, category[order], np.ones(order.size))
    rows, categories = np.repeat([0, 1, 2], 2), np.tile([1, 2], 3)
    assert bulk.contains(rows, categories).tolist() == [True, False, False, False, False, False]
    assert bulk.per_item(matrix, category[order]).tolist() == [1.0] * 101 + [0.0] * 90
