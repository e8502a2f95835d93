"""A ledger opened for questions: SELECT statements over its documented tables, and no changes."""

from __future__ import annotations

from collections import UserDict
from contextlib import closing, suppress
from pathlib import Path
from typing import Final, Self

from ringfence.engine import Engine, open_engine
from ringfence.engine.engine import Parameters
from ringfence.errors import EngineError, LedgerError
from ringfence.events.items import Preset
from ringfence.ledger.compaction import show
from ringfence.ledger.facts import check_facts
from ringfence.ledger.folded_sources import SOURCE_FACTS_SEEN
from ringfence.ledger.item_rules import remembered_rules
from ringfence.ledger.pseudonyms import check_names
from ringfence.ledger.refusal import TO_READ, TO_WRITE, cannot_open, check_file
from ringfence.ledger.tables import ALWAYS, LEDGER_TABLES, OLDER_VERSIONS, SCHEMA_VERSION, SLICED
from ringfence.model.arrow_table import ArrowTable
from ringfence.model.table import Column, Table
from ringfence.pseudonym_key import PseudonymKey, open_key
from ringfence.settings import Settings, check_type
from ringfence.visible import visible

_FACTS: Final = "SELECT name, value FROM facts"
_ITEMS: Final = "items "
"""The beginning of a fact about item rules."""


class LedgerTables(UserDict[str, Table]):
    """The tables of a ledger by name. The text form has one line per table, with its columns."""

    def __repr__(self) -> str:
        """Return one line per table: its name, and its columns with their types."""
        return "\n".join(
            f"{name} ({', '.join(f'{column.name} {column.type}' for column in table.columns)})"
            for name, table in self.items()
        )


class LedgerReader:
    """A ledger file that can be queried and not changed.

    Any number of readers may be open at the same time, also in several processes. While a scan
    writes the ledger, no reader can open it, and while a reader has it open, no scan can.

    Args:
        engine: a read-only session on the ledger's file.
        path: the file, for messages.

    Raises:
        LedgerError: the file is not a ledger, or is of another version.
    """

    def __init__(self, engine: Engine, path: Path) -> None:
        self._engine = engine
        self._path = path
        try:
            version = dict(engine.rows(_FACTS)).get("schema version")
        except EngineError as error:
            raise self._refusal("is not a ledger", TO_READ) from error
        if version not in {str(SCHEMA_VERSION), *OLDER_VERSIONS}:
            raise self._refusal(
                f"was made with schema version {version}, and this version reads {SCHEMA_VERSION}",
                "start a new ledger file and scan the logs again",
            )
        _show_missing(engine)
        show(engine)

    def __repr__(self) -> str:
        """Return the file and the number of tables, on one line."""
        return f"<LedgerReader: {visible(str(self._path))}; {len(LEDGER_TABLES)} tables>"

    @property
    def tables(self) -> LedgerTables:
        """The tables by name, with their columns and what these mean. Print it to read it."""
        return LedgerTables(LEDGER_TABLES)

    @property
    def engine(self) -> Engine:
        """The read-only session, for packages that need temporary tables beside the ledger's."""
        return self._engine

    @property
    def item_rules(self) -> Preset | None:
        """The item rules by which the sources were read; None if they are not all the same."""
        rows = (*self._engine.rows(_FACTS), *self._engine.rows(SOURCE_FACTS_SEEN))
        names = (row[0] for row in rows if row[0].startswith(_ITEMS))
        return remembered_rules(self._engine, frozenset(one.removeprefix(_ITEMS) for one in names))

    def check_names(self, key: PseudonymKey | None) -> None:
        """Refuse the ledger if its accounts have other names than a search would use.

        Args:
            key: for pseudonyms; None for real names.

        Raises:
            LedgerError: the names differ.
        """
        check_names(dict(self._engine.rows(_FACTS)), key, str(self._path))

    def sql(self, select: str, parameters: Parameters | None = None) -> ArrowTable:
        """Return the result of a query, as a table that Arrow libraries, pandas and Polars read.

        The whole result is held in memory. The query reads the ledger's tables and no files.

        Args:
            select: one SELECT statement in DuckDB's dialect, with parameters as ``$name``.
            parameters: their values.

        Raises:
            LedgerError: the text is not a single SELECT statement, or the engine refuses it, for
                example because it names a file.
        """
        try:
            return ArrowTable(self._engine.arrow(select, parameters))
        except EngineError as error:
            raise self._refused_query(error) from error

    def close(self) -> None:
        """Close the ledger, so that a scan can open it."""
        self._engine.close()

    def __enter__(self) -> Self:
        """Return the reader itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the ledger."""
        self.close()

    def _refusal(self, what: str, hint: str) -> LedgerError:
        return LedgerError(what, where=str(self._path), hint=hint)

    def _refused_query(self, error: EngineError) -> LedgerError:
        return self._refusal(
            f"the query cannot be run: {error.what}",
            f"write one SELECT over these tables: {', '.join(LEDGER_TABLES)}",
        )


def _show_missing(engine: Engine) -> None:
    """Show the tables that a file of an older version lacks as empty ones."""
    there = engine.tables()
    source = Column("source", "UINTEGER", "number of the source")
    stored = {name: table.columns for name, table in LEDGER_TABLES.items() if name not in SLICED}
    for name, table in SLICED.items():
        stored |= {f"aged_{name}": table.columns, f"recent_{name}": (source, *table.columns)}
    for name in stored.keys() - there:
        nothing = ", ".join(f'CAST(NULL AS {one.type}) AS "{one.name}"' for one in stored[name])
        engine.view(name, f"SELECT {nothing} WHERE FALSE")


def open_ledger(path: str | Path, settings: Settings | None = None) -> LedgerReader:
    """Open a ledger file for queries only.

    Args:
        path: the file.
        settings: memory limit, threads and scratch folder of the engine.

    Raises:
        LedgerError: there is no such file, it is not a ledger, or another process writes it.
        SettingsError: ``settings`` is of another type.

    Example:
        >>> import ringfence
        >>> with ringfence.open_ledger("music.ledger") as ledger:  # doctest: +SKIP
        ...     ledger.sql("SELECT count(*) AS holdings FROM holdings").rows()
    """
    path, settings = Path(path), settings if settings is not None else Settings()
    check_type(settings)
    try:
        if not path.exists():
            raise LedgerError("there is no such file", where=str(path), hint=TO_READ)
        check_file(path, TO_READ)
        engine = open_engine(settings.engine, path, read_only=True)
    except (EngineError, OSError) as error:
        raise cannot_open(path, error) from error
    try:
        return LedgerReader(engine, path)
    except BaseException:
        engine.close()
        raise


def check_ledger(path: Path, settings: Settings) -> None:
    """Refuse a ledger that a scan with these settings could not go on with. Nothing is written.

    A ledger that cannot be opened now, such as one that another process has open, passes.

    Args:
        path: the file. If there is none, it passes.
        settings: of the scan.

    Raises:
        LedgerError: the file is not a ledger, has a schema version that cannot be brought up to
            date, or was made with other settings.
        SettingsError: the key for pseudonyms cannot be used.
    """
    if not path.exists():
        return
    check_file(path, TO_WRITE)
    key = open_key(settings.privacy.pseudonym_key)
    with (
        suppress(EngineError, OSError),
        closing(open_engine(settings.engine, path, read_only=True)) as engine,
    ):
        if not engine.tables() >= ALWAYS:
            raise LedgerError("is a database, but not a ledger", where=str(path), hint=TO_WRITE)
        check_facts(engine, settings, key, str(path))
