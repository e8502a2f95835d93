"""The embedded engine: DuckDB in this process, which spills to disk beyond its memory limit."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from copy import copy
from pathlib import Path
from typing import Any, Final, Self, cast

import duckdb

from ringfence.engine.connecting import TO_UTC, configuration, connect, file_name, shared_spill
from ringfence.engine.database_errors import translated
from ringfence.engine.engine import ArrowData, Parameters
from ringfence.engine.incoming import bare_stream, typed_columns
from ringfence.engine.quoting import identifier, literal
from ringfence.engine.statement import Statement
from ringfence.errors import EngineError
from ringfence.model.table import Table
from ringfence.own_folders import SCRATCH_PREFIX, OwnFolder
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Columns

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

_REJECTED_LINES: Final = """
SELECT coalesce(sum(lines), 0), arg_min(beginning, line)
FROM (
  SELECT line,
    max(1 + length(record) - length(replace(record, chr(10), ''))) AS lines,
    min(left(record, 1000)) AS beginning
  FROM (
    SELECT file_id, line, trim(coalesce(csv_line, ''), chr(10) || chr(13)) AS record
    FROM reject_errors
  ) AS errors
  GROUP BY file_id, line
) AS records
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
        # Kept, so that the folder lasts as long as the session.
        self._spill = shared_spill(parent) if read_only else self._folder
        config = configuration(settings, self._spill.path / "spill")
        self._memory_limit = config["memory_limit"]
        try:
            self._connection = connect(database, config, read_only=read_only)
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
        with translated():
            self._execute(statement, parameters)

    def rows(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Execute a query and return its rows as tuples."""
        with translated():
            return self._execute(statement, parameters).fetchall()

    def records(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[dict[str, Any]]:
        """Execute a query and return its rows as dictionaries from column name to value."""
        with translated():
            result = self._execute(statement, parameters)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def columns(self, statement: Statement | str, parameters: Parameters | None = None) -> Columns:
        """Execute a query and return one NumPy array per column; NULL is masked or NaN."""
        with translated():
            arrays: dict[str, Any] = self._execute(statement, parameters).fetchnumpy()
        return arrays

    def arrow(self, statement: Statement | str, parameters: Parameters | None = None) -> ArrowData:
        """Return a query that any Arrow library can read while the engine is open.

        The query runs again each time it is read. The Arrow library, not Ringfence, reports an
        error that occurs while it reads.
        """
        text = _text(statement)
        with translated():
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

    @contextmanager
    def incoming(self, name: str, data: ArrowData) -> Iterator[None]:
        """Let statements read Arrow data once; see :meth:`ringfence.engine.Engine.incoming`."""
        with translated():
            self._connection.register(name, bare_stream(data))
        try:
            yield
        finally:
            self._connection.unregister(name)

    def keep_order(self) -> None:
        """Let later statements return and write rows in the order of their input."""
        self.run("SET preserve_insertion_order = true")

    @contextmanager
    def beside(self) -> Iterator[Self]:
        """Open a second session that reads in order; see :meth:`ringfence.engine.Engine.beside`."""
        ordered = self.rows("SELECT current_setting('preserve_insertion_order')")[0][0]
        own = copy(self)
        own.__dict__["_connection"] = self._connection.cursor()
        own.run(TO_UTC)
        own.keep_order()
        try:
            yield own
        finally:
            own.run(f"SET preserve_insertion_order = {literal(ordered)}")
            own._connection.close()  # noqa: SLF001 - a session of its own

    def release_memory(self) -> None:
        """Write the tables that are held in memory to disk; the memory limit does not change."""
        with translated():
            # A result that is still being read stays in memory, and the limit then cannot be lower.
            with suppress(duckdb.OutOfMemoryException):
                self._connection.execute(f"SET memory_limit = '{_IDLE_MEMORY}'")
            self._connection.execute("SET memory_limit = $limit", {"limit": self._memory_limit})

    def copy(self, query: Statement | str, path: Path) -> None:
        """Write the result of a query without parameters to a Parquet file, replacing it."""
        self.run(f"COPY ({_text(query)}) TO {literal(file_name(path))} (FORMAT parquet)")

    def copy_lines(self, query: str, path: Path) -> None:
        """Write a text column to a file; see :meth:`ringfence.engine.Engine.copy_lines`."""
        options = "FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '\x01'"
        with translated(), self._connection.cursor() as own:
            own.execute(f"COPY ({query}) TO {literal(file_name(path))} ({options})")

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
        with translated():
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

    def csv_rejected_lines(self) -> tuple[int, str]:
        """Return the number of rejected lines, and the first; see :meth:`csv_rejects`."""
        if not self.tables().issuperset(_REJECT_TABLES):
            return 0, ""
        lines, first = self.rows(_REJECTED_LINES)[0]
        return int(lines), first or ""

    def forget_csv_rejects(self) -> None:
        """Delete the records that :meth:`csv_rejects` returns."""
        for table in _REJECT_TABLES:
            self.run(f"DROP TABLE IF EXISTS {table}")

    def progress(self) -> float:
        """Return the progress of the running statement in per cent; below 0 if unknown.

        May be called from another thread than the one that waits for the statement.
        """
        return self._connection.query_progress()

    def close(self) -> None:
        """Close the connection and remove the scratch folder with all spilled data."""
        self._connection.close()
        self._folder.close()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.close()

    def _make_table(self, name: str, data: object, columns: str = "*") -> None:
        with translated():
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
