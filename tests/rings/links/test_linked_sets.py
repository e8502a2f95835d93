"""Linked sets: rings that share a value are in one, and popular values make none."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tests.rings.linked_accounts import attributes_of, crowd, with_ring

from ringfence.lab.simulate.attacks import PlantedLink
from ringfence.lab.simulate.attributes import TOGETHER
from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.links.linked_sets import (
    MAX_SET_SIZE,
    MAX_SETS,
    POPULAR_SHARE,
    find_linked_sets,
)

ACCOUNTS = 6_000
RING = np.arange(3_000, 3_200)


@pytest.mark.parametrize("link", ["burst", "network", "device", "payment", "client"])
def test_linked_accounts_are_a_set(link: PlantedLink) -> None:
    """Accounts of a ring that share a value are a set, with hardly anybody else in it."""
    sets = find_linked_sets(attributes_of(with_ring(crowd(ACCOUNTS), RING, (link,))))
    size = min(TOGETHER[link], RING.size)
    for start in range(0, RING.size, size):
        part = RING[start : start + size]
        best = max(sets, key=lambda one: np.isin(one.members, part).sum() / one.members.size)
        assert np.isin(part, best.members).mean() > 0.94
        assert best.members.size <= 1.15 * part.size


def test_values_with_the_same_holders_are_united() -> None:
    """Devices, cards and networks that overlap make one set of the whole ring; it comes first."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment"))
    first = find_linked_sets(attributes_of(one))[0]
    assert first.attributes == ("device", "payment", "network")
    assert np.array_equal(first.members, RING)


def test_values_are_united_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sets come out whether pairs of values are counted together or a few at a time."""
    links = attributes_of(with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment")))
    whole = find_linked_sets(links)
    monkeypatch.setattr("ringfence.rings.links.linked_sets.PAIRS_AT_ONCE", 50)
    parts = find_linked_sets(links)
    assert [one.attributes for one in parts] == [one.attributes for one in whole]
    assert all(np.array_equal(a.members, b.members) for a, b in zip(parts, whole, strict=True))


def test_honest_accounts_make_few_sets() -> None:
    """Campuses, mobile networks and clients of users are sets if small enough; none is united."""
    one = crowd(ACCOUNTS)
    sets = find_linked_sets(attributes_of(one))
    assert {s.attributes for s in sets} <= {("network",), ("client",), ("sign-up",)}
    assert len(sets) < 25
    limit = min(MAX_SET_SIZE, POPULAR_SHARE * ACCOUNTS)
    assert all(MIN_MEMBERS <= s.members.size <= limit for s in sets)
    popular = np.flatnonzero(np.bincount(one.client) > limit)
    assert not any(np.all(one.client[s.members] == c) for s in sets for c in popular)


def test_accounts_with_many_networks_unite_nothing() -> None:
    """Accounts that change networks every hour do not join the rings whose networks they met."""
    one = crowd(ACCOUNTS)
    one.home[:600] = 1_000 + np.arange(600) // 6
    links = attributes_of(with_ring(one, RING, ("network", "device", "payment")))
    (place,) = (n for n, matrix in enumerate(links.matrices) if matrix.attribute == "network")
    matrix = links.matrices[place].matrix.tolil()
    matrix[4_000:4_005] = 1
    matrices = list(links.matrices)
    matrices[place] = replace(matrices[place], matrix=matrix.tocsr())
    sets = find_linked_sets(replace(links, matrices=tuple(matrices)))
    assert np.array_equal(sets[0].members, RING)
    assert len(sets[1].attributes) == 1


def test_sets_are_distinct_and_limited() -> None:
    """Sets are distinct and ascending; with a limit, the first ones are returned."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment", "client", "burst"))
    one.payment[RING] = one.device[RING]
    sets = find_linked_sets(attributes_of(one))
    members = [tuple(s.members) for s in sets]
    assert len(set(members)) == len(members) <= MAX_SETS
    assert all(list(rows) == sorted(set(rows)) for rows in members)
    few = find_linked_sets(attributes_of(one), max_sets=3)
    assert [tuple(s.members) for s in few] == members[:3]


def test_renaming_changes_nothing() -> None:
    """With other keys and other names of values, the sets have the same accounts."""
    one = with_ring(crowd(ACCOUNTS), RING, ("network", "device", "payment"))
    plain = find_linked_sets(attributes_of(one))
    rng = np.random.default_rng(6)
    keys = rng.permutation(np.arange(1, ACCOUNTS + 1)).astype(np.uint64)
    for name in ("home", "mobile", "device", "second", "payment", "client"):
        column = getattr(one, name)
        column += np.where(column >= 0, 17, 0)
    rows = np.argsort(keys)
    mixed = find_linked_sets(attributes_of(one, keys))
    assert {(s.attributes, tuple(s.members)) for s in plain} == {
        (s.attributes, tuple(np.sort(rows[s.members]))) for s in mixed
    }


def test_without_columns_there_are_no_sets() -> None:
    """A log without attributes has no linked accounts."""
    links = attributes_of(crowd(ACCOUNTS))
    assert find_linked_sets(replace(links, matrices=())) == ()
