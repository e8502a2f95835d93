"""A table of a dump: its columns, all as text, and how its rows reach the engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

from ringfence.engine import Engine, identifier
from ringfence.visible import visible

DumpContent = Literal["metadata", "files"]
"""What a dump is: records about items, or the items' own files."""

SAMPLE_ROWS = 5_000
"""Rows of a table that are examined to find out what its columns hold."""

_UNREADABLE: Final = "unreadable_text"

LONGEST_EXAMPLE: Final = 100
"""Characters that are shown of a record that could not be read."""


@dataclass(frozen=True)
class UnreadableRecords:
    """Records of a dump that could not be read.

    Attributes:
        count: their number; for text files, the number of lines.
        example: the beginning of the first of them, with hidden characters made visible; empty if
            there is none.
    """

    count: int = 0
    example: str = ""

    @property
    def sentence(self) -> str:
        """Sentence with the number of these records and the first; empty if all could be read."""
        if not self.count:
            return ""
        said = f"{self.count:,} {'record' if self.count == 1 else 'records'} could not be read"
        return f"{said}. The first: {self.example}" if self.example else f"{said}."

    def __add__(self, other: UnreadableRecords) -> UnreadableRecords:
        """Return both together, with the example of the first that has one."""
        return UnreadableRecords(self.count + other.count, self.example or other.example)


class RowSource(Protocol):
    """Where the rows of a dump's table come from."""

    def sample(self, engine: Engine, rows: int) -> list[dict[str, str | None]]:
        """Return rows of the table, from its beginning or from all over it."""
        ...

    def store(
        self, engine: Engine, table: str, columns: Sequence[str], select: str
    ) -> UnreadableRecords:
        """Create a temporary table with an expression per row, in the order of the dump.

        Args:
            engine: with room for the table.
            table: its name.
            columns: the columns of the dump that the expressions read; others are not read.
            select: SQL of the expressions, over the columns as text.

        Returns:
            The records that could not be read. They are not in the table.

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
        unreadable: column of the relation with the text of a record that could not be read, NULL in
            all others; empty if there is no such column.
    """

    relation: str
    rejects: str = ""
    unreadable: str = ""

    def sample(self, engine: Engine, rows: int) -> list[dict[str, str | None]]:
        """Return the first rows."""
        columns, condition = "*", "TRUE"
        if self.unreadable:
            name = identifier(self.unreadable)
            columns, condition = f"* EXCLUDE ({name})", f"{name} IS NULL"
        return engine.records(
            f"SELECT {columns} FROM {self.relation} WHERE {condition} LIMIT {rows:d}"  # noqa: S608 - quoted
        )

    def store(
        self, engine: Engine, table: str, columns: Sequence[str], select: str
    ) -> UnreadableRecords:
        """Create a table; see :meth:`RowSource.store`."""
        del columns  # the engine reads only what the expressions name
        engine.forget_csv_rejects()
        unreadable = identifier(self.unreadable) if self.unreadable else ""
        found = store_readable(engine, table, select, self.relation, unreadable)
        if not self.rejects:
            return found
        lines, first = engine.csv_rejected_lines()
        return UnreadableRecords(lines, visible(first, LONGEST_EXAMPLE)) + found


def store_readable(
    engine: Engine, table: str, select: str, relation: str, unreadable: str
) -> UnreadableRecords:
    """Create a temporary table of the rows that could be read, and return the others.

    Rows keep their numbers, so that two tables of one dump can be joined by them.

    Args:
        engine: with room for the table.
        table: its name.
        select: SQL of its columns.
        relation: SQL that may follow FROM.
        unreadable: SQL of the text of a record that could not be read, NULL in all others; empty if
            every record can be read.
    """
    name = identifier(table)
    extra = f", {unreadable} AS {_UNREADABLE}" if unreadable else ""
    engine.run(
        f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT {select}{extra} FROM {relation}"  # noqa: S608 - own names and quoted ones
    )
    if not unreadable:
        return UnreadableRecords()
    count, first = engine.rows(
        f"SELECT count({_UNREADABLE}), arg_min({_UNREADABLE}, rowid) FROM {name}"  # noqa: S608 - own
    )[0]
    if count:
        engine.run(f"DELETE FROM {name} WHERE {_UNREADABLE} IS NOT NULL")  # noqa: S608 - own
    engine.run(f"ALTER TABLE {name} DROP COLUMN {_UNREADABLE}")
    return UnreadableRecords(int(count), visible(first or "", LONGEST_EXAMPLE))
