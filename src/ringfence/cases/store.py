"""Open the case store: SQLite by default, PostgreSQL for a team.

Every write takes the store's one lock first, so writers follow each other. This is what keeps the
audit a chain, and it makes every check of a command hold until the command is committed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

from sqlalchemy import Connection, Engine, create_engine, event, select
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from ringfence.cases.migrations.upgrading import upgrade
from ringfence.cases.schema import AUDIT_HEAD
from ringfence.errors import FULL, CasesError, MissingPackageError, SettingsError
from ringfence.private_files import make_folder

_WAIT_SECONDS: Final = 30
"""The longest time that a writer waits for another one."""

_WRITES: Final = "ringfence_writes"
"""Execution option of a connection that is going to write."""

_NO_FILE: Final = "name the one that a scan with --cases has made; a path begins in this folder"

_FORMS: Final = "give a file, such as cases.sqlite, or postgresql://user@host/database"


class CaseStore:
    """Cases, decisions, appeals, grants and their audit, in one database.

    Use it as a context manager, or call :meth:`close`.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @property
    def where(self) -> str:
        """The address of the database, without its password."""
        return _shown(self._engine.url)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection that sees one state of the store.

        Raises:
            CasesError: the database fails.
        """
        with self._told(), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a connection that alone may write; commit at the end, undo all if it is left early.

        Raises:
            CasesError: the database fails, or another writer holds it for 30 seconds.
        """
        with self._told(), self._engine.connect() as connection:
            connection = connection.execution_options(**{_WRITES: True})  # noqa: PLW2901 - the same
            with connection.begin():
                connection.execute(select(AUDIT_HEAD.c.number).with_for_update())
                yield connection

    def write_through(self) -> None:
        """Move what was committed from SQLite's log into its file, and empty the log.

        The log has old versions of changed pages until then. PostgreSQL looks after its own log.

        Raises:
            CasesError: the database fails.
        """
        if self._engine.dialect.name == "sqlite":
            with self._told(), self._engine.connect() as connection:
                raw: Any = connection.connection.driver_connection
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        """Return the store."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()

    @contextmanager
    def _told(self) -> Iterator[None]:
        with _in_one_line(self.where):
            yield


def open_store(url: str | Path, *, create: bool = True) -> CaseStore:
    """Open a case store, and create it or bring it to the newest form first.

    Args:
        url: a file for SQLite, or an address such as ``postgresql://user@host/database``.
        create: make the file if it is missing. A command that only reads or delivers would
            otherwise find an empty store in the wrong folder, and free every account.

    Raises:
        CasesError: the database cannot be opened, is missing, or was written by a newer version.
        SettingsError: the address is of no form that is known.
        MissingPackageError: the driver of PostgreSQL is not installed.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        if not create:
            _check_file(address)
        _prepare_file(address)
    with _in_one_line(_shown(address)):
        store = CaseStore(_engine(address))
        try:
            upgrade(store._engine)  # noqa: SLF001 - its own module
        except BaseException:
            store.close()
            raise
    return store


def store_file(url: str | Path) -> Path | None:
    """Return the file of a store in SQLite; None if the store is in another database.

    Raises:
        SettingsError: the address is of no form that is known.
    """
    address = _address(url)
    return Path(address.database or "") if address.get_backend_name() == "sqlite" else None


def _address(url: str | Path) -> URL:
    """Return the address of a database; text without a scheme is a file."""
    text = str(url)
    if not text or text.startswith(":memory:"):
        raise SettingsError("a case store needs a file or an address", hint=_FORMS)
    if not _is_text(text):
        raise SettingsError(
            "the name of the case store has characters that no database takes", hint=_FORMS
        )
    if "://" not in text:
        return URL.create("sqlite", database=text)
    try:
        address = make_url(text)
    except (ArgumentError, ValueError):
        # The text may contain a password, so it is not repeated.
        raise SettingsError("the address of the case store is not one", hint=_FORMS) from None
    scheme = address.get_backend_name()
    if scheme == "sqlite" and address.database not in {None, "", ":memory:"}:
        return address.set(drivername="sqlite")
    if scheme in {"postgresql", "postgres"}:
        return address.set(drivername="postgresql+psycopg")
    raise SettingsError(f"a case store cannot be in {scheme}", hint=_FORMS)


def _shown(address: URL) -> str:
    """Return the address of a database without its passwords, also those behind the ``?``."""
    hidden = {name: "hidden" for name in address.query if "password" in name.lower()}
    return address.update_query_dict(hidden).render_as_string(hide_password=True)


def _is_text(name: str) -> bool:
    """Return whether a name can be written as UTF-8 without a zero byte, as drivers need it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in name


def _check_file(address: URL) -> None:
    """Refuse a file that is missing.

    Raises:
        CasesError: there is none.
    """
    path = Path(address.database or "")
    try:
        known = path.exists()
    except OSError:
        known = True  # Opening it says why it cannot be used.
    if not known:
        raise CasesError("there is no case store", where=str(path), hint=_NO_FILE)


def _prepare_file(address: URL) -> None:
    """Create the file for its owner alone, before the database would create it for others too."""
    path = Path(address.database or "")
    try:
        make_folder(path.parent)
        path.touch(mode=0o600, exist_ok=True)
    except OSError as error:
        raise CasesError(
            f"cannot be opened: {error.strerror}", where=str(path), hint=_FORMS
        ) from error


def _engine(address: URL) -> Engine:
    if address.get_backend_name() == "sqlite":
        engine = create_engine(address, connect_args={"timeout": _WAIT_SECONDS})
        event.listen(engine, "connect", _configure_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    try:
        engine = create_engine(
            address, pool_pre_ping=True, connect_args={"connect_timeout": _WAIT_SECONDS}
        )
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            "PostgreSQL needs the package psycopg", hint="pip install 'ringfence[postgresql]'"
        ) from error
    except NoSuchModuleError as error:
        raise SettingsError("the address of the case store is not one", hint=_FORMS) from error
    event.listen(engine, "connect", _configure_postgresql)
    return engine


def _configure_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
    # The driver would begin transactions by itself, and too late: see _begin_sqlite.
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "foreign_keys = ON", "synchronous = FULL"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A transaction that reads before it writes cannot be upgraded if another one wrote in between.
    writes = connection.get_execution_options().get(_WRITES)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _configure_postgresql(connection: Any, _record: object) -> None:  # noqa: ANN401 - of the driver
    with connection.cursor() as cursor:
        cursor.execute(f"SET lock_timeout = '{_WAIT_SECONDS}s'")
        cursor.execute("SET timezone = 'UTC'")
    connection.commit()


@contextmanager
def _in_one_line(where: str) -> Iterator[None]:
    """Turn errors of the database into one line that names no password and no value."""
    try:
        yield
    except DBAPIError as error:
        said = str(error.orig).strip().partition("\n")[0] or type(error.orig).__name__
        raise CasesError(said, where=where, hint=_hint(said)) from error
    except UnicodeEncodeError as error:
        raise SettingsError("a text for the case store is not UTF-8") from error
    except OSError as error:
        hint = "free some space there" if error.errno in FULL else ""
        raise CasesError(error.strerror or str(error), where=where, hint=hint) from error


def _hint(said: str) -> str:
    lowered = said.lower()
    if "locked" in lowered or "lock timeout" in lowered:
        return "another process is writing to the store; try again when it has finished"
    if "full" in lowered or "no space" in lowered:
        return "free some space there"
    if "not a database" in lowered:
        return f"this file is something else; {_FORMS}"
    if "readonly" in lowered or "read-only" in lowered:
        return "the file and its folder must be writable"
    return "is the address right, and is the database running?"
