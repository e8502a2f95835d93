"""Choose the reader of a dump by its content. The name decides only where content cannot."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from ringfence.engine import Engine, identifier, literal
from ringfence.errors import EngineError, SourceError
from ringfence.events.content import decode, numbered_lines, plain_beginning
from ringfence.events.expansion import refuse_parquet_expansion
from ringfence.events.sources import shown_name
from ringfence.events.table_files import DELIMITERS, id_text, message
from ringfence.events.table_staging import stage_table
from ringfence.events.unpacking import BrokenPackingError
from ringfence.leaks.dumps.dump_table import DumpTable, SqlRows
from ringfence.leaks.dumps.listings import OTHER_LINE, listing_form, listing_table
from ringfence.leaks.dumps.sqlite import SQLITE_START, sqlite_tables
from ringfence.leaks.dumps.torrents import METAINFO_START, torrent_table
from ringfence.leaks.roles import known_name

DUMP_FORMATS: Final = (
    "SQLite, csv or tsv, JSON lines or a JSON array, Parquet, a listing of files, "
    "or a torrent's metainfo"
)
"""The formats of a dump, in words."""

_FIRST_BYTES: Final = 64
_ARRAY_START: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*\[\s*\{")
_FIRST_LINES: Final = 500
_FIRST_OBJECTS: Final = 200_000
"""Objects of a JSON file that are searched for members."""

_MOST_MEMBERS: Final = 1_000
_LONGEST_LINE: Final = 2 << 20


def open_dump(
    engine: Engine, path: Path, number: int, columns: Sequence[str] = ()
) -> list[DumpTable]:
    """Open a file of a published copy as tables.

    Nothing in the file is executed, and nothing is fetched.

    Args:
        engine: will read it.
        path: the file; text may be compressed (gz, zst).
        number: distinguishes the dumps of a run.
        columns: names of columns that the operator expects. A first line with one of them names
            columns.

    Raises:
        SourceError: there is no such file, it is damaged, or it is in no known format.
    """
    start = _start(path)
    try:
        if start.startswith(SQLITE_START):
            return sqlite_tables(path)
        if METAINFO_START.match(start):
            return [torrent_table(engine, path, number)]
        return [_text_or_parquet(engine, path, number, columns)]
    except EngineError as error:
        raise SourceError(
            f"cannot be read: {message(engine, error.what, path)}",
            where=str(path),
            hint=f"a dump is {DUMP_FORMATS}",
        ) from error


def _start(path: Path) -> bytes:
    if not path.exists():
        raise SourceError("there is no such file", where=str(path))
    if not path.is_file():
        raise SourceError("is not a file", where=str(path), hint="name the files of the dump")
    try:
        with path.open("rb") as file:
            return file.read(_FIRST_BYTES)
    except OSError as error:
        raise SourceError(
            f"cannot be read: {error.strerror}", where=str(path), hint="check its permissions"
        ) from error


def _text_or_parquet(engine: Engine, path: Path, number: int, columns: Sequence[str]) -> DumpTable:
    dump = shown_name(Path(path.name))
    if _ARRAY_START.match(plain_beginning(path, _FIRST_BYTES)[0]):
        return _array_table(engine, path, dump, number)
    staged = stage_table(path, engine.scratch, f"leak_{number:d}", by_line=True)
    if staged.parquet:
        refuse_parquet_expansion(engine, staged.path)
        return parquet_table(engine, staged.path, dump)
    lines = _lines(path)
    if lines[0].lstrip().startswith("{"):
        return _json_table(engine, staged.path, dump)
    form = listing_form(lines) if not _is_delimited(path, lines, columns) else None
    if form:
        return listing_table(dump, form, lines_relation(staged.path), str(staged.path))
    return _delimited_table(staged.path, dump, lines, columns)


def _lines(path: Path) -> list[str]:
    """Return the first lines that are not blank.

    Raises:
        SourceError: there is none.
    """
    lines: list[str] = []
    try:
        for _, line in islice(numbered_lines(path), _FIRST_LINES):
            lines.append(decode(line))
    except BrokenPackingError as error:
        raise SourceError(f"is cut off or damaged: {error}", where=str(path)) from error
    lines = [line for line in lines if line.strip()]
    if not lines:
        raise SourceError("has no text in its first lines", where=str(path))
    if "\0" in "".join(lines):
        raise SourceError(
            "is not in a known format", where=str(path), hint=f"a dump is {DUMP_FORMATS}"
        )
    return lines


def parquet_table(engine: Engine, path: Path, dump: str) -> DumpTable:
    """Return a Parquet file as a table with all columns as text.

    Args:
        engine: reads it.
        path: the file.
        dump: its name for reports.
    """
    source = f"read_parquet({literal(str(path.absolute()))})"
    types = engine.describe(source)
    columns = ", ".join(
        f"{id_text(identifier(name), kind)} AS {identifier(name)}" for name, kind in types.items()
    )
    relation = f"(SELECT {columns} FROM {source})"  # noqa: S608 - quoted
    return DumpTable(dump, "", "parquet", "metadata", tuple(types), SqlRows(relation))


def _json_table(engine: Engine, path: Path, dump: str) -> DumpTable:
    records = (
        "(SELECT line, CASE WHEN ltrim(line)[1] = '{' AND json_valid(line) THEN line END AS record "  # noqa: S608 - quoted
        f"FROM {lines_relation(path)} WHERE trim(line) <> '')"
    )
    members = _members(engine, records)
    if not members:
        raise EngineError("its lines are not JSON objects", hint=f"a dump is {DUMP_FORMATS}")
    notes: tuple[str, ...] = ()
    if len(members) > _MOST_MEMBERS:
        members = members[:_MOST_MEMBERS]
        notes = (f"Only the first {_MOST_MEMBERS:,} members of its objects are read.",)
    names = _names([OTHER_LINE, *members])[1:]
    columns = ", ".join(
        f"json_extract_string(record, {literal(_pointer(member))}) AS {identifier(name)}"
        for member, name in zip(members, names, strict=True)
    )
    relation = (
        f"(SELECT {columns}, CASE WHEN record IS NULL THEN left(line, 1000) END AS {OTHER_LINE} "  # noqa: S608 - quoted
        f"FROM {records})"
    )
    rows = SqlRows(relation, str(path), OTHER_LINE)
    return DumpTable(dump, "", "JSON lines", "metadata", tuple(names), rows, notes)


def _array_table(engine: Engine, path: Path, dump: str, number: int) -> DumpTable:
    """Return one JSON array of objects as a table. It is read whole or not at all."""
    staged = stage_table(path, engine.scratch, f"leak_{number:d}", by_line=False)
    source = f"read_json({literal(str(staged.path))}, format = 'array'"
    names = list(engine.describe(f"{source}, sample_size = {_FIRST_OBJECTS:d})"))
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    rows = SqlRows(f"{source}, columns = {{{columns}}})")
    return DumpTable(dump, "", "JSON array", "metadata", tuple(names), rows)


def _members(engine: Engine, records: str) -> list[str]:
    """Return the members of the first objects, in order of appearance, one more than are read."""
    rows = engine.rows(
        "SELECT member FROM (SELECT unnest(members) AS member, n, "  # noqa: S608 - quoted
        "generate_subscripts(members, 1) AS place FROM (SELECT json_keys(record) AS members, "
        f"row_number() OVER () AS n FROM (SELECT record FROM {records} WHERE record IS NOT NULL "
        f"LIMIT {_FIRST_OBJECTS:d}))) GROUP BY member ORDER BY min((n, place)) "
        f"LIMIT {_MOST_MEMBERS + 1:d}"
    )
    return [row[0] for row in rows]


def _pointer(member: str) -> str:
    """Return the JSON pointer of a member (RFC 6901)."""
    return "/" + member.replace("~", "~0").replace("/", "~1")


def _is_delimited(path: Path, lines: list[str], expected: Sequence[str]) -> bool:
    """Return whether the first line names columns, or the ending of the name says so."""
    name = path.name.lower().removesuffix(".gz").removesuffix(".zst")
    delimiter = _delimiter(lines)
    fields = _fields(lines[0], delimiter)
    return name.endswith((".csv", ".tsv")) or any(
        known_name(one) or one in expected for one in fields
    )


def _delimiter(lines: list[str]) -> str:
    """Return the sign that separates the same number of fields in most lines, and the most."""

    def rank(sign: str) -> tuple[float, int]:
        counts = [len(_fields(line, sign)) for line in lines[:50]]
        usual = max(set(counts), key=counts.count)
        return (counts.count(usual) / len(counts) if usual > 1 else 0, usual)

    return max(DELIMITERS, key=rank)


def _fields(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _delimited_table(path: Path, dump: str, lines: list[str], expected: Sequence[str]) -> DumpTable:
    delimiter = _delimiter(lines)
    first = _fields(lines[0], delimiter)
    named = any(known_name(one) or one in expected for one in first)
    header = named or _differs(first, lines, delimiter)
    names = _names(first) if header else [f"column {n}" for n in range(1, len(first) + 1)]
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    relation = (
        f"read_csv({literal(str(path))}, header = {str(header).lower()}, columns = {{{columns}}}, "
        f"auto_detect = false, delim = {literal(delimiter)}, quote = '\"', escape = '\"', "
        "null_padding = false, ignore_errors = true, store_rejects = true)"
    )
    notes = () if header else ("The first line names no column, so columns are numbered.",)
    form = "tsv" if delimiter == "\t" else "csv"
    return DumpTable(dump, "", form, "metadata", tuple(names), SqlRows(relation, str(path)), notes)


def _differs(first: list[str], lines: list[str], delimiter: str) -> bool:
    """Return whether the first line, unlike the others, has no digit in some column."""
    others = [_fields(line, delimiter) for line in lines[1:]]
    for place, name in enumerate(first):
        values = [row[place] for row in others if place < len(row)]
        with_digits = sum(any(map(str.isdigit, one)) for one in values)
        if values and not any(map(str.isdigit, name)) and with_digits >= 0.8 * len(values):
            return True
    return False


def _names(fields: list[str]) -> list[str]:
    """Return names of columns, numbered where they are empty or repeated in any case."""
    found: dict[str, str] = {}
    for place, name in enumerate(map(str.strip, fields), start=1):
        unique = name if name and name.lower() not in found else f"{name or 'column'} {place}"
        found[unique.lower()] = unique
    return list(found.values())


def lines_relation(path: Path) -> str:
    """Return SQL of a table with one text column per line, whatever signs are in it."""
    return (
        f"read_csv({literal(str(path))}, header = false, columns = {{'line': 'VARCHAR'}}, "
        "auto_detect = false, delim = '\x01', quote = '', escape = '', ignore_errors = true, "
        f"store_rejects = true, max_line_size = {_LONGEST_LINE:d})"
    )
