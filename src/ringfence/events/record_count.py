"""Count the lines of a file that are neither empty, nor header, nor comment; find long ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from ringfence.events.content import line_blocks, line_ends, plain_chunks

_LONG: Final = 1 << 14


def count_record_lines(path: Path, *, header: bool, comment: bytes) -> int:
    """Return the number of lines that must give an event, or be quarantined.

    Args:
        path: a plain, gz or zst file. Its lines end in a line feed, all or none of them after a
            carriage return.
        header: whether the first line names the columns.
        comment: the beginning of lines without a record; empty if there are none.
    """
    count = 0
    for block in line_blocks(path):
        ends = line_ends(block)
        count += ends.size - int(np.count_nonzero(np.diff(ends, prepend=-1) == 1))
        if comment:
            count -= block.startswith(comment) + block.count(b"\n" + comment)
    return count - (header and count > 0)


def has_long_line(path: Path) -> bool:
    """Return whether a file may have a line of more than 16 KiB; of 32 KiB, it certainly has."""
    return any(
        chunk.find(b"\n", start, start + _LONG) < 0
        for chunk in plain_chunks(path)
        for start in range(0, len(chunk) - _LONG + 1, _LONG)
    )
