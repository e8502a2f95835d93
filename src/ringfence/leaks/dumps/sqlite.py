"""Read the tables of an SQLite file, streamed as Arrow batches.

The file is hostile. It is opened without the right to write, only its ordinary tables are read
(a view or a virtual table would run what its author wrote), and no extension can be loaded.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Final
from urllib.parse import quote

import adbc_driver_sqlite
from adbc_driver_manager import AdbcConnection, AdbcDatabase, AdbcStatement
from adbc_driver_manager import Error as AdbcError

from ringfence.engine import ArrowData, Engine, identifier
from ringfence.errors import EngineError, SourceError
from ringfence.events.sources import shown_name
from ringfence.leaks.dumps.dump_table import DumpTable, UnreadableRecords, store_readable

SQLITE_START: Final = b"SQLite format 3\x00"
"""The first bytes of every SQLite file."""

_BATCH: Final = "65536"
_CHUNKS: Final = 20
"""Places of a table from which the sample is taken."""

_RECOVER: Final = "sqlite3 FILE .recover writes what can be saved as SQL; make a new file of it"
_SCHEMA: Final = "sqlite_schema"
_OF_SQLITE: Final = re.compile(r"sqlite|malformed|arrow", re.IGNORECASE)
_INCOMING: Final = "leak_incoming"


@dataclass(frozen=True)
class SqliteRows:
    """Rows of one table of an SQLite file.

    Attributes:
        path: the file.
        table: the table.
        columns: its columns.
    """

    path: Path
    table: str
    columns: tuple[str, ...]

    def sample(self, engine: Engine, rows: int) -> list[dict[str, str | None]]:
        """Return rows from places all over the table, if its rows are numbered."""
        del engine
        with reading_errors(self.path), closing(_connect(self.path)) as connection:
            found: list[tuple[bytes | None, ...]] = []
            for condition in _places(connection, self.table):
                text = f"{_select(self.columns, self.table)} {condition} LIMIT {rows // _CHUNKS:d}"
                found += connection.execute(text).fetchall()
        return [dict(zip(self.columns, map(_text, row), strict=True)) for row in found]

    def store(
        self, engine: Engine, table: str, columns: Sequence[str], select: str
    ) -> UnreadableRecords:
        """Create a table; see :meth:`ringfence.leaks.dumps.dump_table.RowSource.store`.

        A record is unreadable if text in one of the columns is not UTF-8.
        """
        with reading_errors(self.path), closing(_connect(self.path)) as connection:
            in_bytes = connection.execute("PRAGMA encoding").fetchone()[0] == b"UTF-8"
        relation, unreadable = _INCOMING, ""
        if in_bytes and columns:
            relation, unreadable = _decoded(columns)
        query = _select(columns, self.table, in_bytes=in_bytes)
        with _stream(self.path, query) as batches:
            try:
                with engine.incoming(_INCOMING, batches):
                    return store_readable(engine, table, select, relation, unreadable)
            except EngineError as error:
                if error.fault != "other" or not _OF_SQLITE.search(error.what):
                    raise
                raise damaged(self.path, error.what) from error


def sqlite_tables(path: Path) -> list[DumpTable]:
    """Return the tables of an SQLite file that have rows.

    Raises:
        SourceError: the file is damaged, or has no table with rows.
    """
    name = shown_name(Path(path.name))
    with reading_errors(path), closing(_connect(path)) as connection:
        names = [
            row[0].decode(errors="replace")
            for row in connection.execute(
                f"SELECT name FROM {_SCHEMA} WHERE type = 'table' AND name NOT LIKE 'sqlite_%' "  # noqa: S608 - own names and quoted ones
                "AND sql NOT LIKE 'CREATE VIRTUAL%' ORDER BY rowid"
            )
        ]
        columns = {one: _columns(connection, one) for one in names if _has_rows(connection, one)}
    if not columns:
        raise SourceError("is an SQLite file without a row in any table", where=str(path))
    single = len(columns) == 1
    return [
        DumpTable(
            name, "" if single else shown_name(Path(one)), "sqlite", "metadata", listed,
            SqliteRows(path, one, listed),
        )
        for one, listed in columns.items() if listed
    ]  # fmt: skip


@contextmanager
def reading_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors into errors that name the file.

    Raises:
        SourceError: SQLite cannot read the file.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise damaged(path, str(error)) from error


def damaged(path: Path, said: str) -> SourceError:
    """Return the error for a file that SQLite cannot read to its end."""
    plain = re.sub(r"^.*?(?:\[SQLite\]|Error:)\s*", "", said.replace("\n", " "))
    return SourceError(
        f"is a damaged or unfinished SQLite file: {plain}", where=str(path), hint=_RECOVER
    )


def _connect(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(_uri(path), uri=True)
    connection.text_factory = bytes
    connection.execute("PRAGMA trusted_schema = OFF")
    connection.execute("PRAGMA cell_size_check = ON")
    return connection


def _uri(path: Path) -> str:
    """Return the file's address; immutable, unless changes beside it have not been merged."""
    log = path.with_name(path.name + "-wal")
    unmerged = log.exists() and log.stat().st_size > 0
    return f"file:{quote(str(path.absolute()))}?mode=ro{'' if unmerged else '&immutable=1'}"


def _columns(connection: sqlite3.Connection, table: str) -> tuple[str, ...]:
    """Return the stored columns of a table; generated ones would run the author's expressions."""
    rows = connection.execute(f"PRAGMA table_xinfo({identifier(table)})")
    return tuple(row[1].decode(errors="replace") for row in rows if not row[6])


def _has_rows(connection: sqlite3.Connection, table: str) -> bool:
    text = f"SELECT 1 FROM {identifier(table)} LIMIT 1"  # noqa: S608 - quoted
    return connection.execute(text).fetchone() is not None


def _places(connection: sqlite3.Connection, table: str) -> list[str]:
    """Return conditions that lead to places all over a table."""
    name = identifier(table)
    try:
        low, high = connection.execute(f"SELECT min(rowid), max(rowid) FROM {name}").fetchone()  # noqa: S608 - quoted
    except sqlite3.OperationalError:  # a table without numbers of rows
        return [""] * 1
    if not isinstance(low, int) or not isinstance(high, int):
        return [""]
    step = max((high - low) // _CHUNKS, 1)
    starts = range(low, high + 1, step)
    return [f"WHERE rowid >= {start:d} AND rowid < {start + step:d}" for start in starts]


def _select(columns: Sequence[str], table: str, *, in_bytes: bool = False) -> str:
    """Return SQL that reads columns as text, whatever type their values have.

    Args:
        columns: the columns.
        table: their table.
        in_bytes: whether texts are read as bytes in the encoding of the file, decoded or not.
    """
    kind = "BLOB" if in_bytes else "TEXT"
    listed = ", ".join(
        f"CAST(CASE typeof({identifier(one)}) WHEN 'blob' THEN hex({identifier(one)}) "
        f"ELSE CAST({identifier(one)} AS TEXT) END AS {kind}) AS {identifier(one)}"
        for one in columns
    )
    return f"SELECT {listed or '1'} FROM {identifier(table)}"  # noqa: S608 - quoted


def _decoded(columns: Sequence[str]) -> tuple[str, str]:
    """Return a relation with the columns of the incoming batches as text, and what is unreadable.

    The second is SQL of the first text of a row that is not UTF-8, NULL if all are.
    """
    texts = ", ".join(f"TRY(decode({identifier(one)})) AS {identifier(one)}" for one in columns)
    broken = " ".join(
        f"WHEN {identifier(one)} IS NOT NULL AND TRY(decode({identifier(one)})) IS NULL "
        f"THEN decode({identifier(one)}, 'replace')"
        for one in columns
    )
    unreadable = f"left(CASE {broken} END, 1000)"
    taken = {one.lower() for one in columns}
    name = next(one for n in count() if (one := f"broken_{n:d}") not in taken)
    return f"(SELECT {texts}, {unreadable} AS {name} FROM {_INCOMING})", name  # noqa: S608 - quoted


def _text(value: bytes | None) -> str | None:
    return value.decode(errors="replace") if isinstance(value, bytes) else None


@contextmanager
def _stream(path: Path, query: str) -> Iterator[ArrowData]:
    """Open a query on an SQLite file as a stream of Arrow batches.

    Raises:
        SourceError: SQLite cannot read the file.
    """
    try:
        with (
            AdbcDatabase(driver=adbc_driver_sqlite._driver_path(), uri=_uri(path)) as database,  # noqa: SLF001 - its own dbapi does the same
            AdbcConnection(database) as connection,
            AdbcStatement(connection) as statement,
        ):
            statement.set_options(**{"adbc.sqlite.query.batch_rows": _BATCH})
            statement.set_sql_query(query)
            stream, _ = statement.execute_query()
            yield stream
    except AdbcError as error:
        raise damaged(path, str(error)) from error
