"""A set of all pairs of account and item that were ever taken, in 12 bits per pair.

This is a blocked Bloom filter (Putze, Sanders and Singler, 2007): all bits of a pair are in one
block of 64 bytes, so a look-up reads one line of the processor's cache. It never forgets a pair. It
mistakes a few new pairs (below 1 %) for known ones. This favours the account, because the item is
not charged.

When a filter is full, a filter of twice the size is added.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from ringfence.service.exposure.mapped_file import MappedFile

BITS_PER_PAIR: Final = 12
"""Bits of the filter for each pair."""

_BLOCK_BYTES: Final = 64
_BLOCK_WORDS: Final = 8
_BLOCK_BITS: Final = 512
_WORD_BYTES: Final = 8
_SHIFTS: Final = (10, 19, 28, 37, 46, 55)
"""Where the numbers of the bits that a pair sets begin in its mixed number, 9 bits each."""

_ALL_BITS: Final = (1 << 64) - 1
_MIX: Final = 0xD6E8FEB86659FD93
_NEARLY_FULL: Final = 0.9
_HEADER: Final = 4096
"""Bytes before the blocks: the number of pairs, and zeros."""


class FilterPart:
    """One Bloom filter of a fixed size.

    Args:
        path: of its file.
        pairs: number of pairs that it is made for.
    """

    def __init__(self, path: Path, pairs: int) -> None:
        wanted = max(1, -(-pairs * BITS_PER_PAIR // _BLOCK_BITS))
        self._file = MappedFile(path, _HEADER + wanted * _BLOCK_BYTES)
        memory = self._file.memory
        self.blocks = (len(memory) - _HEADER) // _BLOCK_BYTES
        self.capacity = self.blocks * _BLOCK_BITS // BITS_PER_PAIR
        self._count = memoryview(memory)[:_WORD_BYTES].cast("Q")
        self._words = np.frombuffer(memory, "<u8", self.blocks * _BLOCK_WORDS, _HEADER)
        # One word of it is read in a fifth of the time that an array needs.
        self._each = memoryview(memory)[_HEADER : _HEADER + self.blocks * _BLOCK_BYTES].cast("Q")

    @property
    def count(self) -> int:
        """The number of pairs that were added."""
        return self._count[0]

    @property
    def is_full(self) -> bool:
        """Whether it has the pairs that it was made for."""
        return self.count >= self.capacity

    def has(self, pair: int) -> bool:
        """Return whether a pair was added, or is taken for one that was."""
        words, mixed = self._each, (pair * _MIX) & _ALL_BITS
        first = ((pair >> 32) * self.blocks >> 32) * _BLOCK_WORDS
        for shift in _SHIFTS:
            bit = mixed >> shift & 511
            if not words[first + (bit >> 6)] >> (bit & 63) & 1:
                return False
        return True

    def add(self, pair: int) -> None:
        """Add a pair."""
        words, mixed = self._each, (pair * _MIX) & _ALL_BITS
        first = ((pair >> 32) * self.blocks >> 32) * _BLOCK_WORDS
        for shift in _SHIFTS:
            bit = mixed >> shift & 511
            words[first + (bit >> 6)] |= 1 << (bit & 63)
        self._count[0] += 1

    def have(self, pairs: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return for each pair whether it was added, or is taken for one that was."""
        found = np.ones(len(pairs), bool)
        for words, bits in self._places(pairs):
            found &= (self._words[words] & bits) != 0
        return found

    def add_all(self, pairs: NDArray[np.uint64]) -> None:
        """Add different pairs that were not added before."""
        for words, bits in self._places(pairs):
            np.bitwise_or.at(self._words, words, bits)
        self._count[0] += len(pairs)

    def sync(self) -> None:
        """Wait until the disk has everything."""
        self._file.sync()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _places(
        self, pairs: NDArray[np.uint64]
    ) -> Iterator[tuple[NDArray[np.int64], NDArray[np.uint64]]]:
        """Yield, for each of the bits of a pair, the word that it is in and its value there."""
        blocks = ((pairs >> np.uint64(32)) * np.uint64(self.blocks)) >> np.uint64(32)
        first = blocks.astype(np.int64) * _BLOCK_WORDS
        with np.errstate(over="ignore"):
            mixed = pairs * np.uint64(_MIX)
        for shift in _SHIFTS:
            bit = (mixed >> np.uint64(shift)) & np.uint64(511)
            yield (
                first + (bit >> np.uint64(6)).astype(np.int64),
                np.uint64(1) << (bit & np.uint64(63)),
            )


class PairFilter:
    """All pairs that were ever taken.

    Args:
        folder: for its files.
        pairs: pairs that the first file is made for.
    """

    def __init__(self, folder: Path, pairs: int) -> None:
        self._folder = folder
        self._pairs = pairs
        self.parts: list[FilterPart] = []
        self._prepared: FilterPart | None = None
        while not self.parts or self._path(len(self.parts)).exists():
            self._add_part()
        # A part that an earlier process has prepared. Look-ups in it would only fill memory.
        if len(self.parts) > 1 and not self.parts[-1].count:
            self._prepared = self.parts.pop()

    @property
    def count(self) -> int:
        """The number of pairs that were added."""
        return sum(part.count for part in self.parts)

    def has(self, pair: int) -> bool:
        """Return whether a pair was taken before. See :func:`hash_pair`."""
        # Written out, because a generator takes as long as the look-up.
        for part in self.parts:  # noqa: SIM110
            if part.has(pair):
                return True
        return False

    def add(self, pair: int) -> None:
        """Add a pair that was not there."""
        if self.parts[-1].is_full:
            self._add_part()
        self.parts[-1].add(pair)

    def have(self, pairs: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Return for each pair whether it was taken before."""
        found = self.parts[0].have(pairs)
        for part in self.parts[1:]:
            found |= part.have(pairs)
        return found

    def add_all(self, pairs: NDArray[np.uint64]) -> None:
        """Add different pairs that were not there."""
        if self.parts[-1].is_full:
            self._add_part()
        self.parts[-1].add_all(pairs)

    def prepare(self) -> None:
        """Make the next part if the last one is nearly full: this can take seconds.

        It may run in a thread while pairs are added.

        Raises:
            OutputError: the disk is too full.
        """
        last = self.parts[-1]
        if self._prepared is None and last.count > _NEARLY_FULL * last.capacity:
            self._prepared = self._new_part(len(self.parts))

    def sync(self) -> None:
        """Wait until the disk has everything."""
        for part in self.parts:
            part.sync()

    def close(self) -> None:
        """Close all files."""
        for part in self.parts:
            part.close()

    def _path(self, number: int) -> Path:
        return self._folder / f"pairs-{number:02d}.filter"

    def _add_part(self) -> None:
        self.parts.append(self._prepared or self._new_part(len(self.parts)))
        self._prepared = None

    def _new_part(self, number: int) -> FilterPart:
        return FilterPart(self._path(number), self._pairs << number)
