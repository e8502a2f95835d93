"""Set aside the lines whose quotes are not closed.

A line that was cut, or that has a quote within its text, leaves a quote open. The database then
takes the lines that follow for one field, and so may lose a third of a file to fifty such lines.
They can be told without the database, so this is tried before a file is sifted block by block.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.events.content import line_blocks, line_ends, packing
from ringfence.events.formats import FastPath
from ringfence.events.parted_file import PartedFile, parted
from ringfence.stats.arrays import Rows

_FIELD: Final = rb'(?:"[^"\\]*+(?:\\.[^"\\]*+)*+"|(?:[^" ][^ ]*+)?)'

_BALANCED: Final = re.compile(_FIELD + rb"(?: " + _FIELD + rb")*+", re.DOTALL)
"""A line of fields between single spaces, each in quotes that are closed, or bare."""

_LINE_FEED, _SPACE, _QUOTE, _BACKSLASH = (int(char[0]) for char in (b"\n", b" ", b'"', b"\\"))

_SAMPLED: Final = 1 << 20
_MOST_SAMPLED: Final = 64
"""Pieces of a large file, of 1 MiB each, in which open quotes are looked for."""

_ROOM: Final = 2
"""Free space of the scratch folder, in sizes of the file, from which a copy does no harm."""


def closes_quotes(line: bytes) -> bool:
    """Return whether each field of a line is bare or in quotes that are closed.

    Fields are between single spaces. In quotes, a backslash protects the next character.
    """
    return _BALANCED.fullmatch(line) is not None


def shows_open_quotes(engine: Engine, path: Path, opened: FastPath) -> bool:
    """Return whether a sample of a plain file has lines whose quotes are not closed.

    The answer is also no if a copy of the file without these lines would need much of the room that
    is left. The database may still lose lines, which is noticed then.

    Args:
        engine: its scratch folder would hold the copy.
        path: a plain, gz or zst file.
        opened: the fast path, which has quotes within lines.
    """
    size = path.stat().st_size
    if packing(path) != "plain" or shutil.disk_usage(engine.scratch).free < _ROOM * size:
        return False
    return any(next(_open(block, opened.comment), None) for block in _sampled(path, size))


def part_open_quotes(engine: Engine, path: Path, opened: FastPath) -> PartedFile:
    """Copy a file without the lines whose quotes are not closed; line numbers stay the same.

    Args:
        engine: its scratch folder holds both parts.
        path: a plain, gz or zst file.
        opened: the fast path, which has quotes within lines.

    Raises:
        SourceError: there is no room for the copies.
    """
    before = 0
    with parted(engine, path) as file:
        for block in line_blocks(path):
            kept = 0
            for line, begin, end in _open(block, opened.comment):
                file.keep_block(block[kept:begin])
                file.set_aside(before + line, before + line, block[begin:end])
                kept = end + 1
            file.keep_block(block[kept:])
            before += block.count(b"\n")
    return file


def _sampled(path: Path, size: int) -> Iterator[bytes]:
    """Yield whole lines of a file, from pieces at equal distances."""
    pieces = min(_MOST_SAMPLED, -(-size // _SAMPLED))
    with path.open("rb") as file:
        for number in range(pieces):
            file.seek(number * size // pieces)
            piece = file.read(_SAMPLED)
            first = piece.find(b"\n") + 1 if number else 0
            whole = piece[first : piece.rfind(b"\n") + 1]
            if whole:
                yield whole.replace(b"\r\n", b"\n")


def _open(block: bytes, comment: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield number, begin and end of the lines in a block whose quotes are not closed.

    Numbers count from 1. Begin and end are places in the block.
    """
    data = np.frombuffer(block, np.uint8)
    ends = line_ends(block)
    for line in _doubtful(data, ends):
        begin, end = int(ends[line - 1]) + 1 if line else 0, int(ends[line])
        text = block[begin:end]
        if not closes_quotes(text) and not (comment and text.startswith(comment)):
            yield int(line) + 1, begin, end


def _doubtful(data: np.ndarray[tuple[int], np.dtype[np.uint8]], ends: Rows) -> Rows:
    """Return the lines that may leave a quote open, from their characters only.

    All quotes of the other lines open and close in turn. Those that open follow a space or begin
    the line, and those that close precede a space or end it. No backslash protects any of them.

    Args:
        data: (characters,) whole lines, each with a line feed.
        ends: (lines,) places of the line feeds.
    """
    quotes = np.flatnonzero(data == _QUOTE)
    until = np.searchsorted(quotes, ends)
    number = np.diff(until, prepend=0)
    opens = (np.arange(quotes.size) - np.repeat(until - number, number)) % 2 == 0
    beside = data[np.where(opens, quotes - 1, quotes + 1)]
    odd_places = quotes[(beside != _SPACE) & (beside != _LINE_FEED)]
    protected = np.flatnonzero(data == _BACKSLASH)
    of_places = np.searchsorted(ends, np.concatenate([odd_places, protected]))
    return np.unique(np.concatenate([np.flatnonzero(number % 2), of_places]))
