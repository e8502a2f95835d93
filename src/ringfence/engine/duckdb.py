"""The embedded engine: DuckDB in this process, which spills to disk beyond its memory limit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any, Final, Self, cast

import duckdb

from ringfence.engine.engine import ArrowData, Parameters
from ringfence.engine.incoming import bare_stream, typed_columns
from ringfence.engine.quoting import identifier, literal
from ringfence.engine.statement import Statement
from ringfence.errors import EngineError, EngineFault
from ringfence.model.table import Table
from ringfence.own_folders import SCRATCH_PREFIX, OwnFolder
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Columns

# Spark has this function built in and DuckDB does not. The pair of AT TIME ZONE that it stands for
# means the opposite in Spark, so the shared SQL calls the function by name.
_TO_UTC: Final = (
    "CREATE OR REPLACE TEMP MACRO to_utc_timestamp(local_time, zone) AS "
    "local_time AT TIME ZONE zone AT TIME ZONE 'UTC'"
)

_NO_FILES: Final = {"enable_external_access": "false"}
"""Keeps statements of a read-only session from reading or writing files, which SQL could name."""

_MORE_SCRATCH: Final = "set engine.temp_directory to a disk with room, or raise engine.memory_limit"

_FULL_FILE: Final = re.compile(r'\\*"([^"\\]+)\\*": No space left')
"""The file in the database's message; inside JSON, its quotes have backslashes."""

_IDLE_MEMORY: Final = "100MB"
"""The memory that the database keeps while other work needs memory."""

_REJECT_TABLES: Final = ("reject_errors", "reject_scans")

# One bad record appears once for each of its errors. Positions count from 1. An error beyond the
# end of the record it names belongs to the next record.
_REJECTS: Final = """
SELECT position, max(coalesce(error, position)) AS furthest,
  max(length) AS length, max(size) AS size, bool_or(spans) AS spans
FROM (
  SELECT e.line, e.line_byte_position AS position, e.byte_position AS error,
    length(e.csv_line) AS length, strlen(e.csv_line) AS size,
    contains(e.csv_line, chr(10)) AS spans
  FROM reject_errors AS e
  JOIN reject_scans AS s ON e.scan_id = s.scan_id AND e.file_id = s.file_id
  WHERE s.file_path = $path
) AS errors
GROUP BY line, position, error > position + size + $line_end
"""


class DuckDBEngine:
    """A DuckDB connection with a memory limit and a place to spill.

    Args:
        settings: threads, memory limit, spill directory.
        database: a database file, or None to keep everything in memory (and spill).
        read_only: open an existing file without the right to change it. The session can neither
            read nor write any other file. Several processes may read a file at the same time, as
            long as none has it open for writing.

    Raises:
        EngineError: the database cannot be opened, or another process has it open.
        OSError: the scratch folder cannot be made.
    """

    def __init__(
        self,
        settings: EngineSettings | None = None,
        database: Path | None = None,
        *,
        read_only: bool = False,
    ) -> None:
        settings = settings or EngineSettings()
        parent = settings.temp_directory
        self._folder = OwnFolder(SCRATCH_PREFIX, parent=Path(parent) if parent else None)
        self._scratch = self._folder.path
        # Within a process, sessions on one file share DuckDB's instance, and so its settings. A
        # folder per session would differ; a reader spills beside the file or where it is told to.
        spill = settings.temp_directory if read_only else str(self._scratch / "spill")
        config = _config(settings, spill) | (_NO_FILES if read_only else {})
        self._memory_limit = config["memory_limit"]
        try:
            self._connection = _connect(database, config, read_only=read_only)
        except BaseException:
            # Nobody gets an object to close.
            self._folder.close()
            raise

    @property
    def scratch(self) -> Path:
        """A folder for files that the engine removes when it is closed."""
        return self._scratch

    @property
    def threads(self) -> int:
        """The number of threads that a statement may use."""
        return int(self.rows("SELECT current_setting('threads')")[0][0])

    def run(self, statement: Statement | str, parameters: Parameters | None = None) -> None:
        """Execute a statement for its effect."""
        with _translated():
            self._execute(statement, parameters)

    def rows(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Execute a query and return its rows as tuples."""
        with _translated():
            return self._execute(statement, parameters).fetchall()

    def records(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[dict[str, Any]]:
        """Execute a query and return its rows as dictionaries from column name to value."""
        with _translated():
            result = self._execute(statement, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def columns(self, statement: Statement | str, parameters: Parameters | None = None) -> Columns:
        """Execute a query and return one NumPy array per column; NULL is masked or NaN."""
        with _translated():
            arrays: dict[str, Any] = self._execute(statement, parameters).fetchnumpy()
        return arrays

    def arrow(self, statement: Statement | str, parameters: Parameters | None = None) -> ArrowData:
        """Return a query that any Arrow library can read while the engine is open.

        The query runs again each time it is read. The Arrow library, not Ringfence, reports an
        error that occurs while it reads.
        """
        text = _text(statement)
        with _translated():
            kinds = [one.type for one in self._connection.extract_statements(text)]
            if kinds != [duckdb.StatementType.SELECT]:
                raise EngineError("not a single SELECT statement", hint="pass one SELECT")
            relation = self._connection.sql(text, params=dict(parameters) if parameters else None)
        return cast("ArrowData", relation)

    def describe(self, relation: str) -> dict[str, str]:
        """Return the columns of a relation and their types, in order.

        Args:
            relation: what may follow FROM: a table's name, a table function, a SELECT in brackets.
        """
        found = self.rows(f"DESCRIBE SELECT * FROM {relation}")  # noqa: S608 - SQL by contract
        return {name: kind for name, kind, *_ in found}

    def tables(self) -> frozenset[str]:
        """Return the names of all tables and views, temporary ones included."""
        return frozenset(row[0] for row in self.rows("SHOW TABLES"))

    def view(self, name: str, select: str) -> None:
        """Create a temporary view of a SELECT, or replace the one with this name."""
        self.run(f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS {select}")

    def table(self, table: Table | str, columns: Columns) -> None:
        """Create a temporary table from NumPy columns of one length, or replace it.

        A declared table gets the declared types, whatever the arrays' own; see
        :meth:`ringfence.engine.Engine.table`.
        """
        if isinstance(table, str):
            self._make_table(table, columns)
        else:
            self._make_table(table.name, columns, typed_columns(table, columns))

    def arrow_table(self, name: str, data: ArrowData) -> None:
        """Create a temporary table from Arrow data, or replace it; the data are read once."""
        self._make_table(name, bare_stream(data))

    def keep_order(self) -> None:
        """Let later statements return and write rows in the order of their input."""
        self.run("SET preserve_insertion_order = true")

    @contextmanager
    def beside(self) -> Iterator[Self]:
        """Open a second session that reads in order; see :meth:`ringfence.engine.Engine.beside`."""
        ordered = self.rows("SELECT current_setting('preserve_insertion_order')")[0][0]
        own = copy(self)
        own.__dict__["_connection"] = self._connection.cursor()
        own.run(_TO_UTC)
        own.keep_order()
        try:
            yield own
        finally:
            own.run(f"SET preserve_insertion_order = {literal(ordered)}")
            own._connection.close()  # noqa: SLF001 - a session of its own

    def release_memory(self) -> None:
        """Write the tables that are held in memory to disk; the limit stays as it is."""
        with _translated():
            # A result that is still being read stays in memory, and the limit then cannot be lower.
            with suppress(duckdb.OutOfMemoryException):
                self._connection.execute(f"SET memory_limit = '{_IDLE_MEMORY}'")
            self._connection.execute("SET memory_limit = $limit", {"limit": self._memory_limit})

    def copy(self, query: Statement | str, path: Path) -> None:
        """Write the result of a query without parameters to a Parquet file, replacing it."""
        self.run(f"COPY ({_text(query)}) TO {literal(str(path))} (FORMAT parquet)")

    def copy_lines(self, query: str, path: Path) -> None:
        """Write a text column to a file; see :meth:`ringfence.engine.Engine.copy_lines`."""
        options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
        with _translated(), self._connection.cursor() as own:
            own.execute(f"COPY ({query}) TO {literal(str(path))} ({options})")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Open a scope in which all statements take effect together, or none does.

        Everything is undone if the scope raises.
        """
        self._connection.begin()
        try:
            yield
        except BaseException:
            self._connection.rollback()
            raise
        with _translated():
            self._connection.commit()

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Open a scope whose changes are all undone at its end, those to tables included."""
        self._connection.begin()
        try:
            yield
        finally:
            self._connection.rollback()

    def csv_rejects(self, path: Path, line_end: int) -> list[tuple[Any, ...]]:
        """Return the records that the CSV reader has rejected in a file.

        See :meth:`ringfence.engine.Engine.csv_rejects`. The reader keeps them in tables of its own,
        which exist once a file with ``store_rejects`` was read.
        """
        if not self.tables().issuperset(_REJECT_TABLES):
            return []
        return self.rows(_REJECTS, {"path": str(path), "line_end": line_end})

    def forget_csv_rejects(self) -> None:
        """Drop what :meth:`csv_rejects` returns."""
        for table in _REJECT_TABLES:
            self.run(f"DROP TABLE IF EXISTS {table}")

    def progress(self) -> float:
        """Return how much of the running statement is done, in per cent; below 0 if unknown.

        May be called from another thread than the one that waits for the statement.
        """
        return self._connection.query_progress()

    def close(self) -> None:
        """Close the connection and remove the scratch folder with what was spilled."""
        self._connection.close()
        self._folder.close()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.close()

    def _make_table(self, name: str, data: object, columns: str = "*") -> None:
        with _translated():
            self._connection.register("incoming", data)
        try:
            rows = f"SELECT {columns} FROM incoming"  # noqa: S608 - quoted
            self.run(f"CREATE OR REPLACE TEMP TABLE {identifier(name)} AS {rows}")
        finally:
            self._connection.unregister("incoming")

    def _execute(
        self, statement: Statement | str, parameters: Parameters | None
    ) -> duckdb.DuckDBPyConnection:
        return self._connection.execute(_text(statement), dict(parameters) if parameters else None)


def _text(statement: Statement | str) -> str:
    return statement.sql if isinstance(statement, Statement) else statement


def _config(settings: EngineSettings, spill: str) -> dict[str, str]:
    config = {
        "memory_limit": settings.memory_limit.replace(" ", ""),
        "preserve_insertion_order": "false",
        # Nothing is fetched at run time: what is not built in is not used.
        "autoinstall_known_extensions": "false",
        # A name in a statement is a table's, never a variable's of the calling program.
        "python_enable_replacements": "false",
    }
    config |= {"temp_directory": spill} if spill else {}
    return config | ({"threads": str(settings.threads)} if settings.threads else {})


def _connect(
    database: Path | None, config: dict[str, str], *, read_only: bool
) -> duckdb.DuckDBPyConnection:
    name = str(database or ":memory:")
    if not name.isascii() and name != name.encode(errors="replace").decode():
        raise EngineError("its name is not UTF-8, and the database takes no other", fault="name")
    with _translated():
        connection = duckdb.connect(name, read_only=read_only, config=dict(config))
        # progress() asks for the progress; standard output is the caller's.
        # In a notebook without ipywidgets DuckDB refuses, and the progress is unknown.
        with suppress(duckdb.InvalidInputException):
            connection.execute("SET enable_progress_bar = true")
            connection.execute("SET enable_progress_bar_print = false")
        # Results do not depend on the time zone of the machine.
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute(_TO_UTC)
    return connection


@contextmanager
def _translated() -> Iterator[None]:
    """Raise DuckDB's errors as :class:`EngineError`, and an interrupt as KeyboardInterrupt."""
    try:
        yield
    except duckdb.Error as error:
        raise _engine_error(error) from error
    except RuntimeError as error:
        # DuckDB raises this if the keyboard stops a statement.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def _engine_error(error: duckdb.Error) -> EngineError:
    message = str(error).strip()
    fault = _fault(error, message)
    if fault == "disk":
        return _no_space(message)
    if fault == "name":
        return EngineError("a name is not UTF-8, and the database takes no other", fault=fault)
    what = message.split("\n", maxsplit=1)[0]
    if fault == "memory" and "offload" in message:
        return EngineError(what, fault=fault, hint=_MORE_SCRATCH)
    holder = re.search(r"PID (\d+)", message) if fault == "locked" else None
    return EngineError(what, fault=fault, process=int(holder[1]) if holder else 0)


def _no_space(message: str) -> EngineError:
    """Return the error for a full disk, with the file on it and what to do about this disk."""
    file = _FULL_FILE.search(message)
    if file is None:
        return EngineError(message.split("\n", maxsplit=1)[0], fault="disk")
    temporary = re.search(rf"(?:^|/){SCRATCH_PREFIX}[a-z0-9_]{{8}}/", file[1])
    hint = _MORE_SCRATCH if temporary else "free some space on the disk of this file"
    return EngineError(f"no space is left for {file[1]}", fault="disk", hint=hint)


def _fault(error: duckdb.Error, message: str) -> EngineFault:
    if isinstance(error, duckdb.OutOfMemoryException):
        return "memory"
    if "No space left" in message:
        return "disk"
    if "cannot encode str as UTF-8" in message:
        return "name"
    return "locked" if _is_locked(message) else "other"


def _is_locked(message: str) -> bool:
    return "Could not set lock on file" in message or "same database file" in message
