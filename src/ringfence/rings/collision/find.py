"""From holdings to rings: search at every level, then judge what was found."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Event
from typing import Final

import numpy as np
from threadpoolctl import threadpool_limits

from ringfence.model.ring import Level, Ring
from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.holdings import LEVELS, Holdings
from ringfence.rings.collision.matched_controls import bunching, measured_shape, own_shapes
from ringfence.rings.collision.pools import Pools
from ringfence.rings.collision.search import search, weighed
from ringfence.rings.collision.split import parts
from ringfence.rings.collision.tail import log_p_value, log_tail
from ringfence.stats.arrays import Keys, Rows

LEAST_ITEMS: Final = 10
"""Items an account must share with others to be looked at: fewer cannot tell."""

LARGER: Final = 1.25
"""So many times the members of its pieces a ring has to have to take their place."""

TESTS: Final = 2
"""Collisions and lockstep: a ring by either is one of two looks."""

VIEWS: Final = 2
"""Where there is too much to look at, there are two views of it, and a ring in either is one of two
looks; that is paid for where there is one view too."""

AT_ONCE: Final = 2
"""Levels that are searched at the same time: most of it is arithmetic on arrays, which threads do
side by side, and each has a gigabyte of its own where there are ten million holdings."""

WORTH_A_LOOK: Final = 0.05
"""A ring's p-value is that of any such group in the whole scan; above this it is none."""


def find_rings(
    holdings: Holdings, order: Keys, linked: Sequence[Rows] = (), threads: int = AT_ONCE
) -> tuple[Ring, ...]:
    """Find the rings of a population by what they do not have in common, most certain first.

    Every level is searched on its own. Of rings that share members the finer level's stands, which
    knows more of tastes, unless a coarser one's is more certain and has the same members, or is
    larger by a quarter: then the finer one was a piece of it. Meanwhile BLAS has one thread in the
    whole process.

    Args:
        holdings: of all accounts.
        order: account keys in an order that does not depend on collisions, those with the most
            evidence of their own first; accounts that are not named come last.
        linked: sets of linked accounts, rows of the holdings each.
        threads: levels that may be searched at the same time, :data:`AT_ONCE` at most.
    """
    places = _places(holdings, order)
    looked_at = places[holdings.items[places] >= LEAST_ITEMS]
    pools = Pools(places.size, looked_at, holdings.items, linked)
    # Here and not in a thread: clusters are learned now, with warnings of the process caught.
    levels = [level for level in LEVELS if holdings.kind(level).any()]
    rings: list[Ring] = []
    for found in _side_by_side(partial(_at, holdings, pools), levels, min(threads, AT_ONCE)):
        rings = _settled(rings, found)
    return tuple(sorted(rings, key=lambda ring: ring.log_p))


def _side_by_side(
    at: Callable[[Callable[[], bool], Level], list[Ring]], levels: Sequence[Level], threads: int
) -> Iterator[list[Ring]]:
    """Yield what is found at each level, in order; who interrupts waits for one pool at most."""
    given_up = Event()
    search_at = partial(at, lambda: not given_up.is_set())
    # Matrices have some thousands of rows at most: BLAS with threads of its own loses more waiting
    # for them than it saves.
    with threadpool_limits(1, user_api="blas"), ThreadPoolExecutor(threads) as executor:
        try:
            yield from executor.map(search_at, levels)
        except BaseException:
            given_up.set()
            raise


def _places(holdings: Holdings, order: Keys) -> Rows:
    """Return the rows of all accounts in the order given."""
    known = order[np.isin(order, holdings.accounts)]
    first = np.searchsorted(holdings.accounts, known)
    rest = np.setdiff1d(np.arange(holdings.accounts.size), first)
    return np.concatenate([first, rest])


def _at(holdings: Holdings, pools: Pools, wanted: Callable[[], bool], level: Level) -> list[Ring]:
    """Search at one level."""
    collisions = Collisions.of(holdings, level)
    found = [
        part
        for one in search(collisions, pools, wanted)
        for part in _told_apart(collisions, one.members, pools)
    ]
    return _weighty(holdings, collisions, found, pools)


def _told_apart(collisions: Collisions, members: Rows, pools: Pools) -> list[Rows]:
    """Split a ring in parts, if each has weight of its own; else it stays one."""
    apart = list(parts(members, collisions.items[members]))
    if all(weighed(collisions, part, pools).evidence > 0 for part in apart):
        return apart
    return [members]


def across_views(some: Sequence[Ring], everybody: Sequence[Ring]) -> list[Ring]:
    """Put rings found among all accounts, with items sampled, to those found among some accounts.

    A ring of all accounts takes the place of its pieces, whatever their certainty, which sampling
    takes from it: rings that it has most of, and is larger than by a quarter.
    """
    kept = list(some)
    for ring in everybody:
        shared = _sharing(kept, ring)
        most = all(2 * np.isin(one.keys, ring.keys).sum() > one.keys.size for one in shared)
        if most and ring.keys.size >= LARGER * sum(one.keys.size for one in shared):
            kept = [one for one in kept if one not in shared] + [ring]
    return kept


def _settled(finer: Sequence[Ring], rings: Sequence[Ring]) -> list[Ring]:
    """Put the rings of one more level to those of finer ones; see :func:`find_rings`."""
    kept = list(finer)
    for ring in rings:
        shared = _sharing(kept, ring)
        same = len(shared) == 1 and np.array_equal(shared[0].keys, ring.keys)
        larger = ring.keys.size >= LARGER * sum(one.keys.size for one in shared)
        more_certain = all(ring.log_p < one.log_p for one in shared)
        if more_certain and (same or larger):
            kept = [one for one in kept if one not in shared] + [ring]
    return kept


def _sharing(rings: Sequence[Ring], ring: Ring) -> list[Ring]:
    """Return those that have members of this ring."""
    return [one for one in rings if np.isin(one.keys, ring.keys).any()]


def _weighty(
    holdings: Holdings, collisions: Collisions, found: Sequence[Rows], pools: Pools
) -> list[Ring]:
    """Return the rings among sets; what has no weight is none, and does not bear on the others."""
    while found:
        suspected = np.concatenate(found)
        rings = [_judged(holdings, collisions, one, suspected, pools) for one in found]
        kept = [ring.p_value <= WORTH_A_LOOK for ring in rings]
        if all(kept):
            return rings
        found = [members for members, keep in zip(found, kept, strict=True) if keep]
    return []


def _judged(
    holdings: Holdings, collisions: Collisions, members: Rows, suspected: Rows, pools: Pools
) -> Ring:
    """Say how rare a set of accounts is, at the price of having looked for it at every level."""
    observed, expected = collisions.among(members)
    shape = measured_shape(collisions, members, suspected)
    bunches = bunching(collisions, members, suspected)
    price = pools.log_price(members) + float(np.log(len(LEVELS) * TESTS * VIEWS))
    toward = np.column_stack([each[members] for each in collisions.toward(members)])
    own = own_shapes(collisions, members, pools.most_suspicious)
    return Ring(
        holdings.accounts[members],
        collisions.level,
        observed,
        expected,
        shape,
        log_p_value(observed, expected, shape, bunches) + price,
        collisions.items[members],
        toward,
        log_tail(toward[:, 0], toward[:, 1], own),
        holdings.one_in,
        bunches,
    )
