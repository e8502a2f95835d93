"""The null distribution that matched controls show."""

from __future__ import annotations

import numpy as np
import pytest
from tests.rings.populations import ring, runs, together, users

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.null_distribution import (
    index_of_dispersion,
    member_dispersion_k,
    set_dispersion_k,
)
from ringfence.stats.negative_binomial import log_lower_tail, log_lower_tail_bound
from ringfence.stats.overdispersion import MAX_K, MIN_K

LEVELS_OF_P = (0.1, 0.05, 0.01)


def test_too_few_others_are_no_evidence() -> None:
    """Where nobody is left to compare with, hardly any number of collisions is unusual."""
    collisions = Collisions.of(together(users(np.random.default_rng(3), 79)), "group")
    assert set_dispersion_k(collisions, np.arange(40), np.arange(40)) == MIN_K
    k = member_dispersion_k(collisions, np.arange(40), np.arange(40))
    assert k.tolist() == [MAX_K] * 40


def test_few_others_give_a_wider_distribution() -> None:
    """Measured on 50 others, k is uncertain and therefore smaller than measured on 560."""
    few = Collisions.of(together(users(np.random.default_rng(3), 90)), "global")
    many = Collisions.of(together(users(np.random.default_rng(3), 600)), "global")
    rows = np.arange(40)
    assert MIN_K < set_dispersion_k(few, rows, rows) < set_dispersion_k(many, rows, rows)


def test_p_values_of_independent_sets_are_not_too_small() -> None:
    """Random sets, with heavy holders and rare tastes among them, over ten populations."""
    p = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        collisions = Collisions.of(together(users(rng, 400)), "group")
        k = set_dispersion_k(collisions, np.arange(0, 400, 10), np.zeros(0, np.intp))
        sets = [rng.choice(collisions.item_counts.size, 40, replace=False) for _ in range(100)]
        p += [float(np.exp(log_lower_tail_bound(*collisions.within(one), k))) for one in sets]
    for level in LEVELS_OF_P:
        assert np.mean(np.array(p) <= level) <= 1.3 * level + 0.01


def test_accounts_that_take_runs_are_overdispersed() -> None:
    """Accounts that take runs of ten items share several at once; members of a ring do not."""
    rng = np.random.default_rng(5)
    crowd, first = users(rng), np.arange(40)
    in_runs = Collisions.of(together(runs(rng, 600, 10)), "group")
    dealt = Collisions.of(together(crowd, ring(crowd, 40, 60, rng)), "group")
    assert 3 < index_of_dispersion(in_runs, first, first) < 10
    assert 1 <= index_of_dispersion(dealt, 600 + first, 600 + first) < 1.5


@pytest.mark.slow
def test_p_values_of_accounts_that_take_runs_are_not_too_small() -> None:
    """Random sets of accounts that take runs of items, over ten populations."""
    p = []
    for seed in range(10):
        rng = np.random.default_rng(seed)
        collisions = Collisions.of(together(users(rng, 200), runs(rng, 200)), "group")
        those = np.arange(200, collisions.item_counts.size)
        for _ in range(40):
            group = np.sort(rng.choice(those, 30, replace=False))
            k = set_dispersion_k(collisions, group, group)
            dispersion = index_of_dispersion(collisions, group, group)
            p.append(np.exp(log_lower_tail(*collisions.within(group), k, dispersion)))
    for level in LEVELS_OF_P:
        assert np.mean(np.array(p) <= level) <= 1.3 * level + 0.01


def test_an_account_with_unusual_tastes_varies_more() -> None:
    """An account of a scene of its own has a smaller k than accounts of the large population."""
    rng = np.random.default_rng(6)
    account, item = users(rng, 300)
    own = rng.random(item.size) < 0.5
    scene = account >= 290
    # The last ten share rare items among themselves, and half of their holdings are these.
    item = np.where(scene & own, 300 * 40 + item % 60, item)
    collisions = Collisions.of(together((account, item)), "global")
    k = member_dispersion_k(collisions, np.arange(280, 300), np.zeros(0, np.intp))
    assert np.median(k[10:]) < np.median(k[:10]) / 3
