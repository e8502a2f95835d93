"""Prepare a file so that the engine can read it to its end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from ringfence.errors import SourceError
from ringfence.events.content import BrokenPackingError, Packing, decode, packing, plain_chunks
from ringfence.events.quarantine import Quarantine
from ringfence.events.sources import Source

BROKEN = "truncated-file"
"""The reason for a compressed file that is cut off or damaged."""

_SUFFIX: dict[Packing, str] = {"plain": ".log", "gz": ".gz", "zst": ".zst"}
_PACKED = frozenset({".gz", ".zst"})
_CLEAN = re.compile(r"[A-Za-z0-9_./-]+")


def readable(source: Source, scratch: Path, quarantine: Quarantine) -> Path:
    """Return a path that the engine can read to its end.

    The file is read once, at the speed of the C library, because the engine does not report how far
    it came when it fails half-way. If a compressed file is broken, its readable part is unpacked
    into ``scratch`` up to the last whole line, and one record is quarantined. A text with several
    kinds of line ends is copied there with one kind, because the engine's reader stops at the first
    line that ends differently. Line numbers stay the same in both copies.

    Raises:
        SourceError: the file cannot be read, or there is no room to unpack it.
    """
    kind = packing(source.path)
    broken, mixed = _survey(source.path)
    if broken or mixed:
        return _rewrite(source, scratch, quarantine, broken)
    suffix = source.path.suffix
    honest = suffix == _SUFFIX[kind] if kind != "plain" else suffix not in _PACKED
    if honest and _CLEAN.fullmatch(str(source.path)):
        return source.path
    return _link(source, scratch, _SUFFIX[kind])


def _survey(path: Path) -> tuple[str, bool]:
    """Return what is wrong with a compressed file, if anything, and whether line ends differ."""
    ends: _Ends | None = None
    try:
        for chunk in plain_chunks(path):
            ends = ends or _Ends(returns=b"\r" in chunk, binary=chunk.startswith(b"PAR1"))
            ends.see(chunk)
    except BrokenPackingError as error:
        return str(error), False
    return "", ends is not None and ends.mixed


class _Ends:
    """A check that all lines of a text end in the same way, with or without a carriage return."""

    def __init__(self, *, returns: bool, binary: bool) -> None:
        self._returns = returns
        self._binary = binary
        self._stray = False
        self._last = b""
        self._balance = 0

    def see(self, chunk: bytes) -> None:
        """Check the next piece of the text."""
        if self._binary:
            return
        if not self._returns:
            self._stray = self._stray or b"\r" in chunk
            return
        pairs = chunk.count(b"\r\n") + (self._last == b"\r" and chunk.startswith(b"\n"))
        self._balance += chunk.count(b"\r") + chunk.count(b"\n") - 2 * pairs
        self._last = chunk[-1:] or self._last

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


def _rewrite(source: Source, scratch: Path, quarantine: Quarantine, broken: str) -> Path:
    target = scratch / "rewritten.log"
    rest, lines = b"", 1
    try:
        with target.open("wb") as file:
            for data in _until_broken(source.path):
                whole, end, rest = (rest + data).rpartition(b"\n")
                file.write(_one_end(whole) + end)
                lines += whole.count(b"\n") + len(end)
            file.write(b"" if broken else _one_end(rest))
    except OSError as error:
        raise SourceError(
            f"cannot be unpacked: {error.strerror}",
            where=source.name,
            hint="set engine.temp_directory to a disk with room",
        ) from error
    if broken:
        quarantine.add(source.name, lines, BROKEN, f"{broken}; after: {decode(rest)}")
    return target


def _one_end(lines: bytes) -> bytes:
    """End all lines in a line feed; replace a lone carriage return by a space."""
    return lines.replace(b"\r\n", b"\n").removesuffix(b"\r").replace(b"\r", b" ")


def _until_broken(path: Path) -> Iterator[bytes]:
    try:
        yield from plain_chunks(path)
    except BrokenPackingError:
        return
