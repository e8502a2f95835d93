"""Groups of accounts like a ring's but drawn at random: what independent accounts show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ringfence.rings.collisions import Collisions, Floats, Members
from ringfence.rings.tail import LARGEST_SHAPE, LEAST_SHAPE, lower_shape_of, shape_of

GROUPS: Final = 200
"""Groups drawn: the variance is known within some 10 %, which the measured shape allows for."""

NEIGHBOURS: Final = 100
"""Each member is replaced by one of so many accounts with holdings of about its size, or more where
the group is large: of :data:`CHOICE` times its members."""

CHOICE: Final = 5

LEAST_OTHERS: Final = 40
"""Fewer other accounts say nothing of the law."""

OWN: Final = 100
"""Groups drawn for the dispersion of single accounts."""


def measured_shape(
    collisions: Collisions, members: Members, suspected: Members, seed: int = 0
) -> float:
    """Return the shape of the law for groups like this one, drawn from all other accounts.

    Args:
        collisions: at the level at which the group is judged.
        members: the group; those drawn have as many accounts with holdings about as large. Where
            there are fewer others than twice the group, half of the others: smaller groups vary
            more, and their shape is to the safe side.
        suspected: accounts that are not drawn: the members of all rings found.
        seed: of the drawing; the same gives the same shape.

    Returns:
        The shape, :data:`~ringfence.rings.tail.LEAST_SHAPE` where there are too few to draw from.
    """
    drawn = list(_groups(collisions, members, suspected, GROUPS, seed))
    if not drawn:
        return LEAST_SHAPE
    observed, expected = np.array([collisions.among(group) for group in drawn]).T
    others = collisions.items.size - np.unique(suspected).size
    return shape_of(observed, expected, (others / drawn[0].size) ** 2)


def own_shapes(collisions: Collisions, members: Members, odd: Members, seed: int = 0) -> Floats:
    """Return (members,) the shape of each one's collisions with groups as large as this one.

    The odd are not drawn: whoever takes everything, or the same slices, would make everybody's
    collisions vary. :data:`~ringfence.rings.tail.LARGEST_SHAPE` where there are too few accounts
    to draw from: then nothing is known of anybody.
    """
    drawn = list(_groups(collisions, members, np.union1d(members, odd), OWN, seed))
    if not drawn:
        return np.full(members.size, LARGEST_SHAPE)
    observed, expected = collisions.toward_each(drawn, members)
    return np.array([lower_shape_of(*pair) for pair in zip(observed.T, expected.T, strict=True)])


def _groups(
    collisions: Collisions, members: Members, suspected: Members, many: int, seed: int
) -> Iterator[Members]:
    """Draw groups of as many other accounts, no account twice in one; none where too few are."""
    rng = np.random.default_rng(seed)
    others = collisions.items.size - np.union1d(members, suspected).size
    if others < LEAST_OTHERS:
        return
    by_size = members[np.argsort(collisions.items[members], kind="stable")]
    wanted = np.linspace(0, members.size - 1, min(members.size, others // 2)).astype(np.intp)
    order, low, width = _neighbourhood(collisions.items, by_size[wanted], suspected)
    for _ in range(many):
        yield _drawn(order, low, width, rng)


def _neighbourhood(
    items: Floats, members: Members, suspected: Members
) -> tuple[Members, Members, int]:
    """Return others by size, and for each member where its neighbours in size begin; how many."""
    others = np.setdiff1d(np.arange(items.size), suspected)
    order = others[np.argsort(items[others], kind="stable")]
    places = np.searchsorted(items[order], items[members])
    width = min(max(NEIGHBOURS, CHOICE * members.size), order.size)
    return order, np.clip(places - width // 2, 0, order.size - width), width


def _drawn(order: Members, low: Members, width: int, rng: np.random.Generator) -> Members:
    """Draw a neighbour in size for every place, no account twice."""
    chosen = np.unique(low + rng.integers(0, width, low.size))
    near = np.arange(low.min(), low.max() + width)
    spare = rng.permutation(np.setdiff1d(near, chosen))
    rows: Members = order[np.concatenate([chosen, spare[: low.size - chosen.size]])]
    return rows
