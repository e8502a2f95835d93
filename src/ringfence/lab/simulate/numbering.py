"""Public numbers of items and groups, which do not reveal popularity."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

import numpy as np

from ringfence.lab.simulate.hashing import hashed_uniform
from ringfence.stats.arrays import Integers

CELLS: Final = 256
"""Groups of one size are dealt to at most this number of cells, and the cells are shuffled. So no
long stretch of numbers has one size, and the table of cells stays small."""
_SALT = 0x5EED
_GOLDEN = 0.6180339887498949


@dataclass(frozen=True, eq=False)
class Numbering:
    """Bijections between items and groups by popularity and their public numbers.

    Groups of the same size are put in another order by an affine map, dealt to cells and laid out
    cell by cell, with the cells of all sizes shuffled. The items of a group follow each other;
    another affine map turns their order. Only the cells are stored.

    Attributes:
        level: (levels,) groups with more than k items, falling.
        few: (levels + 1,) by number of items n, the most popular group with n items or fewer.
        step: (levels + 1,) by number of items n, the multiplier of the map of such groups.
        turn: (levels + 1,) by number of items n, the multiplier of the map of a group's items.
        width: (levels + 1,) by number of items n, the groups in a cell.
        cell: (levels + 1,) by number of items n, the first of its cells in ``offset``.
        offset: (cells,) public number of the first item of a cell.
    """

    level: Integers
    few: Integers
    step: Integers
    turn: Integers
    width: Integers
    cell: Integers
    offset: Integers

    @classmethod
    def of(cls, level: Integers) -> Self:
        """Number a catalogue.

        Args:
            level: (levels,) number of groups with more than k items, falling.
        """
        sizes = np.arange(len(level) + 1)
        few = np.append(level, 0)
        groups = np.concatenate([[0], level - few[1:]])
        width = np.maximum(-(-groups // CELLS), 1)
        cells = -(-groups // width)
        cell = np.cumsum(cells) - cells
        of_cell = np.repeat(sizes, cells)
        nth = np.arange(len(of_cell)) - cell[of_cell]
        held = np.minimum(width[of_cell], groups[of_cell] - nth * width[of_cell]) * of_cell
        order = np.argsort(hashed_uniform(np.full(len(held), _SALT), np.arange(len(held))))
        offset = np.empty(len(held), np.int64)
        offset[order] = np.cumsum(held[order]) - held[order]
        return cls(level, few, _coprime(groups), _coprime(sizes), width, cell, offset)

    def size_of(self, group: Integers) -> Integers:
        """Return the number of items of each group."""
        size: Integers = len(self.level) - np.searchsorted(self.level[::-1], group, "right")
        return size

    def item(self, group: Integers, place: Integers) -> Integers:
        """Return the public number of the item at each place of each group."""
        size = self.size_of(group)
        alike = self.level[size - 1] - self.few[size]
        moved = (group - self.few[size]) * self.step[size] % alike
        cell, within = np.divmod(moved, self.width[size])
        turned = (place * self.turn[size] + group) % size
        shown: Integers = self.offset[self.cell[size] + cell] + within * size + turned
        return shown

    def place_of(self, group: Integers, nth: Integers) -> Integers:
        """Return the place within its group of the item with the nth smallest public number."""
        size = self.size_of(group)
        place: Integers = (nth - group) * _inverse(self.turn, size) % size
        return place

    def group(self, group: Integers) -> Integers:
        """Return the public number of each group."""
        groups = self.level[:1]
        shown: Integers = (group * _coprime(groups) + groups // 3) % groups
        return shown


def _coprime(modulus: Integers) -> Integers:
    """Return a multiplier near the golden section of each modulus, coprime to it.

    It sends neighbours far apart (Knuth, The Art of Computer Programming 3, 6.4). Products stay
    below 2**63 for moduli up to three thousand million.
    """
    multiplier = np.maximum((modulus * _GOLDEN).astype(np.int64), 1)
    while (common := np.gcd(multiplier, modulus) > 1).any():
        multiplier = multiplier + common
    return multiplier


def _inverse(multiplier: Integers, modulus: Integers) -> Integers:
    """Return the inverse of the multiplier of each modulus.

    Args:
        multiplier: multiplier by modulus, coprime to it.
        modulus: moduli of any shape.
    """
    sizes, which = np.unique(modulus, return_inverse=True)
    inverse = [pow(int(multiplier[size]), -1, int(size)) for size in sizes]
    found: Integers = np.array(inverse, np.int64)[which]
    return found
