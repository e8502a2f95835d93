"""What the members of a ring share, next to groups of other accounts.

A tie says that members have more in common than accounts drawn at random, and no more: friends,
a dormitory, a family with a shared card are tied and honest. It is never evidence; it helps a
person to see who is behind a ring that collisions gave away.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from ringfence.model.ring import Link
from ringfence.rings.collision.holdings import Matrix
from ringfence.rings.links.attributes import Links, Shared
from ringfence.rings.links.linked_sets import POPULAR
from ringfence.stats.arrays import Floats, Integers, Keys, Rows

GROUPS: Final = 400
"""Groups of other accounts drawn: p-values down to 1 in 401 are counted, not inferred."""

FEWEST: Final = 100
"""Other accounts, or twice the members, below which there is nobody to compare with."""

SHOWN: Final = 5
"""Values that are told, of a ring and of each member: those that most members have."""

ERRORS: Final = 2.0
"""Standard errors that mean and variance of the groups are raised by: to the safe side."""

AT_ONCE: Final = 4_000_000
"""Values of drawn accounts that are looked at together, about."""


def ties(links: Links, members: Rows, suspected: Rows, seed: int = 0) -> tuple[Link, ...]:
    """Compare what members of a ring share with groups of as many other accounts.

    For each attribute, pairs of members are counted that share a value, for each value that they
    share; values that more than a tenth of the others have (:data:`POPULAR`) do not count, whether
    for members or for groups. Groups are drawn among accounts that have the attribute at all, and
    have about as many values of it as the members: who is about much, meets many.

    A p-value is the share of groups with at least as many pairs, the ring among them (Davison and
    Hinkley 1997, 4.2). Where no group comes near, it is Cantelli's bound, V / (V + (O − E)²), which
    holds for any law with mean E and variance V; both are those of the groups, raised by two
    standard errors, and V is at least E and at least 1. It is multiplied by the number of
    attributes asked about.

    Args:
        links: of all accounts.
        members: rows of the ring's accounts.
        suspected: rows of accounts that are not drawn: the members of all rings found.
        seed: of the drawing; the same gives the same ties.

    Returns:
        One tie for each attribute that at least two members have and enough others, in the order of
        the attributes; whoever shows them looks at their p-values first.
    """
    found = (
        _tie(shared, links.accounts, np.unique(members), suspected, [seed, number])
        for number, shared in enumerate(links.shared)
    )
    price = len(links.shared)
    return tuple(
        replace(tie, p_value=min(price * tie.p_value, 1.0)) for tie in found if tie is not None
    )


def _tie(
    shared: Shared, accounts: Keys, members: Rows, suspected: Rows, seed: list[int]
) -> Link | None:
    """Return the tie by one attribute before its price, None if there is nothing to compare."""
    inside = members[shared.carried[members] > 0]
    drawable = shared.carried > 0
    drawable[members] = drawable[suspected] = False
    others = np.flatnonzero(drawable)
    if inside.size < 2 or others.size < max(FEWEST, 2 * inside.size):
        return None
    among = np.asarray(drawable.astype(np.int64) @ shared.matrix)
    popular = POPULAR * others.size
    mine = np.asarray(shared.matrix[inside].sum(axis=0, dtype=np.int64))
    observed = float(np.sum(_pairs(mine) * (among <= popular)))
    drawn = _drawn(shared, inside, others, np.random.default_rng(seed))
    pairs = _pairs_of_groups(shared.matrix, drawn, among, POPULAR * (others.size - inside.size))
    told = _most_shared(shared, mine * (among <= popular))
    return Link(
        attribute=shared.attribute,
        observed=observed,
        expected=float(np.mean(pairs)),
        p_value=rarity(observed, pairs),
        values=tuple((shared.text(v), int(mine[v]), int(shared.accounts[v])) for v in told[:SHOWN]),
        shared=_by_member(shared, accounts, inside, told),
    )


def rarity(observed: float, pairs: Floats) -> float:
    """Return the p-value of so many pairs, given those of groups drawn; see :func:`ties`."""
    above = int(np.sum(pairs >= observed))
    counted = (1 + above) / (1 + pairs.size)
    if above:
        return counted
    mean, root = float(np.mean(pairs)), np.sqrt(pairs.size)
    squares = (pairs - mean) ** 2
    variance = float(np.mean(squares) + ERRORS * np.std(squares) / root)
    expected = mean + ERRORS * float(np.std(pairs) / root)
    gap = max(observed - expected, 0.0)
    variance = max(variance, expected, 1.0)
    return min(counted, variance / (variance + gap**2))


def _pairs(counts: Integers) -> Floats:
    several = counts.astype(np.float64)
    return several * (several - 1) / 2


def _drawn(shared: Shared, inside: Rows, others: Rows, rng: np.random.Generator) -> Rows:
    """Draw groups of other accounts, a row each, with about as many values as the members."""
    wanted, there = _octave(shared.carried[inside]), _octave(shared.carried[others])
    classes, counts = np.unique(wanted, return_counts=True)
    if any(2 * count > np.sum(there == one) for one, count in zip(classes, counts, strict=True)):
        # Nobody else has as many: then anybody.
        classes, counts = np.zeros(1, np.int64), np.array([inside.size])
        there = np.zeros(others.size, np.int64)
    pools = [others[there == one] for one in classes]
    groups = [
        np.concatenate(
            [
                pool[rng.choice(pool.size, count, replace=False, shuffle=False)]
                for pool, count in zip(pools, counts, strict=True)
            ]
        )
        for _ in range(GROUPS)
    ]
    return np.array(groups)


def _octave(counts: Integers) -> Integers:
    """Return the octave of numbers from 1 on: 1, 2 to 3, 4 to 7 and so on."""
    return np.frexp(counts.astype(np.float64))[1].astype(np.int64)


def _pairs_of_groups(matrix: Matrix, groups: Rows, among: Integers, popular: float) -> Floats:
    """Count pairs that share values few of the accounts outside the group have, a row a group."""
    size = groups.shape[1]
    width = max(1, matrix.nnz // max(1, matrix.shape[0]) + 1) * size
    step = max(1, AT_ONCE // width)
    found = []
    for start in range(0, len(groups), step):
        some = groups[start : start + step]
        ones = np.ones(some.size, np.int32)
        chosen = (ones, some.ravel(), np.arange(0, some.size + 1, size))
        shape = (len(some), matrix.shape[0])
        counts = sparse.coo_array(sparse.csr_array(chosen, shape=shape) @ matrix)
        group, value = counts.coords
        few = among[value] - counts.data <= popular
        found.append(np.bincount(group, _pairs(counts.data) * few, len(some)))
    return np.concatenate(found)


def _most_shared(shared: Shared, counts: Integers) -> list[int]:
    """Return the values that at least two members have, those that most have first."""
    several = np.flatnonzero(counts > 1).tolist()
    return sorted(several, key=lambda v: (-counts[v], shared.accounts[v], str(shared.names[v])))


def _by_member(
    shared: Shared, accounts: Keys, inside: Rows, values: list[int]
) -> dict[int, tuple[str, ...]]:
    """Return which of these values each member has, by its key; at most :data:`SHOWN` of them."""
    held = shared.matrix[inside][:, values].tolil().rows
    lines = zip(accounts[inside].tolist(), held, strict=True)
    return {
        key: tuple(shared.text(values[place]) for place in sorted(places)[:SHOWN])
        for key, places in lines
        if places
    }
