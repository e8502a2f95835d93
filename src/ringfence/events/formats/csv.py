"""Read separated values with a header line: comma, semicolon, tab or vertical bar."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from ringfence.engine import Engine, literal
from ringfence.errors import FormatError
from ringfence.events.content import plain_chunks
from ringfence.events.csv_options import OnBadLine, bad_lines_sql
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    column_record,
    column_select,
    fast_path,
    find_columns,
    first_lines,
    is_usable,
    path_sql,
)
from ringfence.events.formats.times import check_times
from ringfence.events.unpacking import BrokenPackingError
from ringfence.settings import EventSettings

_DELIMITERS = (",", ";", "\t", "|")
_FEWEST = 3


class CSV:
    """Separated values with a header line; the columns are found by name.

    Quotes follow RFC 4180 and may contain line ends. A row with too few fields counts if it still
    has a time, an account and an item. A row with too many fields does not count, because any of
    its fields may be shifted, unless the surplus fields are empty.

    One instance reads one source: :meth:`open` keeps the delimiter and the columns for
    :meth:`parse`, which finds nothing without them.
    """

    name: ClassVar[str] = "csv"
    by_line: ClassVar[bool] = True

    def __init__(self) -> None:
        """Start with no columns known."""
        self._delimiter = ","
        self._names: list[str] = []
        self._width = 0
        self._strict = True
        self._found: dict[str, int] = {}

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether these lines are a table with a header."""
        lines = [line for line in head if line.strip()]
        delimiter = _delimiter(lines)
        if delimiter is None or "\0" in lines[0]:
            return False
        return (
            _is_header(_names(_fields(lines[0], delimiter)))
            and _agreeing(lines, delimiter) > len(lines) / 2
        )

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's CSV reader.

        Raises:
            FormatError: there is no header, or the columns needed are not there.
            SettingsError: the time zone is unknown, or the time format cannot be used.
        """
        check_times(engine, settings)
        names = self._header(path)
        found = find_columns(names, settings.columns, where=str(path))
        self._names, self._width = names, len(names)
        self._found = {raw: names.index(name) for raw, name in found.items()}
        self._strict = _has_one_line_end(path)
        opened = fast_path(path, self._select, found, names, settings)
        return replace(opened, quotes="record", header=True)

    def parse(self, line: str) -> Mapping[str, str | None] | None:
        """Read one row; None if it is the header, lacks needed columns, or has too many fields."""
        fields = _fields(line, self._delimiter)
        if len(fields) != self._width and _has_stray_quote(line):
            fields = line.split(self._delimiter)
        while len(fields) > self._width and not fields[-1].strip():
            fields.pop()
        if len(fields) > self._width or _names(fields) == self._names:
            return None
        record = self._record(fields)
        return record if len(fields) == self._width or is_usable(record) else None

    def _record(self, fields: Sequence[str]) -> dict[str, str | None]:
        return column_record(
            {raw: fields[place] for raw, place in self._found.items() if place < len(fields)}
        )

    def _header(self, path: Path) -> list[str]:
        lines = [line for line in first_lines(path) if line.strip()]
        delimiter = _delimiter(lines)
        if delimiter is None:
            raise FormatError(
                "has no header line with at least three columns",
                where=str(path),
                hint="separate columns by comma, semicolon, tab or bar, and name them first",
            )
        self._delimiter = delimiter
        return _names(_fields(lines[0], delimiter))

    def _select(self, path: Path, bad_lines: OnBadLine) -> str:
        types = ", ".join(f"'c{number}': 'VARCHAR'" for number in range(self._width))
        # With strict_mode, one different line end makes the reader refuse the whole file. Without
        # it, the reader accepts text after a closing quote. So it is on where that is possible.
        source = (
            f"read_csv({path_sql(path)}, columns = {{{types}}}, "
            f"delim = {literal(self._delimiter)}, quote = '\"', escape = '\"', header = true, "
            "auto_detect = false, nullstr = ['', '-'], "
            f"{bad_lines_sql(bad_lines)}, strict_mode = {literal(self._strict)})"
        )
        return column_select({raw: f"c{place}" for raw, place in self._found.items()}, source)


def _delimiter(lines: Sequence[str]) -> str | None:
    """Return the delimiter that most lines agree on with the header, None if none makes a table."""
    possible = [
        delimiter
        for delimiter in _DELIMITERS
        if lines and len(_fields(lines[0], delimiter)) >= _FEWEST
    ]
    return max(possible, key=lambda delimiter: _agreeing(lines, delimiter), default=None)


def _agreeing(lines: Sequence[str], delimiter: str) -> int:
    """Count the lines, the header among them, with as many fields as the header."""
    widths = [len(_fields(line, delimiter)) for line in lines]
    return widths.count(widths[0])


def _names(fields: Sequence[str]) -> list[str]:
    return [field.removeprefix("\ufeff").strip() for field in fields]


def _is_header(names: Sequence[str]) -> bool:
    """Return whether these can be column names: distinct, not empty and not numeric."""
    return len(set(names)) == len(names) and not any(
        name == "" or name[0].isdigit() for name in names
    )


def _has_stray_quote(line: str) -> bool:
    # In a record of several lines a quote may well be open at the end of each.
    return line.count('"') % 2 == 1 and "\n" not in line and "\r" not in line


def _fields(line: str, delimiter: str) -> list[str]:
    """Return the fields of a line by RFC 4180; none if it is empty or exceeds csv's limits."""
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _has_one_line_end(path: Path) -> bool:
    """Return whether all line ends of a file are the same, also those inside quotes."""
    ends: set[bytes] = set()
    before = b""
    # A damaged file is read up to the damage, as everywhere.
    with suppress(BrokenPackingError):
        for chunk in plain_chunks(path):
            piece = before + chunk
            # A carriage return at the very end may be half of a pair.
            before = piece[-1:] if piece.endswith(b"\r") else b""
            ends |= _line_ends(piece.removesuffix(b"\r"))
    return len(ends | _line_ends(before)) < 2


def _line_ends(piece: bytes) -> set[bytes]:
    if b"\r" not in piece:
        return {b"\n"} if b"\n" in piece else set()
    rest = piece.replace(b"\r\n", b"")
    pairs = {b"\r\n"} if len(rest) < len(piece) else set()
    return pairs | {end for end in (b"\r", b"\n") if end in rest}
