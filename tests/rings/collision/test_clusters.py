"""Learned clusters: they recover scenes, and show rings that divide groups."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import GROUPS, SIZE, by_group, scenes, together

from ringfence.rings.collision.clusters import learn_clusters
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.find import find_collision_rings
from ringfence.rings.collision.holdings import holdings_from_pairs


def purity(cluster: np.ndarray, scene: np.ndarray) -> float:
    """Return the share of items that belong to their cluster's most frequent scene."""
    counts = np.zeros((cluster.max() + 1, scene.max() + 1))
    np.add.at(counts, (cluster, scene), 1)
    return float(counts.max(axis=1).sum() / counts.sum())


def test_scenes_are_recovered() -> None:
    """Groups that the same accounts like share clusters, for nine in ten items."""
    crowd = together(scenes(np.random.default_rng(1)))
    group = crowd.items.group - 1
    assert crowd.cluster.min() >= 1
    assert len(np.unique(crowd.cluster)) > 10
    assert purity(crowd.cluster, (group % 10).astype(int)) > 0.9


def test_renaming_changes_no_cluster() -> None:
    """Other numbers of accounts, items and groups give the same partition."""
    rng = np.random.default_rng(2)
    account, item = scenes(rng, 300)
    one = holdings_from_pairs(*(x.astype(np.uint64) for x in (account, item, 1 + item // SIZE)))
    renamed = rng.permutation(GROUPS)[item // SIZE] + 1
    names, items = rng.permutation(300)[account], rng.permutation(GROUPS * SIZE)[item]
    other = holdings_from_pairs(*(x.astype(np.uint64) for x in (names, items, renamed)))
    order = np.argsort(account * 100_000 + item)
    first = one.cluster[np.unique(item, return_inverse=True)[1]][order]
    second = other.cluster[np.unique(items, return_inverse=True)[1]][order]
    pairs = np.unique(np.column_stack([first, second]), axis=0)
    together_ = np.mean(
        [
            np.mean(second[first == c] == np.bincount(second[first == c]).argmax())
            for c in np.unique(first)
        ]
    )
    assert len(pairs) < 2 * len(np.unique(first))
    assert together_ > 0.98


def test_few_groups_have_no_clusters() -> None:
    """Fewer than twenty groups, each used by three accounts, make no clusters."""
    rng = np.random.default_rng(3)
    account = np.repeat(np.arange(40), 5)
    item = rng.integers(0, 19, account.size)
    assert not learn_clusters(together((account, item)).matrix, 1 + np.unique(item)).any()


@pytest.mark.slow
def test_a_ring_that_divides_groups_is_found_among_scenes() -> None:
    """Groups expect nothing of it; clusters expect enough to find it."""
    rng = np.random.default_rng(4)
    crowd = scenes(rng, 800)
    population = together(crowd, by_group(crowd, 30, 6))
    members = np.flatnonzero(population.accounts >= 10_000)
    expected = {
        level: Collisions.of(population, level).within(members)[1]
        for level in ("group", "cluster", "global")
    }
    assert expected["group"] < 0.01 * expected["cluster"]
    (ring,) = find_collision_rings(population, rng.permutation(population.accounts))
    assert ring.level == "cluster"
    assert set(ring.keys.tolist()) == set(range(10_000, 10_030))
    assert ring.p_value <= 1e-6


@pytest.mark.parametrize("seed", range(4))
def test_scenes_are_not_rings(seed: int) -> None:
    """Accounts of ten scenes, which rarely share items, are not found."""
    rng = np.random.default_rng(100 + seed)
    population = together(scenes(rng, 400))
    assert find_collision_rings(population, rng.permutation(population.accounts)) == ()


@pytest.mark.slow
def test_separate_markets_are_not_rings() -> None:
    """Accounts of forty markets that share nothing are not found."""
    rng = np.random.default_rng(7)
    names, items = [], []
    for place in range(40):
        account, item = scenes(rng, 15, many=2)
        names.append(account + 1_000 * place)
        items.append(item + GROUPS * SIZE * place)
    population = together((np.concatenate(names), np.concatenate(items)))
    assert find_collision_rings(population, rng.permutation(population.accounts)) == ()
