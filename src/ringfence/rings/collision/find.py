"""Find the rings of a population by the items that their members do not share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from ringfence.model.ring import LEVELS, Level, Ring
from ringfence.rings.collision.assess import assess_sets, separate_rings
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import Holdings
from ringfence.rings.collision.reconcile import reconcile_levels
from ringfence.rings.collision.search import search
from ringfence.rings.collision.search_scopes import SearchScopes
from ringfence.stats.arrays import Keys, Rows
from ringfence.stats.sorted_keys import rows_of_keys

MIN_SHARED_ITEMS: Final = 10
"""An account is examined if it shares at least this many items with others."""

MAX_LEVELS_AT_ONCE: Final = 2
"""Levels that are searched at the same time. Most of the work is array arithmetic, which threads do
in parallel. With ten million holdings, each level needs a gigabyte of memory."""


def find_collision_rings(
    holdings: Holdings,
    order: Keys,
    linked: Sequence[Rows] = (),
    threads: int = MAX_LEVELS_AT_ONCE,
) -> tuple[Ring, ...]:
    """Return the rings of a population, most certain first.

    Every level is searched separately, and the results are reconciled
    (:func:`~ringfence.rings.collision.reconcile.reconcile_levels`). Meanwhile, BLAS has one thread
    in the whole process.

    Args:
        holdings: of all accounts, or of some.
        order: account keys, the most suspicious by their own evidence first. The order must not
            depend on collisions. Accounts that are not named come last.
        linked: rows of each set of linked accounts.
        threads: levels to search at the same time, at most :data:`MAX_LEVELS_AT_ONCE`.
    """
    places = _rows_in_order(holdings, order)
    examined = places[holdings.item_counts[places] >= MIN_SHARED_ITEMS]
    scopes = SearchScopes(places.size, examined, holdings.item_counts, linked)
    rings: list[Ring] = []
    at_level = partial(_find_at_level, holdings, scopes)
    # Matrices have at most some thousands of rows. BLAS with several threads would lose more time
    # waiting for them than it saves.
    with threadpool_limits(1, user_api="blas"):
        # Clusters are learned here, not in a thread, because that changes the process's warnings.
        levels = [level for level in LEVELS if holdings.category(level).any()]
        for found in _in_parallel(at_level, levels, min(threads, MAX_LEVELS_AT_ONCE)):
            rings = reconcile_levels(rings, found)
    return tuple(sorted(rings, key=lambda ring: ring.log_p))


def _in_parallel(
    at_level: Callable[[Callable[[], bool], Level], list[Ring]],
    levels: Sequence[Level],
    threads: int,
) -> Iterator[list[Ring]]:
    """Yield what is found at each level, in order; an interrupt waits for one scope at most."""
    stopped = Event()
    search_at = partial(at_level, lambda: not stopped.is_set())
    with ThreadPoolExecutor(threads) as executor:
        try:
            yield from executor.map(search_at, levels)
        except BaseException:
            stopped.set()
            raise


def _rows_in_order(holdings: Holdings, order: Keys) -> Rows:
    """Return the rows of all accounts in the given order."""
    first = rows_of_keys(holdings.accounts, order)
    rest = np.setdiff1d(np.arange(holdings.accounts.size), first)
    return np.concatenate([first, rest])


def _find_at_level(
    holdings: Holdings, scopes: SearchScopes, wanted: Callable[[], bool], level: Level
) -> list[Ring]:
    """Return the rings of one level."""
    collisions = Collisions.of(holdings, level)
    found = [
        ring
        for one in search(collisions, scopes, wanted)
        for ring in separate_rings(collisions, one.members, scopes)
    ]
    return assess_sets(holdings, collisions, found, scopes)
