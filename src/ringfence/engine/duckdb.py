"""The embedded engine: DuckDB in this process, spilling to disk beyond its memory limit."""

from __future__ import annotations

import shutil
import tempfile
import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

import duckdb
from sqlglot import exp

from ringfence.engine._statement import Statement
from ringfence.settings import EngineSettings
from ringfence.stats.arrays import Columns


class DuckDBEngine:
    """A DuckDB connection with a memory limit, a place to spill, and named statements.

    Args:
        settings: threads, memory limit, spill directory.
        database: a database file, or None to keep everything in memory (and spill).

    Raises:
        duckdb.Error: whatever DuckDB raises; the rooms translate it where they know better.
    """

    dialect = "duckdb"

    def __init__(
        self, settings: EngineSettings | None = None, database: Path | None = None
    ) -> None:
        settings = settings or EngineSettings()
        folder = tempfile.mkdtemp(prefix="ringfence-", dir=settings.temp_directory or None)
        # Also when nobody closes the engine.
        self._remove = weakref.finalize(self, shutil.rmtree, folder, ignore_errors=True)
        self.scratch = Path(folder)
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": settings.memory_limit.replace(" ", ""),
            "temp_directory": str(self.scratch / "spill"),
            "preserve_insertion_order": "false",
            # Nothing is fetched at run time: what is not built in is not used.
            "autoinstall_known_extensions": "false",
        }
        if settings.threads:
            config["threads"] = str(settings.threads)
        try:
            self.connection = duckdb.connect(str(database or ":memory:"), config=config)
        except BaseException:
            # Nobody gets an object to close.
            self._remove()
            raise
        # Progress is asked for with query_progress(); standard output is the caller's.
        self.connection.execute("SET enable_progress_bar = true")
        self.connection.execute("SET enable_progress_bar_print = false")

    @property
    def threads(self) -> int:
        """How many threads statements may use."""
        return int(self.rows("SELECT current_setting('threads')")[0][0])

    def run(
        self, statement: Statement | str, parameters: Mapping[str, object] | None = None
    ) -> None:
        """Execute a statement for its effect."""
        with _interruptible():
            self._execute(statement, parameters)

    def rows(
        self, statement: Statement | str, parameters: Mapping[str, object] | None = None
    ) -> list[tuple[Any, ...]]:
        """Execute a statement and return its rows as tuples."""
        with _interruptible():
            return self._execute(statement, parameters).fetchall()

    def columns(
        self, statement: Statement | str, parameters: Mapping[str, object] | None = None
    ) -> Columns:
        """Execute a statement and return one NumPy array a column; SQL NULL is masked or NaN."""
        with _interruptible():
            found: dict[str, Any] = self._execute(statement, parameters).fetchnumpy()
        return found

    def tables(self) -> frozenset[str]:
        """Return the names of the lasting tables."""
        return frozenset(row[0] for row in self.connection.execute("SHOW TABLES").fetchall())

    def view(self, name: str, select: str) -> None:
        """Name a SELECT, as a temporary view that later statements read."""
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW {identifier(name)} AS {select}")

    def table(self, name: str, columns: Columns) -> None:
        """Make a temporary table of NumPy columns of one length."""
        self.connection.register("incoming", columns)
        self.run(f"CREATE OR REPLACE TEMP TABLE {identifier(name)} AS FROM incoming")
        self.connection.unregister("incoming")

    def progress(self) -> float:
        """Return how far the running statement is, in per cent; below 0 where it cannot tell.

        May be called from another thread than the one that waits for the statement.
        """
        return self.connection.query_progress()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All statements inside take effect together, or none does."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def close(self) -> None:
        """Close the connection and remove what was spilled."""
        self.connection.close()
        self._remove()

    def __enter__(self) -> Self:
        """Return the engine itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        self.close()

    def _execute(
        self, statement: Statement | str, parameters: Mapping[str, object] | None
    ) -> duckdb.DuckDBPyConnection:
        text = statement.sql if isinstance(statement, Statement) else statement
        return self.connection.execute(text, dict(parameters) if parameters else None)


@contextmanager
def _interruptible() -> Iterator[None]:
    """Raise KeyboardInterrupt where the keyboard stops a statement: DuckDB makes another error."""
    try:
        yield
    except RuntimeError as error:
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def identifier(name: str) -> str:
    """Quote a table or column name."""
    return exp.to_identifier(name, quoted=True).sql("duckdb")


def literal(value: str | float | bool | Sequence[str]) -> str:
    """Quote a value; a sequence of strings becomes a list."""
    return exp.convert(
        list(value) if isinstance(value, Sequence) and not isinstance(value, str) else value
    ).sql("duckdb")
