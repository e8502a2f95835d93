"""Parquet: typed columns, found by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

from ringfence.engine import Engine, identifier
from ringfence.errors import EngineError, FormatError
from ringfence.events.formats.base import FastPath
from ringfence.events.formats.source_columns import (
    assumed,
    find_columns,
    none_sql,
    path_sql,
    raw_select,
    unused,
    zone_assumed,
)
from ringfence.events.formats.times import check_zone, native_time
from ringfence.settings import EventSettings

_MAGIC = "PAR1"


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
            SettingsError: the time zone is unknown.
        """
        check_zone(engine, settings.time_zone)
        source = f"read_parquet({path_sql(path)})"
        with _readable(path):
            types = engine.describe(source)
        found = find_columns(list(types), settings.columns, where=str(path))
        zone = settings.time_zone
        expressions = {raw: _text(name, types[name]) for raw, name in found.items()}
        for raw in ("time", "signed_up"):
            if raw in found:
                name = found[raw]
                expressions[raw] = native_time(identifier(name), types[name], zone)
        select = raw_select(expressions, source)
        # One row shows whether the columns can be unpacked at all.
        with _readable(path):
            engine.rows(f"{select} LIMIT 1")
        return FastPath(
            select=select,
            present=frozenset(found),
            time='"time"',
            assumed=(assumed(found), zone_assumed(zone)),
            unused=unused(found, types),
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
            hint="it may be cut off; copy it again",
        ) from error


def _text(name: str, kind: str) -> str:
    column = identifier(name)
    return none_sql(column) if kind == "VARCHAR" else f"CAST({column} AS VARCHAR)"
