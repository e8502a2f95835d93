"""Count the lines of a file that are neither empty, nor the header, nor a comment."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from ringfence.events.content import plain_chunks


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


def _whole_lines(path: Path) -> Iterator[list[bytes]]:
    rest: list[bytes] = []
    chunks = plain_chunks(path)
    first = next(chunks, b"").removeprefix(codecs.BOM_UTF8)
    for chunk in chain((first,), chunks):
        rest.append(chunk)
        if b"\n" in chunk:
            *lines, last = b"".join(rest).split(b"\n")
            yield lines
            rest = [last]
    yield [b"".join(rest)]
