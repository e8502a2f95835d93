"""Learned clusters: what the same accounts use, for rings that divide artists or journals.

Where a ring deals out whole groups, nothing is expected within them. Tastes are coarser than
groups: who takes one artist takes its neighbours. Groups (items, where there is no group) are
placed by latent semantic analysis (Deerwester et al. 1990): the leading singular vectors of who
uses what, every account counting as much as the next and every group too. A pivoted QR
factorisation picks groups that are as unlike as can be (Damle, Minden and Ying 2019), and k-means
(Lloyd 1982) cuts the others into clusters around them. Nothing is drawn at random, so that names
and order do not matter.

Clusters are learned from the accounts that are scored by them, ring included. They are few next to
the accounts, and an account weighs the same whatever it takes, so that a ring bends them little;
what they make of independent accounts is measured on them
(:mod:`ringfence.rings.collision.matched_controls`).
"""

from __future__ import annotations

import warnings
from typing import Final

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.cluster.vq import kmeans2
from scipy.linalg import qr
from scipy.sparse.linalg import svds

from ringfence.rings.collision.indicators import indicators
from ringfence.stats.arrays import Floats, Integers

CLUSTERS: Final = 64
"""Clusters at most: among 884 person-months of real people, the dispersion of groups of forty
about what is expected of them is .13 without clusters, .08 with 32, .06 with 64, .05 with 128."""

UNITS_A_CLUSTER: Final = 10
"""Fewer groups make fewer clusters."""

LEAST_ACCOUNTS: Final = 3
"""Groups that fewer accounts use have no place: they belong to no cluster."""

LEARNED_FROM: Final = 10_000
"""Accounts, and groups, that are learned from at most: every so many-th account, and the groups
that most of them use."""

ROUNDS: Final = 30
"""Of k-means; later ones move little."""

RANK: Final = 1e-6
"""Singular values below so much of the largest are zeros."""

ROUGH: Final = 0.05
"""Relative precision of the singular values: clusters need no more."""


def learned_clusters(held: sparse.csr_array, group: Integers) -> Integers:
    """Return the cluster of each item, from 1 on; 0 of items whose group few accounts use.

    Args:
        held: (accounts, items) ones.
        group: (items,) number of each item's group from 1 on; items with 0 stand for themselves.
    """
    unit = _units(group)
    used = _usage(held, unit)
    places = np.flatnonzero(_learnable(used))
    clusters = min(CLUSTERS, places.size // UNITS_A_CLUSTER)
    of_unit = np.zeros(used.shape[0], np.int64)
    if clusters > 1:
        of_unit[places] = 1 + _cut(*_placed(used[places], clusters))
    return of_unit[unit]


def _units(group: Integers) -> Integers:
    """Number groups, and items without one, from 0 on."""
    alone = group.max(initial=0) + 1 + np.arange(group.size)
    units: Integers = np.unique(np.where(group > 0, group, alone), return_inverse=True)[1]
    return units


def _usage(held: sparse.csr_array, unit: Integers) -> sparse.csr_array:
    """Return (units, accounts) how much of each the accounts learned from hold, columns of norm 1.

    In logarithms: who holds all of an artist is not a hundred times as fond of it.
    """
    every = max(-(-held.shape[0] // LEARNED_FROM), 1)
    some = held[::every]
    member = indicators(unit, int(unit.max(initial=-1)) + 1)
    used = sparse.csr_array((some @ member).T.astype(np.float64))
    used.data = np.log1p(used.data)
    return sparse.csr_array(used @ sparse.diags_array(1 / _norms(used, axis=0)))


def _learnable(used: sparse.csr_array) -> npt.NDArray[np.bool_]:
    """Say which units enough accounts use, and the most of them if there are too many."""
    accounts = np.diff(used.indptr)
    ranked = np.sort(accounts)[::-1]
    last = ranked[LEARNED_FROM] + 1 if ranked.size > LEARNED_FROM else 0
    return np.asarray(accounts >= max(LEAST_ACCOUNTS, last))


def _placed(used: sparse.csr_array, clusters: int) -> tuple[Floats, Integers]:
    """Return (units, directions) the places of units on the unit sphere, and unlike ones' rows."""
    rows = sparse.csr_array(sparse.diags_array(1 / _norms(used, axis=1)) @ used)
    directions = min(clusters, min(rows.shape) - 1)
    # A fixed start: the same holdings give the same vectors.
    start = np.ones(min(rows.shape))
    _, values, vectors = svds(rows, k=directions, v0=start, tol=ROUGH)
    # Where holdings are copies of each other, what is beyond their rank is noise.
    vectors = vectors[values > RANK * values.max(initial=0.0)]
    # Rounded: the last digits depend on how many threads have added.
    places = np.round(rows @ vectors.T, 6)
    weight = np.sqrt(np.diff(used.indptr))[:, None]
    unlike = qr(places.T * weight.T, mode="r", pivoting=True)[1][: len(vectors)]
    return places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-6), unlike


def _cut(places: Floats, unlike: Integers) -> Integers:
    """Return each unit's cluster, from 0 on; an empty one stays empty."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One of the clusters is empty")
        found = kmeans2(places, places[unlike], iter=ROUNDS, minit="matrix")[1]
    return np.asarray(found, dtype=np.int64)


def _norms(matrix: sparse.csr_array, axis: int) -> Floats:
    norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=axis), dtype=np.float64))
    return np.maximum(norms, np.finfo(np.float64).tiny)
