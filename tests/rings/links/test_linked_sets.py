"""Linked sets: rings that share something are in them, and what everybody shares is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.rings.linked import crowd, links_of, with_ring

from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import TOGETHER
from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.rings.links.linked_sets import LARGEST, MOST_SETS, POPULAR, linked_sets

ACCOUNTS = 6_000
RING = np.arange(3_000, 3_200)


@pytest.mark.parametrize("link", ["burst", "network", "device", "payment", "client"])
def test_linked_accounts_are_a_set(link: PlantedLink) -> None:
    """Every part of a ring that shares something is a set, with hardly anybody else in it."""
    sets = linked_sets(links_of(with_ring(crowd(ACCOUNTS), RING, (link,))))
    size = min(TOGETHER[link], RING.size)
    for start in range(0, RING.size, size):
        part = RING[start : start + size]
        best = max(sets, key=lambda one: np.isin(one.members, part).sum() / one.members.size)
        assert np.isin(part, best.members).mean() > 0.94
        assert best.members.size <= 1.15 * part.size


def test_what_is_shared_in_several_ways_is_put_together() -> None:
    """Devices, cards and networks that overlap make one set of the ring, and it comes first."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment"))
    first = linked_sets(links_of(one))[0]
    assert first.attributes == ("device", "payment", "network")
    assert np.array_equal(first.members, RING)


def test_honest_accounts_make_few_sets_and_no_united_one() -> None:
    """Of users alone, campuses, mobile networks and clients are sets where small enough."""
    one = crowd(ACCOUNTS)
    sets = linked_sets(links_of(one))
    assert {s.attributes for s in sets} <= {("network",), ("client",), ("sign-up",)}
    assert len(sets) < 25
    limit = min(LARGEST, POPULAR * ACCOUNTS)
    assert all(LEAST_MEMBERS <= s.members.size <= limit for s in sets)
    popular = np.flatnonzero(np.bincount(one.client) > limit)
    assert not any(np.all(one.client[s.members] == c) for s in sets for c in popular)


def test_accounts_from_everywhere_put_nothing_together() -> None:
    """Accounts that change networks by the hour do not join the rings whose networks they met."""
    one = crowd(ACCOUNTS)
    one.home[:600] = 1_000 + np.arange(600) // 6
    links = links_of(with_ring(one, RING, ("network", "device", "payment")))
    (place,) = (n for n, shared in enumerate(links.shared) if shared.attribute == "network")
    matrix = links.shared[place].matrix.tolil()
    matrix[4_000:4_005] = 1
    shared = list(links.shared)
    shared[place] = replace(shared[place], matrix=matrix.tocsr())
    sets = linked_sets(replace(links, shared=tuple(shared)))
    assert np.array_equal(sets[0].members, RING)
    assert len(sets[1].attributes) == 1


def test_no_set_comes_twice_and_their_number_is_limited() -> None:
    """Sets are distinct, ascending, and the first of them where fewer are asked for."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment", "client", "burst"))
    one.payment[RING] = one.device[RING]
    sets = linked_sets(links_of(one))
    members = [tuple(s.members) for s in sets]
    assert len(set(members)) == len(members) <= MOST_SETS
    assert all(list(rows) == sorted(set(rows)) for rows in members)
    few = linked_sets(links_of(one), most=3)
    assert [tuple(s.members) for s in few] == members[:3]


def test_names_of_accounts_and_values_do_not_matter() -> None:
    """Under other keys and other names of values, the sets are those of the same accounts."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment"))
    plain = linked_sets(links_of(one))
    rng = np.random.default_rng(6)
    keys = rng.permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    for name in ("home", "mobile", "device", "second", "payment", "client"):
        column = getattr(one, name)
        column += np.where(column >= 0, 17, 0)
    rows = np.argsort(keys)
    mixed = linked_sets(links_of(one, keys))
    assert {(s.attributes, tuple(s.members)) for s in plain} == {
        (s.attributes, tuple(np.sort(rows[s.members]))) for s in mixed
    }


def test_without_columns_there_are_no_sets() -> None:
    """A log that carries nothing has no linked accounts."""
    links = links_of(crowd(ACCOUNTS))
    assert linked_sets(replace(links, shared=())) == ()
