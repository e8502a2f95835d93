"""Rings that share members, found at different levels or in different samples."""

from __future__ import annotations

import numpy as np

from ringfence.model.ring import Ring
from ringfence.rings.collision.reconcile import reconcile_levels, reconcile_samples


def found_ring(first: int, last: int, log_p: float) -> Ring:
    """Return a ring of accounts numbered from first to last."""
    keys = np.arange(first, last, dtype=np.uint64)
    none = np.zeros(keys.size)
    return Ring(keys, "group", 0.0, 99.0, 1e6, log_p, none, np.zeros((keys.size, 2)), none)


def test_a_ring_of_all_accounts_replaces_its_pieces() -> None:
    """A ring of a thousand replaces a more certain one of thirty of them."""
    piece, whole, other = (
        found_ring(0, 30, -500.0),
        found_ring(0, 1_000, -60.0),
        found_ring(2_000, 2_040, -80.0),
    )
    assert reconcile_samples([piece, other], [whole]) == [other, whole]


def test_a_smaller_ring_of_all_accounts_replaces_nothing() -> None:
    """The larger version of a ring stays, and rings that share a few members are two."""
    whole, part, beside = (
        found_ring(0, 40, -500.0),
        found_ring(5, 38, -600.0),
        found_ring(35, 95, -70.0),
    )
    assert reconcile_samples([whole], [part]) == [whole]
    assert reconcile_samples([whole], [beside]) == [whole]
    assert reconcile_samples([whole], [found_ring(90, 130, -70.0)])[0] is whole
    assert len(reconcile_samples([whole], [found_ring(90, 130, -70.0)])) == 2


def test_a_finer_ring_stays() -> None:
    """A coarser ring that is less certain replaces nothing, however large it is."""
    fine, coarse = found_ring(0, 40, -90.0), found_ring(0, 400, -80.0)
    assert reconcile_levels([fine], [coarse]) == [fine]


def test_a_more_certain_and_larger_ring_replaces_a_finer_one() -> None:
    """The coarser ring needs a quarter more members than all rings that it replaces."""
    pieces = [found_ring(0, 20, -50.0), found_ring(20, 40, -60.0)]
    assert reconcile_levels(pieces, [found_ring(0, 49, -70.0)]) == pieces
    whole = found_ring(0, 50, -70.0)
    assert reconcile_levels(pieces, [whole]) == [whole]


def test_the_more_certain_of_two_equal_rings_stays() -> None:
    """A coarser ring with the same members replaces the finer one if it is more certain."""
    fine, surer, less = (found_ring(0, 40, log_p) for log_p in (-50.0, -60.0, -40.0))
    assert reconcile_levels([fine], [surer]) == [surer]
    assert reconcile_levels([fine], [less]) == [fine]


def test_a_coarser_ring_that_is_hardly_more_certain_replaces_nothing() -> None:
    """The finer level knows more about tastes, and expects fewer collisions."""
    fine = found_ring(0, 40, -50.0)
    assert reconcile_levels([fine], [found_ring(0, 40, -55.0)]) == [fine]


def test_rings_without_common_members_all_stay() -> None:
    """Disjoint rings of several levels are separate findings."""
    fine, coarse = found_ring(0, 40, -50.0), found_ring(40, 60, -10.0)
    assert reconcile_levels([fine], [coarse]) == [fine, coarse]
    assert reconcile_samples([fine], [coarse]) == [fine, coarse]
