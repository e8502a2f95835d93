"""Prepare a file so that the engine can read it to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ringfence.errors import SourceError
from ringfence.events.content import decode, packing, plain_chunks
from ringfence.events.line_ends import with_line_feeds
from ringfence.events.quarantine import Quarantine
from ringfence.events.sources import Source
from ringfence.events.unpacking import MAGIC, BrokenPackingError, Packing

BROKEN = "truncated-file"
"""The reason for a compressed file that is cut off or damaged."""

_SUFFIX: dict[Packing, str] = {"plain": ".log", "gz": ".gz", "zst": ".zst"}
_PACKED = frozenset({".gz", ".zst"})
_CLEAN = re.compile(r"[A-Za-z0-9_./-]+")


@dataclass(frozen=True)
class ReadableFile:
    """A file that the engine can read to its end.

    Attributes:
        path: the file itself, a link to it, or a repaired copy.
        lines: number of its lines, also of empty ones.
    """

    path: Path
    lines: int


def readable(source: Source, scratch: Path, quarantine: Quarantine) -> ReadableFile:
    """Return a path that the engine can read to its end, and the number of lines.

    The file is read once, at the speed of the C library, because the engine does not report how far
    it came when it fails half-way. If a compressed file is broken, its readable part is unpacked
    into ``scratch`` up to the last whole line, and one record is quarantined. A text with several
    kinds of line ends is copied there with one kind, because the engine's reader stops at the first
    line that ends differently. Line numbers stay the same in both copies.

    Raises:
        SourceError: the file cannot be read, it is compressed twice, or there is no room to unpack
            it.
    """
    kind = packing(source.path)
    if kind != "plain":
        _refuse_packed_twice(source)
    broken, mixed, lines = _survey(source.path)
    if broken or mixed:
        return _rewrite(source, scratch, quarantine, broken)
    suffix = source.path.suffix
    honest = suffix == _SUFFIX[kind] if kind != "plain" else suffix not in _PACKED
    if honest and _CLEAN.fullmatch(str(source.path)):
        return ReadableFile(source.path, lines)
    return ReadableFile(_link(source, scratch, _SUFFIX[kind]), lines)


def _refuse_packed_twice(source: Source) -> None:
    """Refuse a compressed file that holds another one; nobody compresses a log twice on purpose.

    Raises:
        SourceError: it does.
    """
    try:
        start = next(plain_chunks(source.path), b"")
    except BrokenPackingError:
        return
    if any(start.startswith(magic) for magic, _ in MAGIC):
        raise SourceError(
            "is compressed twice", where=source.name, hint="unpack it once, and scan the result"
        )


def _survey(path: Path) -> tuple[str, bool, int]:
    """Return what is wrong with a compressed file, whether line ends differ, and the lines."""
    ends: _Ends | None = None
    try:
        for chunk in plain_chunks(path):
            ends = ends or _Ends(returns=b"\r" in chunk, binary=chunk.startswith(b"PAR1"))
            ends.see(chunk)
    except BrokenPackingError as error:
        return str(error), False, 0
    return ("", ends.mixed, ends.lines) if ends else ("", False, 0)


class _Ends:
    """A count of lines, and whether all end alike, with or without a carriage return."""

    def __init__(self, *, returns: bool, binary: bool) -> None:
        self._returns = returns
        self._binary = binary
        self._stray = False
        self._last = b""
        self._balance = 0
        self._feeds = 0

    def see(self, chunk: bytes) -> None:
        """Check the next piece of the text."""
        if self._binary:
            return
        feeds = chunk.count(b"\n")
        self._feeds += feeds
        before, self._last = self._last, chunk[-1:] or self._last
        if not self._returns:
            self._stray = self._stray or b"\r" in chunk
            return
        pairs = chunk.count(b"\r\n") + (before == b"\r" and chunk.startswith(b"\n"))
        self._balance += chunk.count(b"\r") + feeds - 2 * pairs

    @property
    def lines(self) -> int:
        """Number of lines; the last one needs no line end."""
        return self._feeds + (self._last not in {b"", b"\n"})

    @property
    def mixed(self) -> bool:
        """Whether some line ends differently, or a carriage return stands alone."""
        return self._stray or self._balance != 0


def _link(source: Source, scratch: Path, suffix: str) -> Path:
    # The engine goes by the name's ending, and [ and * are a pattern for it: give it a plain name.
    link = scratch / f"source{suffix}"
    link.unlink(missing_ok=True)
    link.symlink_to(source.path.absolute())
    return link


def _rewrite(source: Source, scratch: Path, quarantine: Quarantine, broken: str) -> ReadableFile:
    target = scratch / "rewritten.log"
    rest, lines, whole = b"", 1, 0
    try:
        with target.open("wb") as file:
            for piece in with_line_feeds(_until_broken(source.path)):
                rest = piece[piece.rfind(b"\n") + 1 :]
                lines += piece.count(b"\n")
                file.write(piece)
                whole = file.tell() - len(rest) if b"\n" in piece else whole
            if broken:
                file.truncate(whole)
    except OSError as error:
        raise SourceError(
            f"cannot be unpacked: {error.strerror}",
            where=source.name,
            hint="set engine.temp_directory to a disk with room",
        ) from error
    if broken:
        quarantine.add(lines, BROKEN, f"{broken}; after: {decode(rest)}")
        rest = b""
    return ReadableFile(target, lines - (not rest))


def _until_broken(path: Path) -> Iterator[bytes]:
    try:
        yield from plain_chunks(path)
    except BrokenPackingError:
        return
