"""Compare what the members of a ring share with matched groups of other accounts.

A small p-value says that members share more than random accounts with as many values do. It is
never evidence: friends, a dormitory or a family with one card share attributes and are honest. It
helps a person to see who is behind a ring that the collision test found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np
from scipy import sparse

from ringfence.model.ring import Link
from ringfence.rings.links.attributes import AccountAttributes, AttributeMatrix
from ringfence.rings.links.linked_sets import POPULAR_SHARE
from ringfence.stats.arrays import Floats, Integers, Keys, Rows
from ringfence.stats.overdispersion import upper_mean
from ringfence.stats.sparse import Matrix

LINK_CONTROL_GROUPS: Final = 400
"""Groups of other accounts drawn. P-values down to 1 in 401 are counted, smaller ones bounded."""

MIN_LINK_CONTROLS: Final = 100
"""Other accounts, or twice the members, that are needed for a comparison."""

MAX_SHOWN: Final = 5
"""Values that are shown of a ring, and of each member: those that most members have."""

ENTRIES_AT_ONCE: Final = 4_000_000
"""Values of control groups that are counted together, about."""


def measure_links(
    attributes: AccountAttributes, members: Rows, excluded: Rows, seed: int = 0
) -> tuple[Link, ...]:
    """Return a link for each attribute that at least two members have.

    The statistic is the number of pairs of members that share a value, summed over values. Values
    that more than a tenth of the others have (:data:`~.linked_sets.POPULAR_SHARE`) do not count.
    Control groups are drawn among accounts that have the attribute, with about as many values as
    the members.

    The p-value is the share of groups with at least as many pairs, the ring included (Davison and
    Hinkley 1997, 4.2). If no group has as many, it is Cantelli's bound V / (V + (O − E)²), which
    holds for any distribution with mean E and variance V. Both are raised by two standard errors,
    and V is at least E and at least 1. The p-value is multiplied by the number of attributes.

    Args:
        attributes: of all accounts, with the names of the values of the members
            (:func:`~ringfence.rings.links.attributes.load_names`).
        members: rows of the ring's accounts.
        excluded: rows of accounts that are not drawn: the members of all rings found.
        seed: of the random numbers; the same seed gives the same links.

    Returns:
        Links in the order of the attributes. An attribute is absent if fewer than
        :data:`MIN_LINK_CONTROLS` other accounts have it.
    """
    found = (
        _measure(matrix, attributes.accounts, np.unique(members), excluded, [seed, number])
        for number, matrix in enumerate(attributes.matrices)
    )
    tests = len(attributes.matrices)
    return tuple(
        replace(link, p_value=min(tests * link.p_value, 1.0)) for link in found if link is not None
    )


def link_p_value(observed: float, control_pairs: Floats) -> float:
    """Return the p-value of a number of pairs, given those of the control groups.

    See :func:`measure_links`.
    """
    above = int(np.sum(control_pairs >= observed))
    counted = (1 + above) / (1 + control_pairs.size)
    if above:
        return counted
    variance = upper_mean((control_pairs - float(np.mean(control_pairs))) ** 2)
    expected = upper_mean(control_pairs)
    gap = max(observed - expected, 0.0)
    variance = max(variance, expected, 1.0)
    return min(counted, variance / (variance + gap**2))


def _measure(
    matrix: AttributeMatrix, accounts: Keys, members: Rows, excluded: Rows, seed: list[int]
) -> Link | None:
    """Return the link of one attribute, uncorrected; None if there is nothing to compare."""
    inside = members[matrix.value_counts[members] > 0]
    drawable = matrix.value_counts > 0
    drawable[members] = drawable[excluded] = False
    others = np.flatnonzero(drawable)
    if inside.size < 2 or others.size < max(MIN_LINK_CONTROLS, 2 * inside.size):
        return None
    other_holders = np.asarray(drawable.astype(np.int64) @ matrix.matrix)
    unpopular = other_holders <= POPULAR_SHARE * others.size
    member_holders = np.asarray(matrix.matrix[inside].sum(axis=0, dtype=np.int64))
    observed = float(np.sum(_pairs(member_holders) * unpopular))
    groups = _draw_groups(matrix, inside, others, np.random.default_rng(seed))
    limit = POPULAR_SHARE * (others.size - inside.size)
    pairs = _pairs_of_groups(matrix.matrix, groups, other_holders, limit)
    values = _most_shared(matrix, member_holders * unpopular)
    return Link(
        attribute=matrix.attribute,
        observed=observed,
        expected=float(np.mean(pairs)),
        p_value=link_p_value(observed, pairs),
        values=tuple(
            (matrix.text(v), int(member_holders[v]), int(matrix.holders[v]))
            for v in values[:MAX_SHOWN]
        ),
        shared=_values_of_members(matrix, accounts, inside, values),
    )


def _pairs(counts: Integers) -> Floats:
    many = counts.astype(np.float64)
    return many * (many - 1) / 2


def _draw_groups(
    matrix: AttributeMatrix, inside: Rows, others: Rows, rng: np.random.Generator
) -> Rows:
    """Return (groups, members) rows of other accounts with about as many values."""
    wanted, available = _octave(matrix.value_counts[inside]), _octave(matrix.value_counts[others])
    classes, counts = np.unique(wanted, return_counts=True)
    if any(2 * count > np.sum(available == c) for c, count in zip(classes, counts, strict=True)):
        # Too few others have as many values, so any are drawn.
        classes, counts = np.zeros(1, np.int64), np.array([inside.size])
        available = np.zeros(others.size, np.int64)
    by_class = [others[available == one] for one in classes]
    groups = [
        np.concatenate(
            [
                rows[rng.choice(rows.size, count, replace=False, shuffle=False)]
                for rows, count in zip(by_class, counts, strict=True)
            ]
        )
        for _ in range(LINK_CONTROL_GROUPS)
    ]
    return np.array(groups)


def _octave(counts: Integers) -> Integers:
    """Return the octave of numbers from 1 on: 1, 2 to 3, 4 to 7 and so on."""
    return np.frexp(counts.astype(np.float64))[1].astype(np.int64)


def _pairs_of_groups(
    matrix: Matrix, groups: Rows, other_holders: Integers, popular: float
) -> Floats:
    """Return (groups,) the pairs that share a value which is unpopular outside the group."""
    size = groups.shape[1]
    width = max(1, matrix.nnz // max(1, matrix.shape[0]) + 1) * size
    step = max(1, ENTRIES_AT_ONCE // width)
    found = []
    for start in range(0, len(groups), step):
        some = groups[start : start + step]
        ones = np.ones(some.size, np.int32)
        chosen = (ones, some.ravel(), np.arange(0, some.size + 1, size))
        shape = (len(some), matrix.shape[0])
        counts = sparse.coo_array(sparse.csr_array(chosen, shape=shape) @ matrix)
        group, value = counts.coords
        unpopular = other_holders[value] - counts.data <= popular
        found.append(np.bincount(group, _pairs(counts.data) * unpopular, len(some)))
    return np.concatenate(found)


def _most_shared(matrix: AttributeMatrix, counts: Integers) -> list[int]:
    """Return the values that at least two members have, those of most members first."""
    several = np.flatnonzero(counts > 1).tolist()
    return sorted(several, key=lambda v: (-counts[v], matrix.holders[v], v))


def _values_of_members(
    matrix: AttributeMatrix, accounts: Keys, inside: Rows, values: list[int]
) -> dict[int, tuple[str, ...]]:
    """Return, by account key, at most :data:`MAX_SHOWN` of these values that a member has."""
    held = matrix.matrix[inside][:, values].tolil().rows
    lines = zip(accounts[inside].tolist(), held, strict=True)
    return {
        key: tuple(matrix.text(values[place]) for place in sorted(places)[:MAX_SHOWN])
        for key, places in lines
        if places
    }
