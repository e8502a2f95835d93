"""Sparse matrices of ones: which row has which column."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ringfence.stats.arrays import Floats, Integers, Rows

MAX_DENSE_COLUMNS: Final = 1_000
"""Columns up to which a product of all pairs of rows is faster with dense rows."""

Matrix = sparse.csr_array
"""A sparse matrix by rows, such as accounts by items."""


def incidence_matrix(
    row: npt.NDArray[Any], column: npt.NDArray[Any], shape: tuple[int, int]
) -> Matrix:
    """Return a matrix with a one at each given place, one byte per entry.

    Args:
        row: (entries,) row of each one.
        column: (entries,) column of each one; no place may be named twice.
        shape: rows and columns of the matrix.
    """
    return sparse.csr_array((np.ones(row.size, np.int8), (row, column)), shape=shape)


def one_hot(category: Integers, categories: int) -> Matrix:
    """Return a (things, categories) matrix with a single one in each row, at its category.

    Args:
        category: (things,) number of each one's category, from 0 on.
        categories: the number of categories.
    """
    ones = np.ones(category.size, np.float32)
    places = np.arange(category.size), category
    return sparse.csr_array((ones, places), shape=(category.size, categories))


def gram_matrix(matrix: Matrix) -> Floats:
    """Return the (rows, rows) products of all pairs of rows.

    A dense product of a few columns takes a thirtieth of the time of a sparse one. The last digits
    of the two differ.
    """
    if matrix.shape[1] > MAX_DENSE_COLUMNS:
        return np.asarray((matrix @ matrix.T).toarray())
    dense = matrix.toarray()
    return np.asarray(dense @ dense.T)


def sum_rows(matrix: Matrix, rows: Rows) -> Floats:
    """Return the (columns,) sum of some rows.

    A slice of the arrays is faster than a matrix product where the rows are few.
    """
    some = matrix[rows]
    return np.asarray(np.bincount(some.indices, some.data, matrix.shape[1]), dtype=np.float64)
