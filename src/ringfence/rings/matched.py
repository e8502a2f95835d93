"""Groups of accounts like a ring's but drawn at random: what independent accounts show."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.rings.collisions import Collisions, Members
from ringfence.rings.tail import LEAST_SHAPE, shape_of

GROUPS: Final = 200
"""Groups drawn: the variance is known within some 10 %, which the measured shape allows for."""

NEIGHBOURS: Final = 100
"""Each member is replaced by one of so many accounts with holdings of about its size, or more where
the group is large: of :data:`CHOICE` times its members."""

CHOICE: Final = 5


def measured_shape(
    collisions: Collisions, members: Members, suspected: Members, seed: int = 0
) -> float:
    """Return the shape of the law for groups like this one, drawn from all other accounts.

    Args:
        collisions: at the level at which the group is judged.
        members: the group; those drawn have as many accounts with holdings about as large.
        suspected: accounts that are not drawn: the members of all rings found.
        seed: of the drawing; the same gives the same shape.

    Returns:
        The shape, :data:`~ringfence.rings.tail.LEAST_SHAPE` where there are too few to draw from.
    """
    rng = np.random.default_rng(seed)
    others = np.setdiff1d(np.arange(collisions.items.size), suspected)
    order = others[np.argsort(collisions.items[others], kind="stable")]
    if order.size < max(NEIGHBOURS, 2 * members.size):
        return LEAST_SHAPE
    places = np.searchsorted(collisions.items[order], collisions.items[members])
    drawn = [_drawn(order, places, rng) for _ in range(GROUPS)]
    observed, expected = np.array([collisions.among(group) for group in drawn]).T
    return shape_of(observed, expected)


def _drawn(order: Members, places: Members, rng: np.random.Generator) -> Members:
    """Draw a neighbour in size for every place, no account twice."""
    width = min(max(NEIGHBOURS, CHOICE * places.size), order.size)
    low = np.clip(places - width // 2, 0, order.size - width)
    chosen = np.unique(low + rng.integers(0, width, places.size))
    near = np.arange(low.min(), low.max() + width)
    spare = rng.permutation(np.setdiff1d(near, chosen))
    rows: Members = order[np.concatenate([chosen, spare[: places.size - chosen.size]])]
    return rows
