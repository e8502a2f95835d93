"""Reconcile rings that share members but were found at different levels or in different samples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.model.ring import Ring

MIN_GROWTH: Final = 1.25
"""A ring replaces smaller ones if it has at least this many times their members."""

MIN_MORE_CERTAIN: Final = 1.15
"""A coarser ring is more certain if ln p is at least this many times that of the finer one. Coarser
levels expect more collisions of the same accounts, because they know less about tastes."""


def reconcile_levels(finer: Sequence[Ring], coarser: Sequence[Ring]) -> list[Ring]:
    """Add the rings of one more level to those of finer levels.

    Of rings that share members the finer one stays, because it knows more about tastes. A coarser
    ring replaces it if the coarser one is more certain and has the same members, or is more certain
    and larger by a quarter. Then the finer one was a piece of it.
    """
    kept = list(finer)
    for ring in coarser:
        shared = _sharing_members(kept, ring)
        same = len(shared) == 1 and np.array_equal(shared[0].keys, ring.keys)
        more_certain = all(ring.log_p < MIN_MORE_CERTAIN * one.log_p for one in shared)
        if more_certain and (same or _is_larger(ring, shared)):
            kept = [one for one in kept if one not in shared] + [ring]
    return kept


def reconcile_samples(of_some: Sequence[Ring], of_all: Sequence[Ring]) -> list[Ring]:
    """Add rings found among all accounts, with sampled items, to rings found among some accounts.

    A ring of all accounts replaces the rings of which it has most members, if it is larger by a
    quarter. Their p-values are not compared, because sampling weakens the evidence.
    """
    kept = list(of_some)
    for ring in of_all:
        shared = _sharing_members(kept, ring)
        has_most = all(2 * np.isin(one.keys, ring.keys).sum() > one.keys.size for one in shared)
        if has_most and _is_larger(ring, shared):
            kept = [one for one in kept if one not in shared] + [ring]
    return kept


def _is_larger(ring: Ring, shared: Sequence[Ring]) -> bool:
    return ring.keys.size >= MIN_GROWTH * sum(one.keys.size for one in shared)


def _sharing_members(rings: Sequence[Ring], ring: Ring) -> list[Ring]:
    """Return the rings that have members of this ring."""
    return [one for one in rings if np.isin(one.keys, ring.keys).any()]
