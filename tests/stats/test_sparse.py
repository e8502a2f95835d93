"""Sparse matrices of ones, and products of their rows."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import sparse

from ringfence.stats.sparse import (
    MAX_DENSE_COLUMNS,
    gram_matrix,
    incidence_matrix,
    one_hot,
    sum_rows,
)


def test_ones_are_at_the_given_places() -> None:
    """Each place has a one, and every other place a zero."""
    matrix = incidence_matrix(np.array([0, 2]), np.array([1, 0]), (3, 2))
    assert matrix.toarray().tolist() == [[0, 1], [0, 0], [1, 0]]


def test_one_hot_rows_have_a_single_one() -> None:
    """Each thing is in its category; a category without things is an empty column."""
    assert one_hot(np.array([2, 0]), 3).toarray().tolist() == [[0, 0, 1], [1, 0, 0]]


def test_rows_are_summed() -> None:
    """The sum of some rows is that of the dense matrix, also for a row named twice."""
    rng = np.random.default_rng(1)
    dense = rng.random((20, 30)) < 0.2
    matrix = incidence_matrix(*np.nonzero(dense), dense.shape)
    rows = np.array([3, 3, 7])
    assert sum_rows(matrix, rows).tolist() == dense[rows].sum(axis=0).tolist()


@pytest.mark.parametrize("columns", [3, MAX_DENSE_COLUMNS, MAX_DENSE_COLUMNS + 1])
def test_the_products_of_all_pairs_of_rows(columns: int) -> None:
    """Few or many columns: the result is that of dense arithmetic, and symmetric."""
    rng = np.random.default_rng(1)
    rows = np.where(rng.random((20, columns)) < 0.3, rng.random((20, columns)), 0)
    found = gram_matrix(sparse.csr_array(rows.astype(np.float32)))
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, rows @ rows.T, rtol=1e-5)
    assert np.array_equal(found, found.T)
