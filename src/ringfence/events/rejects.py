"""Find the parts of a file that the engine's CSV reader rejected, with their line numbers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ringfence.engine import Engine
from ringfence.events.content import plain_chunks

_CUT = 10_000
"""The number of characters after which the engine cuts the text that it reports."""

_MOST_HELD = 32 << 20
"""Bytes after which a record is cut. No line may be longer."""


@dataclass(frozen=True)
class Stretch:
    """The bytes of a rejected record, which an open quote may extend over several lines.

    Attributes:
        line: number of its first line, from 1.
        data: the bytes, without the last line end.
    """

    line: int
    data: bytes

    def lines(self) -> list[tuple[int, bytes]]:
        """Split into (line number, line)."""
        lines = (line.removesuffix(b"\r") for line in self.data.split(b"\n"))
        return list(enumerate(lines, self.line))


@dataclass(frozen=True)
class _Extent:
    start: int  # in the first line
    end: int  # in the last line, or at its end
    quoted: bool = False  # the record ends with the line of the first quote from ``end`` on


def rejected(engine: Engine, path: Path) -> Iterator[Stretch]:
    """Yield the parts that the engine rejected while it read a file: whole lines, in order.

    The engine's line numbers count records, not lines. Its text is cut, and is wrong if it is not
    UTF-8. Therefore only its byte positions are used, and the bytes are taken from the file.
    """
    returns = b"\r\n" in next(plain_chunks(path), b"")
    rows = engine.csv_rejects(path, int(returns))
    extents = [_extent(*row, returns=returns) for row in rows]
    yield from _cut_out(path, sorted(extents, key=lambda one: one.start))


def _extent(  # noqa: PLR0913 - a row of the query
    position: int, furthest: int, length: int, size: int, spans: bool, *, returns: bool
) -> _Extent:
    """Return the position of a rejected record in the file.

    If the text is cut and spans several lines, a quote was left open. The record then extends to
    the line of the next quote, however far away.

    After a second misplaced quote, the engine reports the start and the text of the record *before*
    the bad record, and an error beyond the end of that text. The bad record begins at that end.
    """
    start, last = position - 1, furthest - 1
    end = start + size
    if length >= _CUT:
        return _Extent(start, max(end, last), quoted=spans and last <= end)
    if last > end + returns:
        return _Extent(end + 1, last)
    return _Extent(start, end)


def _cut_out(path: Path, extents: list[_Extent]) -> Iterator[Stretch]:
    """Read the file once, count its lines, and yield the rejected parts."""
    window = _Window(path)
    for extent in extents:
        if extent.end >= window.base and window.advance(extent.start):
            line = window.line
            yield Stretch(line, window.take(extent.end, quoted=extent.quoted))


class _Window:
    """A moving window on the unpacked bytes of a file; it begins where a line begins."""

    def __init__(self, path: Path) -> None:
        self._chunks = plain_chunks(path)
        self._data = b""
        self.base = 0
        self.line = 1

    def advance(self, position: int) -> bool:
        """Move to the line that contains a position; return False at the end of the file."""
        while self.base + len(self._data) <= position:
            self._skip(self._data.rfind(b"\n") + 1)
            if not self._more():
                return False
        at = max(0, position - self.base)
        # In files with carriage returns, the reported start may be the line feed before the record.
        at += self._data[at : at + 1] == b"\n"
        self._skip(self._data.rfind(b"\n", 0, at) + 1)
        return True

    def take(self, end: int, *, quoted: bool) -> bytes:
        """Return the bytes up to the end of the line that contains ``end``, and move past them.

        With ``quoted``, the bytes end with the line of the next quote, or with the file.
        """
        least = max(0, end - self.base)
        if quoted:
            while (quote := self._data.find(b'"', least)) < 0 and self._more():
                pass
            least = quote if quote >= 0 else len(self._data)
        while (stop := self._data.find(b"\n", least)) < 0 and self._more():
            pass
        data = self._data if stop < 0 else self._data[:stop]
        self._skip(len(data) + (stop >= 0))
        return data

    def _skip(self, count: int) -> None:
        self.line += self._data.count(b"\n", 0, count)
        self._data = self._data[count:]
        self.base += count

    def _more(self) -> bool:
        # If a record is cut, the line counts differ, and the bad lines are then found in blocks.
        if len(self._data) > _MOST_HELD:
            return False
        chunk = next(self._chunks, b"")
        self._data += chunk
        return bool(chunk)
