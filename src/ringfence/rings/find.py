"""From holdings to rings: search at every level, then judge what was found."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.rings.collisions import Collisions, Floats, Level, Members
from ringfence.rings.holdings import Holdings, Keys
from ringfence.rings.matched import measured_shape
from ringfence.rings.parts import parts
from ringfence.rings.ring import Ring
from ringfence.rings.search import search
from ringfence.rings.tail import log_price_of, log_tail

LEAST_ITEMS: Final = 10
"""Items an account must share with others to be looked at: fewer cannot tell."""

WORTH_A_LOOK: Final = 0.05
"""A ring's p-value is that of any such group in the whole scan; above this it is none."""

LEVELS: Final[tuple[Level, ...]] = ("group", "global")
"""From fine to coarse; what a finer level found, a coarser one is not asked about again."""


def find_rings(holdings: Holdings, order: Keys) -> tuple[Ring, ...]:
    """Find the rings of a population, most certain first.

    Args:
        holdings: of all accounts.
        order: account keys in an order that does not depend on collisions, those with the most
            evidence of their own first; accounts that are not named come last.
    """
    places = _places(holdings, order)
    looked_at = places[holdings.items[places] >= LEAST_ITEMS]
    grouped = int(holdings.group.max(initial=0)) > 0
    rings: list[Ring] = []
    for level in LEVELS if grouped else LEVELS[1:]:
        known = np.concatenate([np.zeros(0, np.uint64), *(ring.keys for ring in rings)])
        free = looked_at[~np.isin(holdings.accounts[looked_at], known)]
        rings += _at(level, holdings, free, places)
    return tuple(sorted(rings, key=lambda ring: ring.log_p))


def _places(holdings: Holdings, order: Keys) -> Members:
    """Return the rows of all accounts in the order given."""
    known = order[np.isin(order, holdings.accounts)]
    first = np.searchsorted(holdings.accounts, known)
    rest = np.setdiff1d(np.arange(holdings.accounts.size), first)
    return np.concatenate([first, rest])


def _at(level: Level, holdings: Holdings, among: Members, places: Members) -> list[Ring]:
    """Search at one level; what has no weight is no ring, and does not bear on the others."""
    collisions = Collisions.of(holdings, level)
    rank = np.empty(places.size)
    rank[places] = np.arange(places.size)
    found = [
        part
        for one in search(collisions, among)
        for part in parts(one.members, collisions.items[one.members])
    ]
    while found:
        suspected = np.concatenate(found)
        rings = [_judged(holdings, collisions, one, suspected, rank) for one in found]
        kept = [ring.p_value <= WORTH_A_LOOK for ring in rings]
        if all(kept):
            return rings
        found = [members for members, keep in zip(found, kept, strict=True) if keep]
    return []


def _judged(
    holdings: Holdings, collisions: Collisions, members: Members, suspected: Members, rank: Floats
) -> Ring:
    """Say how rare a set of accounts is, at the price of having looked for it at every level."""
    observed, expected = collisions.among(members)
    shape = measured_shape(collisions, members, suspected)
    price = log_price_of(rank[members], rank.size) + float(np.log(len(LEVELS)))
    return Ring(
        holdings.accounts[members],
        collisions.level,
        observed,
        expected,
        shape,
        float(log_tail(observed, expected, shape)) + price,
        collisions.items[members],
        np.column_stack([each[members] for each in collisions.toward(members)]),
        holdings.one_in,
    )
