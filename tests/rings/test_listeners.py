"""Months of real people: nobody is in a ring, and a planted ring is found."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest
from tests.evidence.listeners import Half, person_months

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.holdings import Holdings, holdings_from_pairs
from ringfence.rings.collision.sampling import load_holdings
from ringfence.verdicts import judge


def months_of(half: Half) -> tuple[Holdings, np.ndarray]:
    """Return the holdings of one half's person-months, and their order by own evidence."""
    with person_months(half, "music") as context:
        order = judge(context, lambda _: None).most_suspicious_first()
        return load_holdings(context.engine, np.sort(order)), order


@pytest.fixture(scope="module", params=get_args(Half))
def months(request: pytest.FixtureRequest) -> tuple[Holdings, np.ndarray]:
    """Return the person-months of one half of the people."""
    return months_of(request.param)


@pytest.mark.slow
def test_nobody_is_in_a_ring(months: tuple[Holdings, np.ndarray]) -> None:
    """No set of person-months collides too little, not even the months of one person."""
    assert find_collision_rings(*months) == ()


def test_people_collide_as_expected(months: tuple[Holdings, np.ndarray]) -> None:
    """Forty random months share what artist and popularity let expect, within a tenth."""
    collisions = Collisions.of(months[0], "group")
    rng = np.random.default_rng(0)
    ratios = []
    for _ in range(100):
        members = rng.choice(collisions.item_counts.size, 40, replace=False)
        observed, expected = collisions.within(members)
        ratios.append(observed / expected)
    assert 0.9 < min(ratios) <= max(ratios) < 1.15
    assert np.median(ratios) == pytest.approx(1.0, abs=0.03)


@pytest.mark.slow
def test_a_ring_among_people_is_found(months: tuple[Holdings, np.ndarray]) -> None:
    """Forty accounts that divide the most held tracks are found without evidence of their own."""
    holdings, order = months
    held = holdings.matrix.tocoo()
    popular = np.argsort(-np.bincount(held.col), kind="stable")[: 40 * 120]
    members = np.arange(popular.size) % 40
    # Keys that are not in the order, so that the ring comes last.
    keys = np.uint64(2**63) + np.arange(40, dtype=np.uint64)
    account = np.concatenate([holdings.accounts[held.row], keys[members]])
    item = np.concatenate([held.col, popular]).astype(np.uint64)
    group = holdings.items.group[item.astype(np.intp)].astype(np.uint64)
    (ring,) = find_collision_rings(holdings_from_pairs(account, item, group), order)
    found = set(ring.keys.tolist())
    assert len(found & set(keys.tolist())) >= 38
    assert not found - set(keys.tolist())
