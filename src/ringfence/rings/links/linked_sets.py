"""Sets of linked accounts that are worth asking whether they divide the catalogue.

They are candidates, no more: the collision test decides, and every set asked about is paid for
(Bonferroni), so there are at most :data:`MOST_SETS`. Of honest accounts, a campus, a mobile network
or an old client make such sets too, where they are small enough; their members collide as users
do. A ring that hides in a network of hundreds is in a set with them, and not alone in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.rings.collision.holdings import Matrix
from ringfence.rings.collision.membership import LEAST_MEMBERS
from ringfence.rings.links.attributes import Attribute, Links, Shared, ones_at
from ringfence.stats.arrays import Integers, Rows

LARGEST: Final = 1_000
"""Rows of a set at most; and see :data:`POPULAR`."""

POPULAR: Final = 0.1
"""What a larger share of all accounts have is popular, and links nobody."""

MOST_SETS: Final = 500
"""Sets at most: each costs all the others ln 500 = 6.2 in ln p at most."""

BUDGET: Final = 20_000_000
"""Pairs of accounts looked at in all sets together: about a second a level for each four million.
Sets that would pass it are left out."""

RARE: Final = 200
"""Values that at most so many accounts have can be put together with others."""

IN_BOTH: Final = 3
"""Values belong together if so many accounts have both, and"""

ABOVE_CHANCE: Final = 10.0
"""so many times as many as independent values of their size would have."""

EVERYWHERE: Final = 50
"""Accounts with more rare values, as those that change networks by the hour, join nothing."""

SELDOM_SHARED: Final[tuple[Attribute, ...]] = ("device", "payment", "sign-up", "client", "network")
"""From what eight honest accounts hardly ever share to what they often do."""


@dataclass(frozen=True, eq=False)
class LinkedSet:
    """Accounts that share something.

    Attributes:
        attributes: what they share; several where values of several attributes were put together.
        members: rows of the accounts, ascending.
    """

    attributes: tuple[Attribute, ...]
    members: Rows = field(repr=False)


def linked_sets(links: Links, most: int = MOST_SETS) -> tuple[LinkedSet, ...]:
    """Return sets of linked accounts, each set of members once.

    First those of several values put together, then those of single values, attributes that honest
    accounts seldom share before others; of each kind, large sets first.

    Args:
        links: of all accounts.
        most: sets at most.

    Returns:
        Sets of at least :data:`~ringfence.rings.collision.membership.LEAST_MEMBERS` accounts, at
        most :data:`LARGEST` and a tenth (:data:`POPULAR`) of all.
    """
    by_name = {shared.attribute: shared for shared in links.shared}
    single = (by_name[name] for name in SELDOM_SHARED if name in by_name)
    found = [*_ordered(_united(links)), *(s for one in single for s in _ordered(_of_values(one)))]
    distinct = {one.members.tobytes(): one for one in reversed(found)}
    kept = [one for one in found if distinct[one.members.tobytes()] is one]
    return tuple(_affordable(kept))[:most]


def _affordable(sets: Iterable[LinkedSet]) -> Iterator[LinkedSet]:
    """Yield sets in order as long as there is room for them."""
    left = BUDGET
    for one in sets:
        if one.members.size**2 <= left:
            left -= one.members.size**2
            yield one


def _ordered(sets: Iterable[LinkedSet]) -> list[LinkedSet]:
    """Put large sets first; of one size, by their members, which no two share."""
    return sorted(sets, key=lambda one: (-one.members.size, one.members.tolist()))


def _fitting(sizes: Integers, accounts: int) -> Rows:
    """Return which sets are neither too small nor too large."""
    largest = min(LARGEST, int(POPULAR * accounts))
    return np.flatnonzero((sizes >= LEAST_MEMBERS) & (sizes <= largest))


def _of_values(shared: Shared) -> Iterator[LinkedSet]:
    sizes = np.where(shared.linking, shared.accounts, 0)
    fitting = _fitting(sizes, shared.matrix.shape[0])
    for members in _columns(shared.matrix[:, fitting]):
        yield LinkedSet((shared.attribute,), members)


def _united(links: Links) -> Iterator[LinkedSet]:
    """Yield the accounts of rare values that belong together: connected components."""
    rare, attribute = _rare_values(links)
    if not rare.shape[1]:
        return
    part = _parts(rare)
    several = np.flatnonzero(np.bincount(part) > 1)
    grouped = rare @ ones_at(np.arange(part.size), part, (part.size, int(part.max()) + 1))
    sizes = np.bincount(grouped.tocoo().coords[1], minlength=grouped.shape[1])
    fitting = np.intersect1d(several, _fitting(sizes, rare.shape[0]))
    for place, members in zip(fitting, _columns(grouped[:, fitting]), strict=True):
        names = {links.shared[n].attribute for n in attribute[part == place]}
        yield LinkedSet(tuple(name for name in SELDOM_SHARED if name in names), members)


def _rare_values(links: Links) -> tuple[Matrix, Integers]:
    """Return accounts by rare values, and the number of each value's attribute."""
    chosen = [
        np.flatnonzero(shared.linking & (shared.accounts >= IN_BOTH) & (shared.accounts <= RARE))
        for shared in links.shared
    ]
    pieces: list[Matrix] = [sparse.csr_array(np.zeros((links.accounts.size, 0), np.int8))]
    pieces += [shared.matrix[:, some] for shared, some in zip(links.shared, chosen, strict=True)]
    rare = sparse.csr_array(sparse.hstack(pieces).astype(np.int32))
    many = np.diff(rare.indptr)
    rare.data[np.repeat(many > EVERYWHERE, many)] = 0
    rare.eliminate_zeros()
    return rare, np.repeat(np.arange(len(chosen)), [some.size for some in chosen])


def _parts(rare: Matrix) -> Integers:
    """Number the components of values of which enough accounts have both."""
    both = (rare.T @ rare).tocoo()
    one, other = both.coords
    sizes = np.asarray(rare.sum(axis=0, dtype=np.float64))
    chance = sizes[one] * sizes[other] / rare.shape[0]
    joined = both.data >= np.maximum(IN_BOTH, ABOVE_CHANCE * chance)
    edges = ones_at(one[joined], other[joined], both.shape)
    return connected_components(edges, directed=False)[1].astype(np.int64)


def _columns(matrix: Matrix) -> Iterator[Rows]:
    """Yield the rows of each column, ascending."""
    by_column = sparse.csc_array(matrix)
    by_column.sort_indices()
    for start, stop in pairwise(by_column.indptr):
        yield by_column.indices[start:stop].astype(np.intp)
