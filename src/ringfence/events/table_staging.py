"""Prepare a table of the operator so that the engine can read all of it, or refuse it.

The operator is trusted, but the table is not: it may be the wrong file, or come from a system to
which an extractor can write. It is read once before the engine reads it.
"""

from __future__ import annotations

import codecs
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.errors import SourceError
from ringfence.events.content import packing, plain_chunks
from ringfence.events.steady_files import check_holes
from ringfence.events.unpacking import BrokenPackingError

LONGEST_ROW: Final = 2 << 20
"""The largest size of a line of a csv table, in bytes. It is the limit of the engine."""

_PARQUET: Final = b"PAR1"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_KINDS: Final = (
    (stat.S_ISDIR, "is a folder"),
    (stat.S_ISFIFO, "is a pipe"),
    (stat.S_ISSOCK, "is a socket"),
    (stat.S_ISCHR, "is a device"),
    (stat.S_ISBLK, "is a device"),
)
_AGAIN: Final = "copy it again"


@dataclass(frozen=True)
class StagedTable:
    """A table file that the engine can read.

    Attributes:
        path: a link to the file, or a copy with one kind of line ends. Its name is plain, because
            the engine reads the file type from the ending and some characters as a pattern.
        parquet: whether the content is Parquet.
    """

    path: Path
    parquet: bool


def stage_table(path: Path, scratch: Path, name: str, *, by_line: bool) -> StagedTable:
    """Check a table file, and return how the engine can read it.

    Args:
        path: the file.
        scratch: a folder for the link or copy.
        name: the name of the link or copy, without an ending.
        by_line: whether each row is a line, as in csv.

    Raises:
        SourceError: the path names no file, or the file cannot be read, is empty, is truncated,
            expands more than a log can, is UTF-16, has a line of more than 2 MiB, or consists of
            holes.
    """
    _check_kind(path)
    check_holes(path, str(path))
    packed = packing(path)
    survey = _Survey(by_line=by_line)
    try:
        for chunk in plain_chunks(path):
            survey.see(chunk, str(path))
            if survey.parquet and packed == "plain":
                break
    except BrokenPackingError as error:
        raise SourceError(
            f"is cut off or damaged: {error}", where=str(path), hint=_AGAIN
        ) from error
    ending = ".parquet" if survey.parquet else ".txt"
    target = scratch / f"{name}{ending}{'' if packed == 'plain' else f'.{packed}'}"
    target.unlink(missing_ok=True)
    if survey.rewrites:
        target = scratch / f"{name}.txt"
        _copy(path, target, survey.lone_return)
    else:
        target.symlink_to(path.absolute())
    return StagedTable(target, survey.parquet)


class _Survey:
    """Facts about the unpacked content, collected piece by piece."""

    def __init__(self, *, by_line: bool) -> None:
        self.parquet = False
        self._by_line = by_line
        self._begun = self._plain_feeds = self._pairs = self._stray = False
        self._length = 0
        self._last = b""

    @property
    def rewrites(self) -> bool:
        """Whether lines end in several ways, or by a carriage return alone."""
        mixed = self._stray or (self._plain_feeds and self._pairs)
        return self._by_line and not self.parquet and mixed

    @property
    def lone_return(self) -> bytes:
        """The replacement of a carriage return without a line feed.

        In a text with line feeds, it is part of a value and becomes a space. Otherwise it ends a
        line.
        """
        return b" " if self._plain_feeds or self._pairs else b"\n"

    def see(self, chunk: bytes, where: str) -> None:
        """Check the next piece.

        Raises:
            SourceError: the text is UTF-16, or a line is too long.
        """
        if not self._begun:
            self._begun = True
            self.parquet = chunk.startswith(_PARQUET)
            if chunk.startswith(_UTF_16):
                raise SourceError(
                    "is UTF-16, not UTF-8", where=where, hint="iconv -f UTF-16 -t UTF-8 converts it"
                )
        if self._by_line and not self.parquet:
            self._see_ends(self._last + chunk)
            self._see_length(chunk, where)
            self._last = chunk[-1:] if chunk.endswith(b"\r") else b""

    def _see_ends(self, text: bytes) -> None:
        returns = text.count(b"\r") - text.endswith(b"\r")
        pairs = text.count(b"\r\n") if returns else 0
        self._stray |= returns > pairs
        self._pairs |= pairs > 0
        self._plain_feeds |= not self._plain_feeds and text.count(b"\n") > pairs

    def _see_length(self, chunk: bytes, where: str) -> None:
        ends = [place for sign in (b"\n", b"\r") if (place := chunk.find(sign)) >= 0]
        longest = self._length + (min(ends) if ends else len(chunk))
        if longest > LONGEST_ROW:
            raise SourceError(
                f"has a line of more than {LONGEST_ROW >> 20} MiB",
                where=where,
                hint="each row must be a line, and a quoted text must end",
            )
        last = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
        self._length = len(chunk) - 1 - last if ends else longest


def _check_kind(path: Path) -> None:
    """Refuse a path that is not a file with content.

    Raises:
        SourceError: the path is a folder, device, pipe or socket, does not exist, or is empty.
    """
    try:
        found = path.stat()
        os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY))
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise SourceError("there is no such file", where=str(path)) from error
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}",
            where=str(path),
            hint="check its name and permissions",
        ) from error
    for is_kind, kind in _KINDS:
        if is_kind(found.st_mode):
            raise SourceError(f"{kind}, not a file", where=str(path))
    if not found.st_size:
        raise SourceError("is empty", where=str(path))


def _copy(path: Path, target: Path, lone_return: bytes) -> None:
    """Copy the text with a line feed at the end of each line."""
    held = b""
    try:
        with target.open("wb") as file:
            for chunk in plain_chunks(path):
                text = held + chunk
                held = text[-1:] if text.endswith(b"\r") else b""
                text = text.removesuffix(b"\r").replace(b"\r\n", b"\n")
                file.write(text.replace(b"\r", lone_return))
    except OSError as error:
        raise SourceError(
            f"has several kinds of line ends, and cannot be copied: {error.strerror}",
            where=str(path),
            hint="set engine.temp_directory to a disk with room",
        ) from error
