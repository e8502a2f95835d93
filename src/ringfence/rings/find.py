"""From holdings to rings: search at every level, then judge what was found."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.rings.collisions import Collisions, Members
from ringfence.rings.holdings import LEVELS, Holdings, Keys, Level
from ringfence.rings.matched import measured_shape
from ringfence.rings.parts import parts
from ringfence.rings.pools import Pools
from ringfence.rings.ring import Ring
from ringfence.rings.search import merged, search, weighed
from ringfence.rings.tail import log_p_value

LEAST_ITEMS: Final = 10
"""Items an account must share with others to be looked at: fewer cannot tell."""

WORTH_A_LOOK: Final = 0.05
"""A ring's p-value is that of any such group in the whole scan; above this it is none."""


def find_rings(holdings: Holdings, order: Keys, linked: Sequence[Members] = ()) -> tuple[Ring, ...]:
    """Find the rings of a population by what they do not have in common, most certain first.

    What a finer level found is asked about again at coarser ones: it may be a piece of a larger
    ring there, or have more weight.

    Args:
        holdings: of all accounts.
        order: account keys in an order that does not depend on collisions, those with the most
            evidence of their own first; accounts that are not named come last.
        linked: sets of linked accounts, rows of the holdings each.
    """
    places = _places(holdings, order)
    looked_at = places[holdings.items[places] >= LEAST_ITEMS]
    rings: list[Ring] = []
    for level in LEVELS:
        if not holdings.kind(level).any():
            continue
        known = _rows(holdings, rings)
        pools = Pools(places.size, looked_at[~np.isin(looked_at, known)], linked)
        rings = _at(level, holdings, pools, rings)
    return tuple(sorted(rings, key=lambda ring: ring.log_p))


def _places(holdings: Holdings, order: Keys) -> Members:
    """Return the rows of all accounts in the order given."""
    known = order[np.isin(order, holdings.accounts)]
    first = np.searchsorted(holdings.accounts, known)
    rest = np.setdiff1d(np.arange(holdings.accounts.size), first)
    return np.concatenate([first, rest])


def _rows(holdings: Holdings, rings: Sequence[Ring]) -> Members:
    """Return the rows of all members of some rings."""
    keys = np.concatenate([np.zeros(0, np.uint64), *(ring.keys for ring in rings)])
    return np.searchsorted(holdings.accounts, keys)


def _at(level: Level, holdings: Holdings, pools: Pools, before: Sequence[Ring]) -> list[Ring]:
    """Search at one level, and return the rings known then."""
    collisions = Collisions.of(holdings, level)
    known = [np.sort(_rows(holdings, [ring])) for ring in before]
    pieces = [
        *search(collisions, pools, _rows(holdings, before)),
        *(weighed(collisions, members, pools) for members in known),
    ]
    found = [
        part
        for one in merged(collisions, pieces, pools)
        for part in parts(one.members, collisions.items[one.members])
    ]
    rings = _weighty(holdings, collisions, found, pools)
    return _settled(before, rings)


def _settled(before: Sequence[Ring], rings: Sequence[Ring]) -> list[Ring]:
    """Of rings with the same members keep the more certain; of others those that are new."""
    old = {ring.keys.tobytes(): ring for ring in before}
    best = [min(ring, old.get(ring.keys.tobytes(), ring), key=lambda r: r.log_p) for ring in rings]
    keys = np.concatenate([np.zeros(0, np.uint64), *(ring.keys for ring in best)])
    return [*best, *(ring for ring in before if not np.isin(ring.keys, keys).any())]


def _weighty(
    holdings: Holdings, collisions: Collisions, found: Sequence[Members], pools: Pools
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
    holdings: Holdings, collisions: Collisions, members: Members, suspected: Members, pools: Pools
) -> Ring:
    """Say how rare a set of accounts is, at the price of having looked for it at every level."""
    observed, expected = collisions.among(members)
    shape = measured_shape(collisions, members, suspected)
    price = pools.log_price(members) + float(np.log(len(LEVELS)))
    return Ring(
        holdings.accounts[members],
        collisions.level,
        observed,
        expected,
        shape,
        log_p_value(observed, expected, shape) + price,
        collisions.items[members],
        np.column_stack([each[members] for each in collisions.toward(members)]),
        holdings.one_in,
    )
