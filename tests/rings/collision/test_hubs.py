"""Accounts that hold nearly everything leave what is expected of others as it is."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.crowd import Pairs, together, users

from ringfence.model.ring import Level
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.hubs import Hubs


def everything(crowd: Pairs, share: float = 1.0) -> Pairs:
    """One account that holds so much of all there is, from the items' first on."""
    items = np.unique(crowd[1])[: round(share * np.unique(crowd[1]).size)]
    return np.full(items.size, 90_000), items


@pytest.mark.parametrize("level", ["group", "global"])
@pytest.mark.parametrize("share", [0.4, 1.0])
def test_a_hub_changes_nothing_for_others(level: Level, share: float) -> None:
    """Of pairs of others, as much is expected as without it, whatever part it holds."""
    crowd = users(np.random.default_rng(1), 300)
    alone = Collisions.of(together(crowd), level)
    beside = Collisions.of(together(crowd, everything(crowd, share)), level)
    others = np.arange(300)
    for one, other in zip(alone.pairs(others), beside.pairs(others), strict=True):
        assert np.allclose(one, other, rtol=1e-4, atol=1e-6)


def test_who_holds_a_third_is_a_hub_and_who_holds_less_is_none() -> None:
    """Of a kind of three hundred items: 101 are a hub's, 100 are not; of ninety, none's."""
    held = np.zeros((3, 390), np.float32)
    held[0, :101] = held[1, :100] = held[2, 300:] = 1
    kind = np.repeat([1, 2], [300, 90])
    matrix = together((np.nonzero(held)[0], np.nonzero(held)[1])).matrix
    here = np.flatnonzero(held.any(axis=0))
    elsewhere = np.flatnonzero(~held.any(axis=0))
    order = np.concatenate([here, elsewhere])
    hubs = Hubs.of(matrix, kind[order], np.ones(order.size))
    rows, kinds = np.repeat([0, 1, 2], 2), np.tile([1, 2], 3)
    assert hubs.among(rows, kinds).tolist() == [True, False, False, False, False, False]
    assert hubs.holding(matrix, kind[order]).tolist() == [1.0] * 101 + [0.0] * 90
