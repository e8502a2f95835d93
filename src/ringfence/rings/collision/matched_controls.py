"""Groups of accounts like a ring's but drawn at random: what independent accounts show."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

import numpy as np

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.tail import LARGEST_SHAPE, LEAST_SHAPE, lower_shape_of, raised
from ringfence.stats.arrays import Floats, Rows

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

SINGLE: Final = 400
"""Single accounts drawn, about, to see in what bunches collisions come."""

LEAST_EXPECTED: Final = 1e-9
"""Keeps a ratio finite where nothing is expected: nothing is found there either."""


def measured_shape(collisions: Collisions, members: Rows, suspected: Rows, seed: int = 0) -> float:
    """Return the shape of the law for groups like this one, drawn from all other accounts.

    Args:
        collisions: at the level at which the group is scored.
        members: the group; those drawn have as many accounts with holdings about as large. Where
            there are fewer others than twice the group, half of the others: smaller groups vary
            more, and their shape is to the safe side.
        suspected: accounts that are not drawn: the members of all rings found.
        seed: of the drawing; the same gives the same shape.

    Returns:
        The shape, :data:`~ringfence.rings.collision.tail.LEAST_SHAPE` where there are too few to
        draw from.
    """
    alike = groups_like(collisions.size, collisions.by_size, members, suspected, seed)
    drawn = list(islice(alike, GROUPS))
    if not drawn:
        return LEAST_SHAPE
    observed, expected = np.array([collisions.among(group) for group in drawn]).T
    others = collisions.items.size - np.union1d(members, suspected).size
    return lower_shape_of(observed, expected, (others / drawn[0].size) ** 2)


def bunching(collisions: Collisions, members: Rows, suspected: Rows, seed: int = 0) -> float:
    """Return the variance over the mean of members' collisions with single others, at least 1.

    Who takes runs of items (albums, series, volumes) has a whole run in common with another, or
    nothing: expected collisions are the same, and none at all is less rare. The index of dispersion
    of a compound Poisson count is at least the mean size of what comes together: with sizes c it is
    E[c²] / E[c] ≥ E[c]. Raised by the standard errors that it is uncertain by; what single pairs
    differ by in tastes is in it too, to the safe side.

    Args:
        collisions: at the level at which the group is scored.
        members: the group.
        suspected: accounts that are no others: the members of all rings found.
        seed: of the drawing of others, of whom as much is expected as of the members.
    """
    tastes = collisions.toward(members)[1]
    ranked = np.argsort(tastes, kind="stable")
    apart = np.union1d(suspected, collisions.hubs)
    alike = groups_like(tastes, ranked, members, apart, seed)
    groups = list(islice(alike, -(-SINGLE // members.size)))
    if not groups:
        return 1.0
    observed, expected = collisions.between(members, np.unique(np.concatenate(groups)))
    squares = raised(((observed - expected) ** 2).sum(axis=0))
    return max(squares / max(float(expected.sum(axis=0).mean()), LEAST_EXPECTED), 1.0)


def own_shapes(collisions: Collisions, members: Rows, odd: Rows, seed: int = 0) -> Floats:
    """Return (members,) the shape of each one's collisions with groups as large as this one.

    The odd are not drawn: whoever takes everything, or the same slices, would make everybody's
    collisions vary. :data:`~ringfence.rings.collision.tail.LARGEST_SHAPE` where there are too few
    accounts to draw from: then nothing is known of anybody.
    """
    drawn = list(islice(groups_like(collisions.size, collisions.by_size, members, odd, seed), OWN))
    if not drawn:
        return np.full(members.size, LARGEST_SHAPE)
    observed, expected = collisions.toward_each(drawn, members)
    return np.array([lower_shape_of(*pair) for pair in zip(observed.T, expected.T, strict=True)])


def groups_like(
    alike: Floats, ranked: Rows, members: Rows, suspected: Rows, seed: int
) -> Iterator[Rows]:
    """Draw groups of as many others of about the same values, no account twice in one.

    No end of them, or none where there are too few others.

    Args:
        alike: (accounts,) values.
        ranked: rows of all accounts, ascending by value.
        members: accounts that others are drawn for.
        suspected: accounts that are not drawn either.
        seed: of the drawing.
    """
    rng = np.random.default_rng(seed)
    other = np.ones(alike.size, dtype=bool)
    other[members] = other[suspected] = False
    order = ranked[other[ranked]]
    if order.size < LEAST_OTHERS:
        return
    ascending = members[np.argsort(alike[members], kind="stable")]
    wanted = np.linspace(0, members.size - 1, min(members.size, order.size // 2)).astype(np.intp)
    places = np.searchsorted(alike[order], alike[ascending[wanted]])
    width = min(max(NEIGHBOURS, CHOICE * wanted.size), order.size)
    low = np.clip(places - width // 2, 0, order.size - width)
    while True:
        yield _drawn(order, low, width, rng)


def _drawn(order: Rows, low: Rows, width: int, rng: np.random.Generator) -> Rows:
    """Draw a neighbour for every place, no account twice.

    Where several places draw one account, others of the whole neighbourhood make up for it. There
    may be a million of them, and few are wanted, so that they are not listed.
    """
    chosen = np.unique(low + rng.integers(0, width, low.size))
    begin = int(low.min())
    not_chosen = int(low.max()) + width - begin - chosen.size
    spare = rng.choice(not_chosen, low.size - chosen.size, replace=False, shuffle=False)
    # Before the r-th not chosen lie as many chosen ones as have at most r not chosen before them.
    before = np.searchsorted(chosen - begin - np.arange(chosen.size), spare, side="right")
    rows: Rows = order[np.concatenate([chosen, begin + spare + before])]
    return rows
