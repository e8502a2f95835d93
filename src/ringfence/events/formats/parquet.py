"""Parquet: typed columns, found by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ClassVar

from ringfence.engine import Engine, identifier, literal
from ringfence.errors import EngineError, FormatError
from ringfence.events.expansion import refuse_parquet_expansion
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    column_select,
    fast_path,
    find_columns,
    none_sql,
    parquet_sql,
)
from ringfence.events.formats.times import check_times, native_time
from ringfence.settings import EventSettings

_MAGIC = "PAR1"
_BEYOND = "a time is beyond the year 294246; write that column in microseconds, or as numbers"
_MOST_WHOLE = "9e18"
_NUMBER = ("line", "line_text")


class Parquet:
    """A Parquet file; the columns are found by name and the time by its type.

    A damaged file fails when it is opened, because there are no lines to return to. Damage inside
    its data pages appears only when the engine reads them.
    """

    name: ClassVar[str] = "parquet"
    by_line: ClassVar[bool] = False

    def recognises(self, head: Sequence[str]) -> bool:
        """Return whether the file begins as Parquet does."""
        return bool(head) and head[0].startswith(_MAGIC)

    def open(self, engine: Engine, path: Path, settings: EventSettings) -> FastPath:
        """Open the file with the engine's Parquet reader.

        Raises:
            FormatError: the file is damaged or cut off, or the columns needed are not there.
            SourceError: it expands more than a log can.
            SettingsError: the time zone is unknown, or the time format cannot be used.
        """
        check_times(engine, settings)
        source = parquet_sql(path)
        with _readable(path):
            types = engine.describe(source)
            rows = refuse_parquet_expansion(engine, path)
        found = find_columns(list(types), settings.columns, where=str(path))
        zone = settings.time_zone
        expressions = {raw: _text(name, types[name]) for raw, name in found.items()}
        for raw in ("time", "signed_up"):
            if raw in found:
                name = found[raw]
                form = settings.time_format
                expressions[raw] = native_time(identifier(name), types[name], zone, form)
        opened = fast_path(
            path,
            lambda file, _: column_select(expressions, parquet_sql(file)),
            found,
            types,
            settings,
        )
        # One row shows whether the columns can be unpacked at all.
        with _readable(path):
            engine.rows(f"{opened.select} LIMIT 1")
        return replace(
            opened,
            time='"time"',
            signed_up="CAST(signed_up AS TIMESTAMP)",
            numbered=column_select(expressions, _numbered(source, found), _NUMBER),
            rows=rows,
        )

    def parse(self, line: str) -> Mapping[str, str | None] | None:  # noqa: ARG002 - no lines here
        """Return None: Parquet has no lines."""
        return None


@contextmanager
def _readable(path: Path) -> Iterator[None]:
    """Report an error of the engine as a Parquet file that cannot be read."""
    try:
        yield
    except EngineError as error:
        raise FormatError(
            f"is not a Parquet file that can be read: {error.what}",
            where=str(path),
            hint=_BEYOND
            if "convert Timestamp" in error.what
            else "it may be cut off; copy it again",
        ) from error


def _numbered(source: str, found: Mapping[str, str]) -> str:
    """Return a table of the rows with their numbers, from 1, and their used columns as text."""
    values = ", ".join(
        f"{literal(name)}: CAST({identifier(name)} AS VARCHAR)" for name in found.values()
    )
    text = f"CAST({{{values}}} AS VARCHAR)"
    numbers = source.removesuffix(")") + ", file_row_number = true)"
    columns = f"*, file_row_number + 1 AS line, {text} AS line_text"
    return f"(SELECT {columns} FROM {numbers}) AS numbered"  # noqa: S608 - quoted names


def _text(name: str, kind: str) -> str:
    column = identifier(name)
    if kind == "VARCHAR":
        return none_sql(column)
    if kind in {"FLOAT", "DOUBLE"}:
        # A double of 2^53 or more is written as an integer too, though its last digits are lost.
        whole = f"{column} = floor({column}) AND abs({column}) < {_MOST_WHOLE}"
        integer = f"CAST(CAST({column} AS BIGINT) AS VARCHAR)"
        return f"CASE WHEN {whole} THEN {integer} ELSE CAST({column} AS VARCHAR) END"
    return f"CAST({column} AS VARCHAR)"
