"""Turn sets of accounts into rings: split them by size, and compute the p-value of each.

The p-value of a set is its lower tail probability under the null distribution measured on matched
controls, times the number of sets that the search could have found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.model.ring import LEVELS, MAX_RING_P_VALUE, MIN_MEMBERS, RING_TESTS, Ring
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.null_distribution import (
    index_of_dispersion,
    member_dispersion_k,
    set_dispersion_k,
)
from ringfence.rings.collision.sampling import SAMPLES
from ringfence.rings.collision.search import score_set
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Floats, Rows
from ringfence.stats.negative_binomial import log_lower_tail, log_lower_tail_bound

MAX_SIZE_RATIO: Final = 3.0
"""Two rings are separated where the next larger holding is more than this factor larger. Accounts
that one program runs hold about as much as each other, or anything in between."""


def split_by_size(members: Rows, item_counts: Floats) -> Iterator[Rows]:
    """Yield the parts of a set whose holdings are of clearly different sizes.

    Two rings that were told which slices the other takes never collide, and are found as one. Each
    part has at least :data:`~ringfence.model.ring.MIN_MEMBERS` members, and every member is in one
    part.

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

    Members of all sets are left out of the matched controls. When a set turns out to be no ring,
    the others are assessed again without it.
    """
    while found:
        excluded = np.concatenate(found)
        rings = [_assess(holdings, collisions, one, excluded, scopes) for one in found]
        significant = [ring.p_value <= MAX_RING_P_VALUE for ring in rings]
        if all(significant):
            return rings
        found = [members for members, keep in zip(found, significant, strict=True) if keep]
    return []


def _assess(
    holdings: Holdings, collisions: Collisions, members: Rows, excluded: Rows, scopes: SearchScopes
) -> Ring:
    """Return a set with its p-value, corrected for all sets, levels, samples and tests."""
    observed, expected = collisions.within(members)
    k = set_dispersion_k(collisions, members, excluded)
    dispersion = index_of_dispersion(collisions, members, excluded)
    penalty = scopes.log_penalty(members) + float(np.log(len(LEVELS) * len(RING_TESTS) * SAMPLES))
    each = np.column_stack([counts[members] for counts in collisions.with_set(members)])
    own_k = member_dispersion_k(collisions, members, scopes.most_suspicious)
    return Ring(
        keys=holdings.accounts[members],
        level=collisions.level,
        observed=observed,
        expected=expected,
        dispersion_k=k,
        log_p=log_lower_tail(observed, expected, k, dispersion) + penalty,
        shared_items=collisions.item_counts[members],
        member_collisions=each,
        member_log_p=log_lower_tail_bound(each[:, 0], each[:, 1], own_k),
        one_in=holdings.one_in,
        index_of_dispersion=dispersion,
    )
