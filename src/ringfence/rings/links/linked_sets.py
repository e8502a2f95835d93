"""Sets of linked accounts, as candidates for the collision test.

They are only candidates: the collision test decides. P-values are corrected for every set that is
tested (Bonferroni), so there are at most :data:`MAX_SETS`. Honest accounts of a campus, a mobile
network or an old client make such sets too, if these are small enough; their members share items as
users do. A ring that hides in a network of hundreds is in a set with them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from ringfence.model.ring import MIN_MEMBERS
from ringfence.rings.links.attributes import AccountAttributes, Attribute, AttributeMatrix
from ringfence.stats.arrays import Floats, Integers, Rows
from ringfence.stats.sparse import Matrix, incidence_matrix

MAX_SET_SIZE: Final = 1_000
"""Members of a set at most; see also :data:`POPULAR_SHARE`."""

POPULAR_SHARE: Final = 0.1
"""A value that a larger share of all accounts has is popular, and links nobody."""

MAX_SETS: Final = 500
"""Sets at most. Together they raise ln p of every other ring by at most ln 500 = 6.2."""

MAX_LINKED_PAIRS: Final = 20_000_000
"""Pairs of accounts in all sets together. Four million take about a second per level. A set that
does not fit is left out."""

MAX_RARE_HOLDERS: Final = 200
"""A value of at most this many accounts is rare, and may be united with others."""

MIN_IN_BOTH: Final = 3
"""Two rare values are united only if at least this many accounts have both."""

MIN_LIFT: Final = 10.0
"""Two rare values are united only if the number of accounts with both is at least this many times
the number that independent values would have."""

MAX_RARE_VALUES: Final = 50
"""Rare values of an account with more, such as one that changes networks every hour, are not
united."""

PAIRS_AT_ONCE: Final = 4_000_000
"""Pairs of values of one account that are counted together, about: some 100 MB."""

RARELY_SHARED_FIRST: Final[tuple[Attribute, ...]] = (
    "device",
    "payment",
    "sign-up",
    "client",
    "network",
)
"""Attributes from those that eight honest accounts hardly ever share to those they often share."""


@dataclass(frozen=True, eq=False)
class LinkedSet:
    """Accounts that share a value of an attribute.

    Attributes:
        attributes: the attributes; several if values of several attributes were united.
        members: rows of the accounts, ascending.
    """

    attributes: tuple[Attribute, ...]
    members: Rows = field(repr=False)


def find_linked_sets(
    attributes: AccountAttributes, max_sets: int = MAX_SETS
) -> tuple[LinkedSet, ...]:
    """Return sets of linked accounts; no two have the same members.

    Sets of united values come first, then sets of single values, rarely shared attributes first.
    Within each kind, large sets come first. A set has at least
    :data:`~ringfence.model.ring.MIN_MEMBERS` accounts, and at most :data:`MAX_SET_SIZE` and a tenth
    (:data:`POPULAR_SHARE`) of all.

    Args:
        attributes: of all accounts.
        max_sets: sets to return at most.
    """
    by_name = {matrix.attribute: matrix for matrix in attributes.matrices}
    single = (by_name[name] for name in RARELY_SHARED_FIRST if name in by_name)
    of_values = (linked for matrix in single for linked in _sort(_sets_of_values(matrix)))
    found = [*_sort(_sets_of_united_values(attributes)), *of_values]
    first = {one.members.tobytes(): one for one in reversed(found)}
    distinct = [one for one in found if first[one.members.tobytes()] is one]
    return tuple(_affordable(distinct))[:max_sets]


def _affordable(sets: Iterable[LinkedSet]) -> Iterator[LinkedSet]:
    """Yield the sets, in order, whose pairs fit in :data:`MAX_LINKED_PAIRS` together."""
    left = MAX_LINKED_PAIRS
    for one in sets:
        if one.members.size**2 <= left:
            left -= one.members.size**2
            yield one


def _sort(sets: Iterable[LinkedSet]) -> list[LinkedSet]:
    """Sort sets by size, largest first; sets of one size by their members."""
    # Big-endian bytes are in the order of the numbers, and much smaller than lists of them.
    return sorted(sets, key=lambda one: (-one.members.size, one.members.astype(">u8").tobytes()))


def _of_valid_size(sizes: Integers, accounts: int) -> Rows:
    """Return the numbers of the sets that are neither too small nor too large."""
    largest = min(MAX_SET_SIZE, int(POPULAR_SHARE * accounts))
    return np.flatnonzero((sizes >= MIN_MEMBERS) & (sizes <= largest))


def _sets_of_values(matrix: AttributeMatrix) -> Iterator[LinkedSet]:
    """Yield the accounts of each value."""
    sizes = np.where(matrix.is_linking, matrix.holders, 0)
    valid = _of_valid_size(sizes, matrix.matrix.shape[0])
    for members in _rows_of_columns(matrix.matrix[:, valid]):
        yield LinkedSet((matrix.attribute,), members)


def _sets_of_united_values(attributes: AccountAttributes) -> Iterator[LinkedSet]:
    """Yield the accounts of rare values that belong together: connected components."""
    rare, attribute = _rare_values(attributes)
    if not rare.shape[1]:
        return
    component = _components(rare)
    several = np.flatnonzero(np.bincount(component) > 1)
    shape = component.size, int(component.max()) + 1
    united = rare @ incidence_matrix(np.arange(component.size), component, shape)
    sizes = np.bincount(united.tocoo().coords[1], minlength=united.shape[1])
    valid = np.intersect1d(several, _of_valid_size(sizes, rare.shape[0]))
    for place, members in zip(valid, _rows_of_columns(united[:, valid]), strict=True):
        names = {attributes.matrices[n].attribute for n in attribute[component == place]}
        yield LinkedSet(tuple(name for name in RARELY_SHARED_FIRST if name in names), members)


def _rare_values(attributes: AccountAttributes) -> tuple[Matrix, Integers]:
    """Return (accounts, rare values) ones, and (rare values,) the number of the attribute."""
    chosen = [
        np.flatnonzero(
            one.is_linking & (one.holders >= MIN_IN_BOTH) & (one.holders <= MAX_RARE_HOLDERS)
        )
        for one in attributes.matrices
    ]
    empty: Matrix = sparse.csr_array(np.zeros((attributes.accounts.size, 0), np.int8))
    columns = [
        one.matrix[:, values] for one, values in zip(attributes.matrices, chosen, strict=True)
    ]
    rare = sparse.csr_array(sparse.hstack([empty, *columns]).astype(np.int32))
    per_account = np.diff(rare.indptr)
    rare.data[np.repeat(per_account > MAX_RARE_VALUES, per_account)] = 0
    rare.eliminate_zeros()
    return rare, np.repeat(np.arange(len(chosen)), [values.size for values in chosen])


def _components(rare: Matrix) -> Integers:
    """Return (values,) the component of each; values that enough accounts have both are joined."""
    by_value = sparse.csr_array(rare.T)
    sizes = np.diff(by_value.indptr).astype(np.float64)
    edges = [
        _joined(by_value[start:stop] @ rare, start, sizes, rare.shape[0])
        for start, stop in pairwise(_blocks(by_value @ np.diff(rare.indptr)))
    ]
    one, other = np.concatenate(edges, axis=1)
    joined = incidence_matrix(one, other, (sizes.size, sizes.size))
    return connected_components(joined, directed=False)[1].astype(np.int64)


def _joined(both: Matrix, start: int, sizes: Floats, accounts: int) -> Integers:
    """Return (2, edges) the pairs of values that are joined.

    Args:
        both: (some values, values) the accounts that have both.
        start: the number of the first of these values.
        sizes: (values,) the accounts of each.
        accounts: the number of all accounts.
    """
    pairs = both.tocoo()
    one, other = pairs.coords[0].astype(np.int64) + start, pairs.coords[1]
    by_chance = sizes[one] * sizes[other] / accounts
    joined = pairs.data >= np.maximum(MIN_IN_BOTH, MIN_LIFT * by_chance)
    return np.stack([one[joined], other[joined]])


def _blocks(pairs: Integers) -> list[int]:
    """Return where blocks of values with at most :data:`PAIRS_AT_ONCE` pairs begin, and the end.

    Args:
        pairs: (values,) how many pairs of an account and another value of it each value has.
    """
    block = np.cumsum(pairs) // PAIRS_AT_ONCE
    return [0, *(np.flatnonzero(np.diff(block)) + 1).tolist(), pairs.size]


def _rows_of_columns(matrix: Matrix) -> Iterator[Rows]:
    """Yield the rows with an entry in each column, ascending."""
    by_column = sparse.csc_array(matrix)
    by_column.sort_indices()
    for start, stop in pairwise(by_column.indptr):
        yield by_column.indices[start:stop].astype(np.intp)
