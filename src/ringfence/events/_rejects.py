"""The stretches of a file that the engine's CSV reader rejected, with their true line numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ringfence.engine import DuckDBEngine, Statement
from ringfence.events import _bytes

_CUT = 10_000
"""Characters after which the engine cuts the rejected text it reports."""

_LINE_END = re.compile(rb"\r\n|\n|\r")

_TABLES = Statement("events.reject_tables", """
SELECT COUNT(*) FROM information_schema.tables WHERE table_name IN ('reject_errors', 'reject_scans')
""")

# One bad record appears once for each of its errors. Positions count from 1.
_REJECTS = Statement("events.rejects", """
SELECT e.line_byte_position AS position, MAX(e.byte_position) AS furthest, MAX(e.csv_line) AS record
FROM reject_errors AS e
JOIN reject_scans AS s ON e.scan_id = s.scan_id AND e.file_id = s.file_id
WHERE s.file_path = $path
GROUP BY e.line_byte_position
ORDER BY position
""")


@dataclass(frozen=True)
class Stretch:
    """Rejected bytes: one record, which a quote left open may spread over several lines.

    Attributes:
        line: number of its first line, from 1.
        data: the bytes, without the last line end.
    """

    line: int
    data: bytes

    def lines(self) -> list[tuple[int, bytes]]:
        """Split into (line number, line)."""
        found, number, start = [], self.line, 0
        for end in _LINE_END.finditer(self.data):
            found.append((number, self.data[start:end.start()]))
            number += b"\n" in end[0]
            start = end.end()
        return [*found, (number, self.data[start:])]


@dataclass(frozen=True)
class _Extent:
    start: int
    least: int  # the stretch ends here, or, if not exact, at the first line end from here on
    exact: bool


def rejected(engine: DuckDBEngine, path: Path) -> Iterator[Stretch]:
    """Yield what the engine rejected while it read this file, in order.

    The engine's own line numbers count records, not lines, and its text is cut and mangled where
    it is no UTF-8; only its byte positions are used, and the bytes are taken from the file.
    """
    if engine.rows(_TABLES)[0][0] == 2:
        rows = engine.rows(_REJECTS, {"path": str(path)})
        yield from _cut_out(path, [_extent(*row) for row in rows])


def forget(engine: DuckDBEngine) -> None:
    """Drop what was rejected in earlier scans."""
    engine.run("DROP TABLE IF EXISTS reject_errors")
    engine.run("DROP TABLE IF EXISTS reject_scans")


def _extent(position: int, furthest: int | None, record: str) -> _Extent:
    # Each undecodable byte is shown as one character, so that lengths agree.
    length = len(record.encode())
    exact = len(record) < _CUT
    end = position - 1 + length
    return _Extent(position - 1, end if exact else max(end, (furthest or 1) - 1), exact)


def _cut_out(path: Path, extents: list[_Extent]) -> Iterator[Stretch]:
    """Go through the file once, counting lines, and cut the stretches out."""
    window = _Window(path)
    for extent in extents:
        if extent.start >= window.base and window.advance(extent.start):
            yield Stretch(window.line, window.take(extent.least, exact=extent.exact))


class _Window:
    """A moving view on the unpacked bytes of a file."""

    def __init__(self, path: Path) -> None:
        self._chunks = _bytes.plain_chunks(path)
        self._data = b""
        self.base = 0
        self.line = 1

    def advance(self, position: int) -> bool:
        """Move the view's begin there, counting the lines passed; False at the file's end."""
        while self.base + len(self._data) <= position:
            self._skip(len(self._data))
            if not self._more():
                return False
        self._skip(position - self.base)
        return True

    def take(self, end: int, *, exact: bool) -> bytes:
        """Return the bytes from the view's begin to ``end``, or to the next line end from there."""
        length = end - self.base
        while len(self._data) < length or not (exact or b"\n" in self._data[length:]):
            if not self._more():
                return self._data
        stop = length if exact else self._data.index(b"\n", length)
        return self._data[:stop]

    def _skip(self, count: int) -> None:
        self.line += self._data.count(b"\n", 0, count)
        self._data = self._data[count:]
        self.base += count

    def _more(self) -> bool:
        chunk = next(self._chunks, b"")
        self._data += chunk
        return bool(chunk)
