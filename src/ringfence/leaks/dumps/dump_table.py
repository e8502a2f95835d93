"""A table of a dump: its columns, all as text, and how its rows reach the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from ringfence.engine import Engine, identifier

DumpContent = Literal["metadata", "files"]
"""What a dump is: records about items, or the items' own files."""

SAMPLE_ROWS = 5_000
"""Rows of a table that are examined to find out what its columns hold."""


class RowSource(Protocol):
    """Where the rows of a dump's table come from."""

    def sample(self, engine: Engine, rows: int) -> list[dict[str, str | None]]:
        """Return rows of the table, from its beginning or from all over it."""
        ...

    def store(self, engine: Engine, table: str, columns: Sequence[str], select: str) -> int:
        """Create a temporary table with an expression per row, in the order of the dump.

        Args:
            engine: with room for the table.
            table: its name.
            columns: the columns of the dump that the expressions read; others are not read.
            select: SQL of the expressions, over the columns as text.

        Returns:
            Number of records that could not be read and are not in the table.

        Raises:
            SourceError: the dump is damaged.
        """
        ...


@dataclass(frozen=True)
class DumpTable:
    """One table of a dump.

    Attributes:
        dump: name of the file.
        table: name of the table within the file; empty if the file is one table.
        form: name of the format.
        content: whether its records are metadata or files.
        columns: names of its columns, in order.
        source: gives the rows.
        notes: sentences about how it was read.
    """

    dump: str
    table: str
    form: str
    content: DumpContent
    columns: tuple[str, ...]
    source: RowSource
    notes: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The file, and the table within it if there are several."""
        return f"{self.dump}: {self.table}" if self.table else self.dump


@dataclass(frozen=True)
class SqlRows:
    """Rows that the engine reads by itself.

    Attributes:
        relation: SQL that may follow FROM; its columns are text.
        rejects: file whose unreadable records the engine counts; empty if it counts none.
    """

    relation: str
    rejects: str = ""

    def sample(self, engine: Engine, rows: int) -> list[dict[str, str | None]]:
        """Return the first rows."""
        return engine.records(f"SELECT * FROM {self.relation} LIMIT {rows:d}")  # noqa: S608 - quoted

    def store(self, engine: Engine, table: str, columns: Sequence[str], select: str) -> int:
        """Create a table; see :meth:`RowSource.store`."""
        del columns  # the engine reads only what the expressions name
        engine.forget_csv_rejects()
        engine.run(
            f"CREATE OR REPLACE TEMP TABLE {identifier(table)} AS "  # noqa: S608 - own names and quoted ones
            f"SELECT {select} FROM {self.relation}"
        )
        return engine.csv_rejected_lines() if self.rejects else 0
