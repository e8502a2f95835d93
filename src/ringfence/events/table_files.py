"""Open the operator's table of the catalogue or of the accounts.

Files are csv, Parquet, JSON lines or one JSON array, plain or compressed. Values of text files stay
text, so that an id such as ``007`` or an upper-case UUID is not changed.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from ringfence.engine import ArrowData, Engine, literal
from ringfence.errors import EngineError, SourceError
from ringfence.events.expansion import refuse_parquet_expansion
from ringfence.events.formats.source_columns import first_lines, parquet_sql, path_sql
from ringfence.events.sources import shown_name
from ringfence.events.table_staging import stage_table

DELIMITERS: Final = (",", ";", "\t", "|")
"""Signs that may separate the fields of a csv file, preferred first."""

TABLE_FORMATS: Final = "csv (comma, semicolon, tab or bar), parquet, JSON lines or a JSON array"
"""The formats of a table file, in words."""

_JSON: Final = (".json", ".ndjson", ".jsonl")
_PACKED: Final = (".gz", ".zst")
_JSON_SAMPLE: Final = 200_000
"""Objects of a JSON file that are searched for columns."""


@dataclass(frozen=True)
class TableFile:
    """A table that can be read.

    Attributes:
        source: SQL of the table: what follows FROM.
        types: name and DuckDB type of each column, in order.
        name: the name that messages show.
    """

    source: str
    types: Mapping[str, str]
    name: str


def open_table_file(engine: Engine, data: Path | ArrowData, name: str) -> TableFile:
    """Open a file, or data in memory, as a table with named columns.

    Args:
        engine: reads it. Data in memory become a temporary table.
        data: a path, or any object with ``__arrow_c_stream__`` such as a frame.
        name: names the temporary table of data in memory, and stands for it in messages.

    Raises:
        SourceError: there is no such file, or it is none that can be read to its end; see
            :func:`ringfence.events.table_staging.stage_table`.
        EngineError: the file or the data cannot be read.
    """
    if isinstance(data, Path):
        source = _source(engine, data, name)
        return TableFile(source, engine.describe(source), shown_name(Path(data.name)))
    table = f"{name}_in_memory"
    engine.arrow_table(table, data)
    return TableFile(table, engine.describe(table), f"the {name} table")


def id_text(column: str, kind: str) -> str:
    """Return SQL of an id as text; a whole number loses its fraction: ``999001.0`` is ``999001``.

    Args:
        column: SQL of the column.
        kind: its DuckDB type.
    """
    text = f"CAST({column} AS VARCHAR)"
    if kind in {"DOUBLE", "FLOAT"} or kind.startswith("DECIMAL"):
        whole = f"{column} = floor({column}) AND abs({column}) < 1e18"
        return f"CASE WHEN {whole} THEN CAST(CAST({column} AS BIGINT) AS VARCHAR) ELSE {text} END"
    return text


def message(engine: Engine, text: str, path: Path) -> str:
    """Return an engine's message with the name of the table file, not that of its staged copy."""
    return re.sub(re.escape(str(engine.scratch)) + r"[\w./+-]*", lambda _: path.name, text)


def _source(engine: Engine, path: Path, name: str) -> str:
    kind = path.name.lower()
    for ending in _PACKED:
        kind = kind.removesuffix(ending)
    is_json = kind.endswith(_JSON)
    staged = stage_table(path, engine.scratch, name, by_line=not is_json)
    if staged.parquet:
        refuse_parquet_expansion(engine, staged.path)
        return parquet_sql(staged.path)
    if kind.endswith(".parquet"):
        raise SourceError("is not a Parquet file", where=str(path))
    return _json(engine, staged.path) if is_json else _csv(staged.path)


def _json(engine: Engine, path: Path) -> str:
    """Return SQL that reads objects, one per line or in an array, with all values as text."""
    file = path_sql(path)
    found = engine.describe(f"read_json({file}, sample_size = {_JSON_SAMPLE})")
    if list(found) == ["json"]:
        raise EngineError("has no objects", hint=f"give {TABLE_FORMATS}")
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in found)
    return f"read_json({file}, columns = {{{columns}}})"


def _csv(path: Path) -> str:
    """Return SQL that reads separated values. The header decides about the delimiter.

    The engine would guess it from all lines, and one damaged line then joins all columns into one.
    """
    lines = [line for line in first_lines(path) if line.strip()]
    if not lines:
        raise EngineError("is empty", hint="the first line must name the columns")
    fields = {sign: _fields(lines[0], sign) for sign in DELIMITERS}
    delimiter = max(DELIMITERS, key=lambda sign: len(fields[sign]))
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in _distinct(fields[delimiter]))
    return (
        f"read_csv({path_sql(path)}, header = true, columns = {{{columns}}}, auto_detect = false, "
        f"delim = {literal(delimiter)}, quote = '\"', escape = '\"')"
    )


def _fields(line: str, delimiter: str) -> list[str]:
    """Return the fields of the header.

    Raises:
        EngineError: one of them is longer than any name.
    """
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error as error:
        raise EngineError(
            "its first line is not a list of column names", hint=f"give {TABLE_FORMATS}"
        ) from error


def _distinct(names: list[str]) -> list[str]:
    """Return the names of columns, numbered where they are empty or repeated in any case."""
    found: dict[str, str] = {}
    for place, name in enumerate(map(str.strip, names), start=1):
        unique = name if name and name.lower() not in found else f"{name or 'column'} {place}"
        found[unique.lower()] = unique
    return list(found.values())
