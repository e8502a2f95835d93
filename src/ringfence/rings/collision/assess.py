"""Turn sets of accounts into rings: split them by size, and keep those with small p-values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.model.ring import MAX_RING_P_VALUE, MIN_MEMBERS, Ring
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.p_values import RingAssessor
from ringfence.rings.collision.search import score_set
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Floats, Rows

MAX_SIZE_RATIO: Final = 3.0
"""Two rings are separated where the next larger holding is more than this factor larger. Accounts
that one program runs hold about as much as each other, or anything in between."""


def split_by_size(members: Rows, item_counts: Floats) -> Iterator[Rows]:
    """Yield the parts of a set whose holdings are of clearly different sizes.

    Two rings whose programs coordinate never collide, and are found as one set. Each part has at
    least :data:`~ringfence.model.ring.MIN_MEMBERS` members, and every member is in one part.

    Args:
        members: rows of the accounts.
        item_counts: (members,) items that each holds.
    """
    order = np.argsort(item_counts, kind="stable")
    sizes = np.maximum(item_counts[order], 1.0)
    gaps = np.flatnonzero(sizes[1:] > MAX_SIZE_RATIO * sizes[:-1]) + 1
    start = 0
    for gap in gaps:
        if gap - start >= MIN_MEMBERS and order.size - gap >= MIN_MEMBERS:
            yield np.sort(members[order[start:gap]])
            start = int(gap)
    yield np.sort(members[order[start:]])


def separate_rings(collisions: Collisions, members: Rows, scopes: SearchScopes) -> list[Rows]:
    """Return the parts of a set if each has a positive score of its own; else the set."""
    parts = list(split_by_size(members, collisions.item_counts[members]))
    if all(score_set(collisions, part, scopes).score > 0 for part in parts):
        return parts
    return [members]


def assess_sets(
    holdings: Holdings, collisions: Collisions, found: Sequence[Rows], scopes: SearchScopes
) -> list[Ring]:
    """Return the sets that are rings by their p-values.

    Members of all sets are excluded from the controls. If a set turns out not to be a ring, the
    other sets are assessed again without it.
    """
    assessor = RingAssessor(holdings, collisions, scopes)
    while found:
        excluded = np.concatenate(found)
        rings = [assessor.assess(one, excluded) for one in found]
        significant = [ring.p_value <= MAX_RING_P_VALUE for ring in rings]
        if all(significant):
            return rings
        found = [members for members, keep in zip(found, significant, strict=True) if keep]
    return []
