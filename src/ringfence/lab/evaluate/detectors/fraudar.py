"""Dense blocks in the manner of FRAUDAR: accounts that share items which few others have."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from heapq import heapify, heappop, heappush
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.rings.collision.holdings import Matrix
from ringfence.rings.collision.samples import load_holdings
from ringfence.stats.arrays import Floats, Keys

Rows = npt.NDArray[np.int64]

AT_MOST: Final = 2_000_000
"""Holdings looked at; beyond, items are sampled, the same for every account. The paper's trees and
ours are a program's inner loop in Python: ten million holdings take minutes."""

BLOCKS: Final = 8
"""Blocks found one after the other, each without what ties the ones before together. The densest
is what most people like; the paper's data had one fraud, a catalogue has fans as well."""

SMOOTHING: Final = 5.0
"""The constant c of the paper's column weights 1 / log(d + c) (section 3.3)."""


@dataclass(frozen=True, eq=False)
class Block:
    """Accounts and items that are dense together.

    Attributes:
        rows: accounts, ascending.
        columns: items, ascending.
        density: weighted holdings among them, over accounts and items together.
    """

    rows: Rows = field(repr=False)
    columns: Rows = field(repr=False)
    density: float


class Fraudar(Detector):
    """Density of the block that an account is in (Hooi and others, KDD 2016).

    FRAUDAR: Bounding Graph Fraud in the Face of Camouflage. In the graph of accounts and items a
    holding weighs 1 / log(d + 5) for an item with d holders, so that taking popular items
    as camouflage adds little. The block that maximises weight over nodes is approached by peeling:
    the node with the least weight goes first, and the best set on the way is at least half as dense
    as the densest. Prior suspicions of nodes are all 0. Items with one holder are left out: at 0.56
    each they are in no block that is denser than this. Fails on rings that divide the work: they
    are the opposite of dense.

    Written from the paper: of two packages on PyPI one is a wrapper of the authors' program under
    another licence than ours (rgmining-fraudar), one was last released in 2020 (UGFraud).
    """

    name = "fraudar"
    about = (
        "density of the block of accounts and items that an account is in, of the "
        f"{BLOCKS} densest found; best threshold without accusation, knowing the truth"
    )
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return densities, 0 in no block; nothing at moments when groups are not looked for."""
        if not snapshot.searched:
            return np.zeros(0, np.uint64), np.zeros(0)
        keys = np.asarray(snapshot.scored.accounts["account_key"], dtype=np.uint64)
        scores = np.zeros(keys.size)
        for members, density in groups(snapshot):
            inside = np.isin(keys, members)
            scores[inside] = np.maximum(scores[inside], density)
        return keys, scores


def groups(snapshot: Snapshot) -> Iterator[tuple[Keys, float]]:
    """Yield the accounts of each block with its density, in the order in which they are found."""
    holdings = load_holdings(
        snapshot.context.engine, snapshot.scored.accounts["account_key"], AT_MOST
    )
    for block in dense_blocks(holdings.matrix):
        yield holdings.accounts[block.rows], block.density


def dense_blocks(matrix: Matrix, blocks: int = BLOCKS) -> Iterator[Block]:
    """Yield dense blocks of an (accounts, items) matrix of ones, without the edges of those before.

    Column weights are those of the graph that is left, as in the authors' program.
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


def _densest(row: Rows, column: Rows) -> Block:
    """Return the best block on the path of greedy peeling."""
    weight = 1 / np.log(np.bincount(column) + SMOOTHING)
    row, column = _core(row, column, weight)
    rows, one = np.unique(row, return_inverse=True)
    columns, other = np.unique(column, return_inverse=True)
    density, kept = _peeled(one, other, weight[columns], rows.size)
    return Block(rows[kept[: rows.size]], columns[kept[rows.size :]], density)


def _core(row: Rows, column: Rows, weight: Floats) -> tuple[Rows, Rows]:
    """Drop nodes whose weight is less than the density, again and again.

    Peeling would take them first, and the density grows with each that goes: the best set of the
    path lies in what is left, and most of the work is done in whole arrays.
    """
    while True:
        of_row = np.bincount(row, weight[column])
        of_column = np.bincount(column) * weight[: int(column.max()) + 1]
        nodes = np.count_nonzero(of_row) + np.count_nonzero(of_column)
        density = of_row.sum() / nodes
        # Rounding must not drop a node that is exactly as dense as the whole.
        least = density * (1 - 1e-9)
        stay = (of_row[row] >= least) & (of_column[column] >= least)
        if stay.all():
            return row, column
        row, column = row[stay], column[stay]


def _peeled(
    row: Rows, column: Rows, weight: Floats, rows: int
) -> tuple[float, npt.NDArray[np.bool_]]:
    """Remove the lightest node until none is left; return the best density and who was in then.

    Args:
        row: of each edge, 0 .. rows - 1.
        column: of each edge.
        weight: (columns,) of an edge to each.
        rows: how many.
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
    sum_, best, best_at = float(weight[column].sum()), -1.0, 0
    while heap:
        lightest, node = heappop(heap)
        if removed[node] or lightest != left[node]:
            continue
        if sum_ / (nodes - len(order)) > best:
            best, best_at = sum_ / (nodes - len(order)), len(order)
        removed[node] = 1
        order.append(node)
        sum_ -= lightest
        own = of_node[node]
        for other in neighbours[begin[node] : begin[node + 1]]:
            if not removed[other]:
                left[other] -= own or of_node[other]
                heappush(heap, (left[other], other))
    kept = np.ones(nodes, dtype=bool)
    kept[order[:best_at]] = False
    return best, kept


def _adjacency(one: Rows, other: Rows, nodes: int) -> tuple[list[int], list[int]]:
    """Return where each node's neighbours begin, and all neighbours."""
    of = np.concatenate([one, other])
    order = np.argsort(of, kind="stable")
    begin = np.searchsorted(of[order], np.arange(nodes + 1))
    return begin.tolist(), np.concatenate([other, one])[order].tolist()
