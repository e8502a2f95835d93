"""Who belongs to a ring that was found: every account is asked, and every member again.

An account with tastes of its own collides with few: with those who share them, far more than
expected, and with anybody else far less. Next to a ring it looks like a member. How widely an
account's collisions vary is therefore measured on itself, toward groups of others drawn at random;
what a ring's member holds in common with such groups is what is expected, and it stays a member.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.stats import nbinom

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.matched_controls import own_shapes
from ringfence.rings.collision.pools import Pools
from ringfence.rings.collision.tail import log_tail, shape_of
from ringfence.stats.arrays import Flags, Floats, Rows

LEAST_MEMBERS: Final = 8
"""Fewer are no ring: pairs are never evidence."""

STRANGERS: Final = 0.01
"""Independent accounts that may be expected to join a ring by chance when all are asked."""

EVEN: Final = 0.0
"""ln of the odds at which an account counts as a member while it is found out who they are."""

SURE: Final = float(np.log(0.95 / 0.05))
"""ln of the odds at which it is told to be one, toward all who count: it may be challenged for it.
Asked for in every round, each one that leaves would make the others less sure, until none is left.
"""

ROUNDS: Final = 10
"""Rounds of asking at most; they change little after the first."""

LEAST_RATE: Final = 0.01
"""Share of the usual collisions that members are taken to have at least."""


def evidence(observed: Floats | float, expected: Floats | float, rate: float) -> Floats:
    """Return ln of the likelihood ratio of dividing the work at this rate against independence."""
    return np.asarray((1 - rate) * np.asarray(expected) + np.log(rate) * np.asarray(observed))


def belonging(
    collisions: Collisions, members: Rows, rate: float, free: Flags, pools: Pools
) -> Rows:
    """Return who belongs to a ring, by what was found of it; fewer than a ring's if nobody does.

    Args:
        collisions: at the level at which it was found.
        members: rows of what was found.
        rate: the share of the usual collisions at which it was found.
        free: (accounts,) who may join.
        pools: where it was looked for.
    """
    counted = _counted(collisions, members, rate, free, pools)
    sure = _staying(collisions, counted, pools, SURE)
    # What made one of them sure may be what it has not in common with those who are not.
    return _staying(collisions, sure, pools, EVEN)


def _counted(collisions: Collisions, members: Rows, rate: float, free: Flags, pools: Pools) -> Rows:
    """Return who is a member rather than not."""
    for _ in range(ROUNDS):
        grown = _grown(collisions, members, rate, free)
        if grown.size < LEAST_MEMBERS:
            return grown
        left = grown[_likely(collisions, grown, members, pools, EVEN)]
        if left.size < LEAST_MEMBERS or np.array_equal(left, members):
            return left
        free = free.copy()
        free[np.setdiff1d(grown, left)] = False
        members = left
    return members


def _staying(collisions: Collisions, members: Rows, pools: Pools, sure: float) -> Rows:
    """Return those who are as sure, asked once; fewer than a ring's are not asked."""
    if members.size < LEAST_MEMBERS:
        return members
    return members[_likely(collisions, members, members, pools, sure)]


def _grown(collisions: Collisions, members: Rows, rate: float, free: Flags) -> Rows:
    """Ask all free accounts, until nobody comes or goes.

    Rows stay as long as they add evidence; others have to be too unusual for chance alone.
    """
    for _ in range(ROUNDS):
        observed, expected = collisions.toward(members)
        stay = np.zeros(observed.size, dtype=bool)
        stay[members] = evidence(observed, expected, rate)[members] > 0
        asked = np.flatnonzero(stay | (free & _dividing(observed, expected, members)))
        settled = np.array_equal(asked, members)
        members = asked
        if settled or members.size < LEAST_MEMBERS:
            break
    return members


def _dividing(observed: Floats, expected: Floats, members: Rows) -> Flags:
    """Say of each account whether it collides too little with the members to be independent."""
    others = np.ones(observed.size, dtype=bool)
    others[members] = False
    shape = shape_of(observed[others], expected[others])
    return np.asarray(log_tail(observed, expected, shape) < -np.log(observed.size / STRANGERS))


def _likely(collisions: Collisions, grown: Rows, found: Rows, pools: Pools, sure: float) -> Flags:
    """Say which are members rather than not, each one's own dispersion considered.

    Who was found, or has joined in an earlier round, has the odds of members among accounts as odd
    as it is, times e to the ``sure``; who joins has to be too unusual for chance in all accounts.
    """
    observed, expected = (each[grown] for each in collisions.toward(grown))
    shapes = own_shapes(collisions, grown, pools.most_suspicious)
    rate = np.clip(observed.sum() / expected.sum(), LEAST_RATE, 1.0)
    ratio = _log_law(observed, rate * expected, shapes) - _log_law(observed, expected, shapes)
    joined = log_tail(observed, expected, shapes) < -np.log(pools.rank.size / STRANGERS)
    odds = pools.log_odds(grown) + sure
    return np.where(np.isin(grown, found), ratio > odds, joined)


def _log_law(observed: Floats, mean: Floats, shape: Floats) -> Floats:
    return np.asarray(nbinom.logpmf(observed, shape, shape / (shape + mean)))
