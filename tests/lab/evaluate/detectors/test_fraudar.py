"""Test dense blocks against sums by hand and against every possible set."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from scipy import sparse

from ringfence.lab.evaluate.detectors.fraudar import Block, dense_blocks
from ringfence.stats.sparse import Matrix


def matrix_of(rows: np.ndarray, columns: np.ndarray, shape: tuple[int, int]) -> Matrix:
    """Return a matrix with ones at the given places."""
    matrix = sparse.csr_array((np.ones(rows.size), (rows, columns)), shape=shape)
    matrix.sum_duplicates()
    matrix.data[:] = 1
    return matrix


def density(matrix: Matrix, block: Block) -> float:
    """Return the density of a block by the paper's definition."""
    weight = 1 / np.log(np.asarray(matrix.sum(axis=0)) + 5)
    held = matrix[block.rows][:, block.columns].toarray() @ weight[block.columns]
    return float(held.sum() / (block.rows.size + block.columns.size))


def crowd(seed: int, accounts: int, items: int, each: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the holdings of accounts that take items at random, popular ones more often."""
    rng = np.random.default_rng(seed)
    rows = np.repeat(np.arange(accounts), each)
    return rows, (rng.random(rows.size) ** 2 * items).astype(np.int64)


@pytest.mark.parametrize("camouflage", [0, 40])
def test_a_planted_block_is_found(camouflage: int) -> None:
    """Twenty accounts with the same fifty rare items are found, also behind popular items."""
    rows, columns = crowd(1, 400, 5_000, 20)
    block = np.repeat(np.arange(400, 420), 50), np.tile(np.arange(5_000, 5_050), 20)
    rng = np.random.default_rng(2)
    hidden = np.repeat(np.arange(400, 420), camouflage), rng.integers(0, 200, 20 * camouflage)
    matrix = matrix_of(
        np.concatenate([rows, block[0], hidden[0]]),
        np.concatenate([columns, block[1], hidden[1]]),
        (420, 5_050),
    )
    found = next(dense_blocks(matrix))
    assert found.rows.tolist() == list(range(400, 420))
    assert set(range(5_000, 5_050)) <= set(found.columns.tolist())
    assert found.density == pytest.approx(density(matrix, found))


def test_the_block_is_at_least_half_as_dense_as_the_densest() -> None:
    """The paper's guarantee holds against every set of accounts and items."""
    for seed in range(20):
        rng = np.random.default_rng(seed)
        rows, columns = np.nonzero(rng.random((7, 6)) < 0.5)
        matrix = matrix_of(rows, columns, (7, 6))
        found = next(dense_blocks(matrix))
        assert found.density == pytest.approx(density(matrix, found))
        held = matrix.toarray() / np.log(matrix.toarray().sum(axis=0) + 5)
        accounts, items = (np.array(list(product([0, 1], repeat=n))) for n in (7, 6))
        nodes = accounts.sum(axis=1)[:, np.newaxis] + items.sum(axis=1)
        every = (accounts @ held @ items.T) / np.maximum(nodes, 1)
        assert every.max() / 2 <= found.density <= every.max() + 1e-9


def test_blocks_share_no_holding() -> None:
    """Each block has holdings that no earlier block has; an empty graph has no block."""
    matrix = matrix_of(*crowd(3, 60, 300, 25), (60, 300))
    blocks = list(dense_blocks(matrix, 4))
    assert len(blocks) == 4
    holdings = [
        {(int(r), int(c)) for r, c in product(one.rows, one.columns) if matrix[r, c]}
        for one in blocks
    ]
    # Later blocks may share accounts and items with earlier ones, but not all their holdings.
    assert all(two - one for one, two in pairwise(holdings))
    assert not list(dense_blocks(sparse.csr_array((3, 4))))


def test_divided_work_is_not_a_dense_block() -> None:
    """A ring that divides the popular items is not denser than the users."""
    rows, columns = crowd(5, 300, 3_000, 40)
    ring = np.arange(800) % 20 + 300, np.arange(800)
    matrix = matrix_of(
        np.concatenate([rows, ring[0]]), np.concatenate([columns, ring[1]]), (320, 3_000)
    )
    found = next(dense_blocks(matrix))
    inside = found.rows[found.rows >= 300].size / 20
    assert inside <= found.rows[found.rows < 300].size / 300
