"""Learned clusters of items that the same accounts use, for rings that divide whole groups.

A ring that divides whole artists shares nothing within an artist, and nothing is expected there.
Tastes are coarser than artists: an account that uses one artist uses similar ones. Groups (or
items, where there is no group) are placed by latent semantic analysis (Deerwester et al. 1990), the
leading singular vectors of the usage matrix. Every account has the same weight, and so does every
group. A pivoted QR factorisation selects groups that differ most (Damle, Minden and Ying 2019), and
k-means (Lloyd 1982) assigns the others to them. No step is random, so names and order of accounts
and items do not matter.

The clusters are learned from the accounts that they score, including a ring. They are few compared
with the accounts, and each account has the same weight, so a ring changes them little. The effect
on independent accounts is measured (:mod:`ringfence.rings.collision.null_distribution`).
"""

from __future__ import annotations

import warnings
from typing import Final

import numpy as np
from scipy import sparse
from scipy.cluster.vq import kmeans2
from scipy.linalg import qr
from scipy.sparse.linalg import svds

from ringfence.stats.arrays import Flags, Floats, Integers
from ringfence.stats.sparse import Matrix, one_hot

MAX_CLUSTERS: Final = 64
"""Clusters at most. Among 884 person-months of real people, the dispersion of groups of forty
around their expectation is .13 without clusters, .08 with 32, .06 with 64 and .05 with 128."""

UNITS_PER_CLUSTER: Final = 10
"""Groups (or items) per cluster at least."""

MIN_ACCOUNTS: Final = 3
"""A group that fewer accounts use has no place and belongs to no cluster."""

MAX_LEARNED_FROM: Final = 10_000
"""Accounts to learn from, and groups, at most: accounts at equal distances, and the groups that
most of them use."""

KMEANS_ROUNDS: Final = 30
"""Rounds of k-means; later ones change little."""

RANK_TOLERANCE: Final = 1e-6
"""A singular value below this share of the largest counts as zero."""

SVD_TOLERANCE: Final = 0.05
"""Relative precision of the singular values; clusters need no more."""


def learn_clusters(held: Matrix, group: Integers) -> Integers:
    """Return the cluster of each item, from 1 on; 0 if too few accounts use its group.

    Args:
        held: (accounts, items) ones.
        group: (items,) number of each item's group from 1 on; an item with 0 stands for itself.
    """
    unit = _number_units(group)
    usage = _usage(held, unit)
    used = np.flatnonzero(_has_place(usage))
    clusters = min(MAX_CLUSTERS, used.size // UNITS_PER_CLUSTER)
    of_unit = np.zeros(usage.shape[0], np.int64)
    if clusters > 1:
        of_unit[used] = 1 + _kmeans(*_embed(usage[used], clusters))
    return of_unit[unit]


def _number_units(group: Integers) -> Integers:
    """Number groups, and items without one, from 0 on."""
    alone = group.max(initial=0) + 1 + np.arange(group.size)
    units: Integers = np.unique(np.where(group > 0, group, alone), return_inverse=True)[1]
    return units


def _usage(held: Matrix, unit: Integers) -> Matrix:
    """Return (units, accounts) the logarithm of the number of items held, with columns of norm 1.

    The logarithm keeps an account that holds all of an artist from counting a hundredfold.
    """
    step = max(-(-held.shape[0] // MAX_LEARNED_FROM), 1)
    some = held[::step]
    of_unit = one_hot(unit, int(unit.max(initial=-1)) + 1)
    usage = sparse.csr_array((some @ of_unit).T.astype(np.float64))
    usage.data = np.log1p(usage.data)
    return sparse.csr_array(usage @ sparse.diags_array(1 / _norms(usage, axis=0)))


def _has_place(usage: Matrix) -> Flags:
    """Return whether enough accounts use each unit. If too many units pass, keep the most used."""
    accounts = np.diff(usage.indptr)
    ranked = np.sort(accounts)[::-1]
    last = ranked[MAX_LEARNED_FROM] + 1 if ranked.size > MAX_LEARNED_FROM else 0
    return np.asarray(accounts >= max(MIN_ACCOUNTS, last))


def _embed(usage: Matrix, clusters: int) -> tuple[Floats, Integers]:
    """Return (units, dimensions) places on the unit sphere, and the rows of initial centres."""
    rows = sparse.csr_array(sparse.diags_array(1 / _norms(usage, axis=1)) @ usage)
    dimensions = min(clusters, min(rows.shape) - 1)
    # A fixed start vector gives the same vectors for the same holdings.
    start = np.ones(min(rows.shape))
    _, values, vectors = svds(rows, k=dimensions, v0=start, tol=SVD_TOLERANCE)
    # Copies of holdings lower the rank; what lies beyond the rank is noise.
    vectors = vectors[values > RANK_TOLERANCE * values.max(initial=0.0)]
    # Rounded, because the last digits depend on the number of threads.
    places = np.round(rows @ vectors.T, 6)
    weight = np.sqrt(np.diff(usage.indptr))[:, None]
    centres = qr(places.T * weight.T, mode="r", pivoting=True)[1][: len(vectors)]
    return places / np.maximum(np.linalg.norm(places, axis=1, keepdims=True), 1e-6), centres


def _kmeans(places: Floats, centres: Integers) -> Integers:
    """Return each unit's cluster, from 0 on; an empty cluster stays empty."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "One of the clusters is empty")
        found = kmeans2(places, places[centres], iter=KMEANS_ROUNDS, minit="matrix")[1]
    return np.asarray(found, dtype=np.int64)


def _norms(matrix: Matrix, axis: int) -> Floats:
    norms = np.sqrt(np.asarray(matrix.power(2).sum(axis=axis), dtype=np.float64))
    return np.maximum(norms, np.finfo(np.float64).tiny)
