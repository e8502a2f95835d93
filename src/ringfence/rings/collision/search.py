"""Search for rings at one level: disjoint sets of accounts with far too few collisions.

The search examines one scope after the other (:mod:`ringfence.rings.collision.search_scopes`):

1. The most suspicious accounts, from dozens to thousands: single accounts of a ring are at least
   slightly unusual. Rings found at one depth may get more members at the next.
2. Accounts that hold about the same number of items, and linked accounts.
3. Within a scope, the best candidate set is found (:mod:`ringfence.rings.collision.candidates`).
   Then every account of the scan is tested for membership
   (:mod:`ringfence.rings.collision.membership`). The ring is taken out, and the search goes on
   until no set outweighs its multiplicity penalty.
4. At the end, rings that score better together than apart are merged.

All counts enter as sums over pairs, so names and order of accounts and items do not matter. The
search fails for rings whose members are a small part of every scope.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile
from typing import Final

import numpy as np

from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.collision.candidates import best_candidates
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.division import best_rate, log_likelihood_ratio
from ringfence.rings.collision.membership import determine_members
from ringfence.rings.collision.pairs import Candidate, PairCounts
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Flags, Rows

EIGENVECTORS: Final = 4
"""Leading eigenvectors used in a scope."""

MAX_RINGS: Final = 50
"""Rings searched for in one scope at most."""


def search(
    collisions: Collisions, scopes: SearchScopes, wanted: Callable[[], bool] = lambda: True
) -> tuple[Candidate, ...]:
    """Return disjoint sets that have far fewer collisions than expected, best score first.

    Args:
        collisions: at one level of strata.
        scopes: where to search. All other accounts are only asked whether they belong to a set.
        wanted: called before each scope; the search stops when it returns False.
    """

    def while_wanted(some: Iterable[Rows]) -> Iterator[Rows]:
        return takewhile(lambda _: wanted(), some)

    free = np.ones(scopes.rank.size, dtype=bool)
    found: list[Candidate] = []
    deepest = PairCounts.of(collisions, tuple(scopes.depths())[-1])
    for rows in while_wanted(scopes.depths()):
        found = [
            _extend(
                collisions, one, deepest.rows_that_would_join(one, rows.size, free), free, scopes
            )
            for one in found
        ]
        pairs = deepest.at(np.flatnonzero(free[rows]))
        found += _search_scope(collisions, pairs, free, scopes, EIGENVECTORS)
    for rows in while_wanted(scopes.same_size()):
        pairs = PairCounts.of(collisions, rows[free[rows]])
        found += _search_scope(collisions, pairs, free, scopes, EIGENVECTORS)
    for rows in while_wanted(scopes.linked()):
        pairs = PairCounts.of(collisions, rows[free[rows]])
        found += _search_scope(collisions, pairs, free, scopes, 0)
    return tuple(sorted(merge_pieces(collisions, found, scopes), key=lambda one: -one.score))


def score_set(collisions: Collisions, members: Rows, scopes: SearchScopes) -> Candidate:
    """Return a set with its score, at the rate at which its log-likelihood ratio is largest."""
    observed, expected = collisions.within(members)
    rate = best_rate(observed, expected)
    ratio = float(log_likelihood_ratio(observed, expected, rate))
    return Candidate(members, rate, ratio - scopes.log_penalty(members))


def merge_pieces(
    collisions: Collisions, found: Sequence[Candidate], scopes: SearchScopes
) -> Iterator[Candidate]:
    """Yield the sets, after merging those that score better together than apart.

    A large ring may be found in several pieces, each in another scope. An account that fits one
    piece but not the whole leaves.
    """
    nobody = np.zeros(scopes.rank.size, dtype=bool)
    left = sorted(found, key=lambda one: -one.score)
    while left:
        first = whole = left.pop(0)
        for other in tuple(left):
            union = score_set(collisions, np.union1d(whole.members, other.members), scopes)
            if union.score > whole.score + other.score:
                whole = union
                left.remove(other)
        completed = None if whole is first else _complete(collisions, whole, nobody, scopes)
        yield completed or whole


def _search_scope(
    collisions: Collisions, pairs: PairCounts, free: Flags, scopes: SearchScopes, vectors: int
) -> Iterator[Candidate]:
    """Yield rings of free accounts, best score first; their members are free no more."""
    for _ in range(MAX_RINGS):
        best = best_candidates(pairs, vectors)
        if not best:
            break
        completed = (_complete(collisions, one, free, scopes) for one in best)
        whole = next((one for one in completed if one), None)
        if whole:
            free[whole.members] = False
            yield whole
        left = free[pairs.rows] & ~np.isin(pairs.rows, best[0].members)
        pairs = pairs.at(np.flatnonzero(left))


def _complete(
    collisions: Collisions, one: Candidate, free: Flags, scopes: SearchScopes
) -> Candidate | None:
    """Test all accounts for a set; return the ring, or None if its penalty outweighs it."""
    members = determine_members(collisions, one.members, one.rate, free, scopes)
    if members.size < MIN_MEMBERS:
        return None
    whole = score_set(collisions, members, scopes)
    return whole if whole.score > 0 else None


def _extend(
    collisions: Collisions, ring: Candidate, more: Rows, free: Flags, scopes: SearchScopes
) -> Candidate:
    """Add accounts to a ring; return it unchanged if that does not improve its score."""
    if not more.size:
        return ring
    wider = replace(ring, members=np.union1d(ring.members, more))
    whole = _complete(collisions, wider, free, scopes)
    if not whole or whole.score <= ring.score:
        return ring
    free[ring.members] = True
    free[whole.members] = False
    return whole
