"""Find dense blocks as FRAUDAR does: accounts that share items which few others hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np

from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.rings import load_holdings
from ringfence.stats.arrays import Flags, Floats, Integers, Keys
from ringfence.stats.sparse import Matrix

MOST_HOLDINGS: Final = 2_000_000
"""Holdings examined. Beyond it, items are sampled, the same ones for every account. The peeling is
a loop in Python, which takes minutes for ten million holdings."""

BLOCKS: Final = 8
"""Blocks found one after the other; each search leaves out the holdings of the blocks before. The
paper's data had one fraud. In a catalogue the densest block may be the fans of one artist."""

SMOOTHING: Final = 5.0
"""The constant c of the paper's column weights 1 / log(d + c) (section 3.3)."""


@dataclass(frozen=True, eq=False)
class Block:
    """A dense block of accounts and items.

    Attributes:
        rows: accounts, ascending.
        columns: items, ascending.
        density: weighted holdings in the block, divided by the number of its accounts and items.
    """

    rows: Integers = field(repr=False)
    columns: Integers = field(repr=False)
    density: float


class Fraudar(Detector):
    """Score an account by the density of its block (Hooi and others, KDD 2016).

    The paper is "FRAUDAR: Bounding Graph Fraud in the Face of Camouflage". In the graph of accounts
    and items, a holding of an item with d holders weighs 1 / log(d + 5). Popular items taken as
    camouflage therefore add little. Peeling approximates the block with the most weight per node:
    it removes the node of least weight again and again. The best set on the way is at least half
    as dense as the densest one. The prior suspicion of every node is 0. Items with one holder are
    left out: they weigh 0.56 each, so no denser block contains them. The detector fails on rings
    that divide the work, which are the opposite of dense.

    This code was written from the paper. Of two packages on PyPI, rgmining-fraudar wraps the
    authors' program under a licence other than ours, and UGFraud was last released in 2020.
    """

    name = "fraudar"
    about = (
        f"density of the account's block, of the {BLOCKS} densest blocks of accounts and items; "
        "the best threshold that accuses no user, chosen afterwards"
    )
    threshold = None

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return densities, 0 outside all blocks; no account at moments without a group search."""
        if not ledger.search_groups:
            return np.zeros(0, np.uint64), np.zeros(0)
        scores = np.zeros(ledger.keys.size)
        for members, density in block_members(ledger):
            inside = np.isin(ledger.keys, members)
            scores[inside] = np.maximum(scores[inside], density)
        return ledger.keys, scores


def block_members(ledger: ScoredLedger) -> Iterator[tuple[Keys, float]]:
    """Yield the account keys and the density of each block, in the order found."""
    holdings = load_holdings(ledger.context.engine, ledger.keys, MOST_HOLDINGS)
    for block in dense_blocks(holdings.matrix):
        yield holdings.accounts[block.rows], block.density


def dense_blocks(matrix: Matrix, blocks: int = BLOCKS) -> Iterator[Block]:
    """Yield dense blocks of an (accounts, items) matrix of ones, one after the other.

    The holdings of a block are removed before the next search. Item weights are computed from what
    is left, as in the authors' program.
    """
    edges = matrix.tocoo()
    row, column = edges.row.astype(np.int64), edges.col.astype(np.int64)
    for _ in range(blocks):
        if not row.size:
            return
        block = _densest(row, column)
        yield block
        inside = np.isin(row, block.rows) & np.isin(column, block.columns)
        row, column = row[~inside], column[~inside]


def _densest(row: Integers, column: Integers) -> Block:
    """Return the best block on the path of greedy peeling."""
    weight = 1 / np.log(np.bincount(column) + SMOOTHING)
    row, column = _core(row, column, weight)
    rows, one = np.unique(row, return_inverse=True)
    columns, other = np.unique(column, return_inverse=True)
    density, inside = _peel(one, other, weight[columns], rows.size)
    return Block(rows[inside[: rows.size]], columns[inside[rows.size :]], density)


def _core(row: Integers, column: Integers, weight: Floats) -> tuple[Integers, Integers]:
    """Drop nodes whose weight is less than the density, until there are none.

    Peeling would remove them first, and the density grows with each removal. The best set of the
    path lies in the rest, so this does most of the work in whole arrays.
    """
    while True:
        of_row = np.bincount(row, weight[column])
        of_column = np.bincount(column) * weight[: int(column.max()) + 1]
        nodes = np.count_nonzero(of_row) + np.count_nonzero(of_column)
        density = of_row.sum() / nodes
        # Rounding must not drop a node whose weight equals the density.
        least = density * (1 - 1e-9)
        stay = (of_row[row] >= least) & (of_column[column] >= least)
        if stay.all():
            return row, column
        row, column = row[stay], column[stay]


def _peel(row: Integers, column: Integers, weight: Floats, rows: int) -> tuple[float, Flags]:
    """Remove the lightest node until none is left.

    Args:
        row: (edges,) row of each edge, 0 to rows - 1.
        column: (edges,) column of each edge.
        weight: (columns,) weight of an edge to each column.
        rows: number of rows.

    Returns:
        The best density on the way, and (rows + columns,) the nodes that were left then.
    """
    nodes = rows + weight.size
    begin, neighbours = _adjacency(row, column + rows, nodes)
    of_node = [0.0] * rows + weight.tolist()
    left: list[float] = np.concatenate(
        [np.bincount(row, weight[column], rows), np.bincount(column) * weight]
    ).tolist()
    heap = [(each, node) for node, each in enumerate(left)]
    heapify(heap)
    order: list[int] = []
    removed = bytearray(nodes)
    total, best, best_at = float(weight[column].sum()), -1.0, 0
    while heap:
        lightest, node = heappop(heap)
        if removed[node] or lightest != left[node]:
            continue
        if total / (nodes - len(order)) > best:
            best, best_at = total / (nodes - len(order)), len(order)
        removed[node] = 1
        order.append(node)
        total -= lightest
        own = of_node[node]
        for other in neighbours[begin[node] : begin[node + 1]]:
            if not removed[other]:
                left[other] -= own or of_node[other]
                heappush(heap, (left[other], other))
    inside = np.ones(nodes, dtype=bool)
    inside[order[:best_at]] = False
    return best, inside


def _adjacency(one: Integers, other: Integers, nodes: int) -> tuple[list[int], list[int]]:
    """Return the place at which each node's neighbours begin, and all neighbours."""
    of = np.concatenate([one, other])
    order = np.argsort(of, kind="stable")
    begin = np.searchsorted(of[order], np.arange(nodes + 1))
    return begin.tolist(), np.concatenate([other, one])[order].tolist()
