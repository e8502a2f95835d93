"""The interface of the engine for other packages, independent of the database."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, Self

from ringfence.engine.statement import Statement
from ringfence.model.arrow_table import ArrowData as ArrowData  # noqa: PLC0414 - part of Engine
from ringfence.model.table import Table
from ringfence.stats.arrays import Columns

Parameters = Mapping[str, object]
"""Values of a statement's ``$name`` parameters."""


class Engine(Protocol):
    """A database session that holds the ledger and runs statements.

    A statement is a :class:`Statement` or SQL text in DuckDB's dialect, with parameters written as
    ``$name``. Every method raises :class:`ringfence.errors.EngineError` if the database fails, and
    KeyboardInterrupt if the keyboard stops it.

    Temporary tables and views last until the engine is closed. Only one statement runs at a time;
    :meth:`progress` alone may be called from another thread.
    """

    @property
    def scratch(self) -> Path:
        """A folder for files that the engine removes when it is closed."""
        ...

    @property
    def threads(self) -> int:
        """The number of threads that a statement may use."""
        ...

    def run(self, statement: Statement | str, parameters: Parameters | None = None) -> None:
        """Execute a statement for its effect."""
        ...

    def rows(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[tuple[Any, ...]]:
        """Execute a query and return its rows as tuples."""
        ...

    def records(
        self, statement: Statement | str, parameters: Parameters | None = None
    ) -> list[dict[str, Any]]:
        """Execute a query and return its rows as dictionaries from column name to value."""
        ...

    def columns(self, statement: Statement | str, parameters: Parameters | None = None) -> Columns:
        """Execute a query and return one NumPy array per column; NULL is masked or NaN."""
        ...

    def arrow(self, statement: Statement | str, parameters: Parameters | None = None) -> ArrowData:
        """Return a query that any Arrow library can read while the engine is open.

        The query runs again each time it is read.
        """
        ...

    def describe(self, relation: str) -> dict[str, str]:
        """Return the columns of a relation and their types, in order.

        Args:
            relation: a text that may follow FROM: a table's name, a table function, or a SELECT in
                brackets.
        """
        ...

    def tables(self) -> frozenset[str]:
        """Return the names of all tables and views, temporary ones included."""
        ...

    def view(self, name: str, select: str) -> None:
        """Create a temporary view of a SELECT, or replace the one with this name."""
        ...

    def table(self, table: Table | str, columns: Columns) -> None:
        """Create a temporary table from NumPy columns of one length, or replace it.

        Args:
            table: the declaration of a table that other packages read, whose types the columns
                get; or the name of a table that only the calling package reads.
            columns: the columns by name.

        Raises:
            ValueError: a column is not declared, or a declared one is missing.
        """
        ...

    def arrow_table(self, name: str, data: ArrowData) -> None:
        """Create a temporary table from Arrow data, or replace it; the data are read once."""
        ...

    def incoming(self, name: str, data: ArrowData) -> AbstractContextManager[None]:
        """Open a scope in which statements can read Arrow data under a name, once.

        Unlike :meth:`arrow_table`, nothing is stored: a statement reads the data batch by batch.
        """
        ...

    def keep_order(self) -> None:
        """Let later statements return and write rows in the order of their input.

        By default, statements without ORDER BY may return rows in any order, which is faster.
        """
        ...

    def beside(self) -> AbstractContextManager[Self]:
        """Open a second session that reads files, in order, outside the open transaction.

        The open transaction continues if a statement of the second session fails.
        """
        ...

    def release_memory(self) -> None:
        """Write the tables that are held in memory to disk, before other work that needs memory.

        The memory limit does not change. Later statements read the tables back as needed.
        """
        ...

    def copy(self, query: Statement | str, path: Path) -> None:
        """Write the result of a query without parameters to a Parquet file, replacing it."""
        ...

    def copy_lines(self, query: str, path: Path) -> None:
        """Write a text column to a file, one value per line as it is, replacing the file.

        The query reads files only. It runs outside the open transaction, which continues if the
        query fails.

        Raises:
            EngineError: the files cannot be read, or the file cannot be written.
        """
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Open a scope in which all statements take effect together, or none does.

        Everything is undone if the scope raises.
        """
        ...

    def rolled_back(self) -> AbstractContextManager[None]:
        """Open a scope whose changes are all undone at its end, those to tables included."""
        ...

    def csv_rejects(self, path: Path, line_end: int) -> list[tuple[Any, ...]]:
        """Return the records that the CSV reader has rejected in a file.

        Args:
            path: the file, as it was given to the reader.
            line_end: 1 if lines end in two bytes (carriage return and line feed), otherwise 0.

        Returns:
            One tuple per record: start of the record in bytes from 1, position of the furthest
            error, length of the reported text in characters and in bytes, and whether the text
            spans several lines.
        """
        ...

    def csv_rejected_lines(self) -> tuple[int, str]:
        """Return how many lines the CSV reader has rejected, and the text of the first of them.

        A record with an open quote may span many lines, and all of them count.
        """
        ...

    def forget_csv_rejects(self) -> None:
        """Delete the records that :meth:`csv_rejects` returns."""
        ...

    def progress(self) -> float:
        """Return the progress of the running statement in per cent; below 0 if unknown.

        May be called from another thread than the one that waits for the statement.
        """
        ...

    def close(self) -> None:
        """Close the session and remove the scratch folder."""
        ...

    def __enter__(self) -> Self:
        """Return the engine itself."""
        ...

    def __exit__(self, *_: object) -> None:
        """Close the engine."""
        ...
