"""Count the lines of a file that are neither empty, nor header, nor comment; find long ones."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final

from ringfence.events.content import plain_chunks

_LONG: Final = 1 << 14
_KEPT: Final = 1 << 10


def count_record_lines(path: Path, *, header: bool, comment: bytes) -> int:
    """Return the number of lines that must give an event, or be quarantined.

    Args:
        path: a plain, gz or zst file. Its lines end in a line feed, all or none of them after a
            carriage return.
        header: whether the first line names the columns.
        comment: the beginning of lines without a record; empty if there are none.
    """
    count = 0
    for lines in _whole_lines(path):
        count += len(lines) - lines.count(b"") - lines.count(b"\r")
        count -= sum(line.startswith(comment) for line in lines) if comment else 0
    return count - (header and count > 0)


def has_long_line(path: Path) -> bool:
    """Return whether a file may have a line of more than 16 KiB; of 32 KiB, it certainly has."""
    return any(
        chunk.find(b"\n", start, start + _LONG) < 0
        for chunk in plain_chunks(path)
        for start in range(0, len(chunk) - _LONG + 1, _LONG)
    )


def _whole_lines(path: Path) -> Iterator[list[bytes]]:
    """Yield the lines of a file, the beginning of each at least."""
    rest = b""
    chunks = plain_chunks(path)
    first = next(chunks, b"").removeprefix(codecs.BOM_UTF8)
    for chunk in chain((first,), chunks):
        *lines, last = (rest + chunk).split(b"\n")
        yield lines
        # No comment begins with more, and a line does not become empty.
        rest = last[:_KEPT]
    yield [rest]
