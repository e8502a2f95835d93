"""Read named columns of a published copy or of a table: the one way for all leak commands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ringfence.engine import ArrowData, Engine, identifier
from ringfence.errors import EngineError, LeakError, SourceError
from ringfence.events.table_files import TABLE_FORMATS, TableFile, id_text, message, open_table_file
from ringfence.leaks.dumps import DUMP_FORMATS, DumpTable, UnreadableRecords, open_dump
from ringfence.leaks.dumps.dump_table import SqlRows
from ringfence.leaks.item_columns import FORMS_OF_IDS
from ringfence.suggestions import did_you_mean

_OPTION = "name the column with an option"


@dataclass(frozen=True)
class DumpValues:
    """A published copy whose columns can be stored.

    Attributes:
        engine: reads it.
        data: the file or table.
        tables: its tables.
    """

    engine: Engine
    data: Path | ArrowData
    tables: Sequence[DumpTable]

    def store(self, wanted: Mapping[str, str]) -> UnreadableRecords:
        """Store columns as text, to be read as ``dump_values``, in the order of the copy.

        If several tables of a database have all the columns, their rows follow each other. In a
        listing of files, ``item`` is the name of the file without its folder and ending.

        Args:
            wanted: name of each new column, and the column of the copy.

        Returns:
            The records that could not be read.

        Raises:
            LeakError: no table of the copy has all the columns, or it cannot be read.
        """
        unreadable = UnreadableRecords()
        table = stored = "leak_values"
        for one in self._having(list(wanted.values())):
            texts = {name: _source_of(one, column) for name, column in wanted.items()}
            select = ", ".join(f"{sql} AS {identifier(name)}" for name, (_, sql) in texts.items())
            columns = list(dict.fromkeys(column for column, _ in texts.values()))
            try:
                unreadable += one.source.store(self.engine, stored, columns, select)
                if stored != table:
                    self.engine.run(f"INSERT INTO {table} FROM {stored}")
            except (SourceError, EngineError) as failure:
                raise unreadable_data(self.engine, failure, self.data, DUMP_FORMATS) from failure
            stored = f"{table}_next"
        self.engine.view("dump_values", f"SELECT * FROM {table}")  # noqa: S608 - own name
        return unreadable

    def _having(self, columns: Sequence[str]) -> list[DumpTable]:
        """Return the tables that have all the columns.

        Raises:
            LeakError: there is none.
        """
        found = [one for one in self.tables if all(_source_of(one, name)[0] for name in columns)]
        if found:
            return found
        best = max(self.tables, key=lambda one: sum(bool(_source_of(one, n)[0]) for n in columns))
        missing = next(name for name in columns if not _source_of(best, name)[0])
        raise no_column(missing, best.columns, f"dump {best.name}")


def open_values(engine: Engine, data: Path | ArrowData, columns: Sequence[str]) -> DumpValues:
    """Open a published copy in any format of a dump, or a table in memory.

    Args:
        engine: reads it, and keeps the order of rows from now on.
        data: file or table.
        columns: the columns that will be stored.

    Raises:
        LeakError: it cannot be read.
    """
    engine.keep_order()
    try:
        if isinstance(data, Path):
            return DumpValues(engine, data, open_dump(engine, data, 0, columns))
        table = open_table_file(engine, data, "leak_dump")
    except (SourceError, EngineError) as failure:
        raise unreadable_data(engine, failure, data, DUMP_FORMATS) from failure
    texts = ", ".join(
        f"{id_text(identifier(name), kind)} AS {identifier(name)}"
        for name, kind in table.types.items()
    )
    rows = SqlRows(f"(SELECT {texts} FROM {table.source})")  # noqa: S608 - quoted
    return DumpValues(
        engine, data, [DumpTable(table.name, "", "table", "metadata", tuple(table.types), rows)]
    )


def open_leak_table(engine: Engine, data: Path | ArrowData, name: str) -> TableFile:
    """Open a table of the operator.

    Args:
        engine: reads it.
        data: file or table.
        name: what it is, for messages.

    Raises:
        LeakError: it cannot be read.
    """
    try:
        return open_table_file(engine, data, f"leak_{name}")
    except (SourceError, EngineError) as failure:
        raise unreadable_data(engine, failure, data) from failure


def table_column(table: TableFile, name: str, what: str) -> str:
    """Return SQL of a column of the operator's table, as text.

    Args:
        table: the table.
        name: the column.
        what: what the table is, for messages.

    Raises:
        LeakError: there is no such column.
    """
    if name not in table.types:
        raise no_column(name, list(table.types), f"{what} {table.name}")
    return id_text(identifier(name), table.types[name])


def no_column(name: str, columns: Sequence[str], where: str) -> LeakError:
    """Return the error for a column that a table does not have."""
    shown = ", ".join(columns[:30])
    hint = did_you_mean(name, list(columns)) or _OPTION
    return LeakError(f"has no column {name!r}, only {shown}", where=where, hint=hint)


def unreadable_data(
    engine: Engine,
    failure: SourceError | EngineError,
    data: Path | ArrowData,
    formats: str = TABLE_FORMATS,
) -> LeakError:
    """Return the error for a file or table that cannot be read."""
    where = str(data) if isinstance(data, Path) else ""
    what = message(engine, failure.what, Path(where or "the table"))
    return LeakError(f"cannot be read: {what}", where=where, hint=f"give {formats}")


def _source_of(table: DumpTable, name: str) -> tuple[str, str]:
    """Return the column that has a value, and SQL of the value; both empty if there is none."""
    if name in table.columns:
        return name, identifier(name)
    if name == "item" and table.content == "files":
        return "path", f"nullif({FORMS_OF_IDS['name of the file'].format(identifier('path'))}, '')"
    return "", ""
