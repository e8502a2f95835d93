"""The null distribution of collisions, measured on matched controls.

Collisions of independent accounts are nearly Poisson, with two exceptions. Tastes finer than the
strata make whole groups collide a little more or less than expected: the dispersion parameter k of
a negative binomial distribution measures it. Accounts that take whole albums, series or volumes
share a whole run or nothing: the index of dispersion measures how many items come at once.

Both fail where no comparable accounts exist. Without enough others, k takes its smallest value,
and nothing is evidence.
"""

from __future__ import annotations

from itertools import islice
from typing import Final

import numpy as np

from ringfence.rings.collision.collisions import Collisions
from ringfence.rings.collision.matched_controls import matched_groups
from ringfence.stats.arrays import Floats, Rows
from ringfence.stats.overdispersion import MAX_K, MIN_K, lower_tail_k, upper_mean

CONTROL_GROUPS: Final = 200
"""Groups drawn for a set's k. The variance is then known within 10 %, which the estimate allows
for."""

MEMBER_CONTROL_GROUPS: Final = 100
"""Groups drawn for the dispersion parameters of single accounts."""

SINGLE_CONTROLS: Final = 400
"""Approximate number of single accounts drawn for the index of dispersion."""

MIN_EXPECTED: Final = 1e-9
"""Keeps a ratio finite if no collisions are expected. Then none are observed either."""


def set_dispersion_k(collisions: Collisions, members: Rows, excluded: Rows, seed: int = 0) -> float:
    """Return the dispersion parameter k for sets like this one, measured on all other accounts.

    Args:
        collisions: at the level at which the set is scored.
        members: rows of the set. Controls have as many accounts of about the same size. Where there
            are fewer others than twice the set, they have half of the others: smaller groups vary
            more, so the p-value is too large and not too small.
        excluded: rows that are not drawn: the members of all rings found.
        seed: of the random numbers; the same seed gives the same k.

    Returns:
        The dispersion parameter, :data:`~ringfence.stats.overdispersion.MIN_K` if there are too few
        accounts to draw from.
    """
    size, ranked = collisions.matching_size, collisions.ranked_by_size
    groups = list(islice(matched_groups(size, ranked, members, excluded, seed), CONTROL_GROUPS))
    if not groups:
        return MIN_K
    observed, expected = np.array([collisions.within(group) for group in groups]).T
    others = collisions.item_counts.size - np.union1d(members, excluded).size
    return lower_tail_k(observed, expected, (others / groups[0].size) ** 2)


def index_of_dispersion(
    collisions: Collisions, members: Rows, excluded: Rows, seed: int = 0
) -> float:
    """Return the variance over the mean of members' collisions with single others, at least 1.

    The index of a compound Poisson count is at least the mean size of its clusters: with sizes c it
    is E[c²] / E[c] ≥ E[c]. It is raised by its standard errors. Differences in taste between single
    pairs are included, which also makes p-values larger.

    Args:
        collisions: at the level at which the set is scored.
        members: rows of the set.
        excluded: rows that are not drawn: the members of all rings found.
        seed: of the random numbers. The others drawn are expected to collide as much as the
            members.
    """
    expected_each = collisions.with_set(members)[1]
    ranked = np.argsort(expected_each, kind="stable")
    apart = np.union1d(excluded, collisions.bulk_holders)
    matched = matched_groups(expected_each, ranked, members, apart, seed)
    groups = list(islice(matched, -(-SINGLE_CONTROLS // members.size)))
    if not groups:
        return 1.0
    observed, expected = collisions.between(members, np.unique(np.concatenate(groups)))
    squares = upper_mean(((observed - expected) ** 2).sum(axis=0))
    return max(squares / max(float(expected.sum(axis=0).mean()), MIN_EXPECTED), 1.0)


def member_dispersion_k(
    collisions: Collisions, members: Rows, most_suspicious: Rows, seed: int = 0
) -> Floats:
    """Return (members,) the dispersion parameter of each member's collisions with other sets.

    The most suspicious accounts are not drawn: an account that takes everything, or the same
    slices, would make everybody's collisions vary.
    :data:`~ringfence.stats.overdispersion.MAX_K` if there are too few accounts to draw from; then
    nothing is known about any member.
    """
    size, ranked = collisions.matching_size, collisions.ranked_by_size
    matched = matched_groups(size, ranked, members, most_suspicious, seed)
    groups = list(islice(matched, MEMBER_CONTROL_GROUPS))
    if not groups:
        return np.full(members.size, MAX_K)
    observed, expected = collisions.with_each_set(groups, members)
    return np.array([lower_tail_k(*each) for each in zip(observed.T, expected.T, strict=True)])
