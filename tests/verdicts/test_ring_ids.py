"""Ids of rings: they stay while a ring grows, shrinks or splits, and no two are the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from tests.verdicts.scored import a_ring, honest

from ringfence.model.ring import Ring
from ringfence.verdicts.ring_ids import ring_ids

JUDGED = honest(np.random.default_rng(0))


def ring(members: Sequence[int]) -> Ring:
    """Make a ring of these accounts."""
    rows = np.array(sorted(members))
    return replace(a_ring(JUDGED, rows), keys=rows.astype(np.uint64))


def named(rings: Sequence[Sequence[int]], known: dict[str, Sequence[int]]) -> list[str]:
    """Name rings of these accounts, whose names are their numbers."""
    keys = {name: np.array(sorted(members), np.uint64) for name, members in known.items()}
    return ring_ids([ring(r) for r in rings], [[str(n) for n in r] for r in rings], keys)


def test_a_growing_ring_keeps_its_id() -> None:
    """Accounts that joined, older ones among them, and one that left change nothing."""
    assert named([[1, 2, 3, *range(5, 40)]], {"ring-old": range(4, 24)}) == ["ring-old"]


def test_a_new_ring_has_an_id_of_its_own() -> None:
    """Made from its first account: another first account makes another."""
    first, second = named([range(10), range(20, 30)], {})
    assert first.startswith("ring-")
    assert first != second
    assert named([range(20, 35)], {}) == [second]


def test_less_than_half_is_another_ring() -> None:
    """Seven of ten accounts seen in a ring of forty do not make it the same; eight do."""
    known = {"ring-old": range(40)}
    assert named([[*range(33, 40), *range(100, 103)]], known) != ["ring-old"]
    assert named([[*range(32, 40), *range(100, 102)]], known) == ["ring-old"]


def test_half_of_a_known_ring_goes_on_however_many_join() -> None:
    """Five of ten known accounts in a ring of sixty keep the id, four do not."""
    known = {"ring-old": range(10)}
    assert named([[*range(5), *range(100, 155)]], known) == ["ring-old"]
    assert named([[*range(4), *range(100, 156)]], known) != ["ring-old"]


def test_there_is_always_an_id_left() -> None:
    """Even where every account's own id is taken."""
    taken = {named([[n, *range(50, 57)]], {})[0]: range(900 + n, 990) for n in (1, 2, 3)}
    (left,) = named([[1, 2, 3]], taken)
    assert left not in taken


def test_of_two_parts_the_larger_keeps_the_id() -> None:
    """A ring that is told apart in two: the part with more of the old members goes on from it."""
    small, large = named([range(10), range(10, 40)], {"ring-old": range(40)})
    assert large == "ring-old"
    assert small != "ring-old"


def test_ids_are_not_given_twice() -> None:
    """A new ring that begins with an old one's first account takes its id from the next."""
    (before,) = named([[1, *range(50, 60)]], {})
    taken = {before: range(50, 90)}
    assert named([[1, *range(2, 20)]], taken) == named([[2, *range(3, 20)]], {})


@given(st.lists(st.sets(st.integers(0, 60), min_size=8), min_size=1, max_size=5))
def test_all_ids_differ(groups: list[set[int]]) -> None:
    """However rings overlap with each other and with those known before."""
    known = {"ring-a": range(20), "ring-b": range(15, 45)}
    ids = named([sorted(group) for group in groups], known)
    assert len(set(ids)) == len(groups)
