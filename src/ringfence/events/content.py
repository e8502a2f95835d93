"""Read the unpacked bytes and the lines of a plain or compressed source."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.errors import SourceError
from ringfence.events.unpacking import MAGIC, BrokenPackingError, Packing, unpacked
from ringfence.stats.arrays import Rows

LONGEST_RECORD: Final = 16 << 20
"""The largest size of a record, in bytes. A longer line is not a record."""

_LINE_FEED: Final = ord("\n")


def packing(path: Path) -> Packing:
    """Return the compression of a file, judged by its first bytes. The name may be wrong.

    Raises:
        SourceError: the file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from error
    return next((kind for magic, kind in MAGIC if start.startswith(magic)), "plain")


def plain_chunks(path: Path, size: int | None = None) -> Iterator[bytes]:
    """Yield the unpacked bytes of a file in pieces of any size, in order.

    Args:
        path: the file.
        size: number of compressed bytes after which to stop; None for all.

    Raises:
        BrokenPackingError: a compressed file is truncated or damaged. All readable bytes were
            yielded before.
        SourceError: the file expands too much, or it is zst and no library for zst is installed.
    """
    kind = packing(path)
    with path.open("rb") as file:
        yield from unpacked(file, kind, size)


def plain_beginning(path: Path, size: int) -> tuple[bytes, bool, bool]:
    """Return the first bytes of a file, whether it is compressed, and whether these are all bytes.

    The bytes are unpacked. Of a damaged file, all readable bytes count as all bytes.

    Args:
        path: the file.
        size: number of bytes after which to stop.

    Raises:
        SourceError: the file expands too much, or it is zst and no library for zst is installed.
    """
    data = bytearray()
    packed = packing(path) != "plain"
    try:
        for chunk in plain_chunks(path):
            data += chunk
            if len(data) > size:
                return bytes(data[:size]), packed, False
    except BrokenPackingError:
        return bytes(data), packed, True
    return bytes(data), packed, True


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Yield (line number from 1, line without its end), without a byte order mark.

    A line longer than :data:`LONGEST_RECORD` may be cut, but stays longer than that.

    Raises:
        BrokenPackingError: as :func:`plain_chunks`.
        SourceError: as :func:`plain_chunks`.
    """
    number = 1
    for block in line_blocks(path):
        lines = block.split(b"\n")
        lines.pop()
        yield from enumerate(lines, number)
        number += len(lines)


def line_blocks(path: Path) -> Iterator[bytes]:
    """Yield the whole lines of a file in blocks of about 1 MiB, without a byte order mark.

    Each line ends with a line feed, also the last one. A carriage return before it is left out. A
    line longer than :data:`LONGEST_RECORD` may be cut, but stays longer than that.

    Raises:
        BrokenPackingError: as :func:`plain_chunks`.
        SourceError: as :func:`plain_chunks`.
    """
    started = False
    rest = _LongLine()
    for chunk in plain_chunks(path):
        first, end, others = chunk.partition(b"\n")
        rest.add(first.removeprefix(codecs.BOM_UTF8) if not started else first)
        started = True
        if end:
            whole, more, last = others.rpartition(b"\n")
            yield (rest.take() + b"\n" + whole + more).replace(b"\r\n", b"\n")
            rest.add(last)
    if last := rest.take():
        yield last + b"\n"


def line_ends(block: bytes) -> Rows:
    """Return the places of the line feeds in a block of whole lines."""
    return np.flatnonzero(np.frombuffer(block, np.uint8) == _LINE_FEED)


class _LongLine:
    """The pieces of a line that spans several chunks, up to a limit."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []
        self._size = 0

    def add(self, piece: bytes) -> None:
        """Append a piece, truncated at the length limit."""
        room = LONGEST_RECORD + 1 - self._size
        if room > 0:
            self._pieces.append(piece[:room])
            self._size += len(piece)

    def take(self) -> bytes:
        """Return the line and reset the buffer for the next one."""
        line = b"".join(self._pieces)
        self._pieces, self._size = [], 0
        return line


def decode(line: bytes) -> str:
    r"""Decode a line; bytes that are not UTF-8 stay distinguishable as ``\xff``."""
    return line.decode("utf-8", "backslashreplace")
