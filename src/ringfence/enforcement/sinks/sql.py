"""An UPDATE in the owner's database, in a transaction of its own.

The statement is the operator's, and values are only bound: ``:account``, ``:effect``, ``:until``,
``:decision``, ``:number``, ``:key`` and ``:ground``. So no name of an account becomes part of it.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from threading import Timer
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ringfence.enforcement.effect_json import effect_to_json
from ringfence.enforcement.sink import Effect, SinkError

_SECONDS: Final = 12
"""Time-out of the connection, and of the transaction. An effect has both, within half a minute."""

_MYSQL: Final = ("connect_timeout", "read_timeout", "write_timeout")
_LIMITS: Final = {
    "psycopg": ("connect_timeout",),
    "psycopg2": ("connect_timeout",),
    "pysqlite": ("timeout",),
    "pymysql": _MYSQL,
    "mysqldb": _MYSQL,
}
"""The time-outs that each driver knows, all in seconds."""


@dataclass(frozen=True)
class SqlSink:
    """A table of the owner.

    Attributes:
        name: name of the sink in the settings.
        url: address of the database, with its password, so it is in no error.
        statement: the statement, with the names of values after colons.
    """

    name: str
    url: str = field(repr=False)
    statement: str

    def apply(self, effect: Effect) -> None:
        """Run the statement and commit.

        Raises:
            SinkError: the database cannot be reached or refuses the statement, or another number
                of rows than one has changed. Then nothing is changed.
        """
        try:
            engine = _engine(self.url)
            with engine.connect() as connection, _limited(connection), connection.begin():
                done = connection.execute(text(self.statement), effect_to_json(effect))
                self._check(done.rowcount)
        except (SQLAlchemyError, ModuleNotFoundError, ValueError) as error:
            # The text of the error contains the values, and may contain the password.
            known = error.orig if isinstance(error, DBAPIError) and error.orig else error
            said = f"the database refuses: {type(known).__name__}"
            raise SinkError(said, retry=True, where=self.name) from None

    def _check(self, changed: int) -> None:
        """Refuse an effect on nobody, or on several accounts; a driver may not know the number."""
        if changed == 0:
            raise SinkError("the statement changes no row", retry=False, where=self.name)
        if changed > 1:
            raise SinkError("the statement changes several rows", retry=False, where=self.name)


def _engine(url: str) -> Engine:
    # A run delivers now and then, so no connection is kept.
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    event.listen(engine, "do_connect", partial(_limit, engine.driver))
    return engine


def _limit(driver: str, _dialect: object, _record: object, _arguments: object, given: Any) -> None:  # noqa: ANN401 - arguments of any driver
    """Add the time-outs to the arguments of a connection."""
    given.update(dict.fromkeys(_LIMITS.get(driver, ()), _SECONDS))
    if driver.startswith("psycopg"):
        given["options"] = f"{given.get('options', '')} -c statement_timeout={_SECONDS}s".strip()


@contextmanager
def _limited(connection: Connection) -> Iterator[None]:
    """Break a connection at the time-out: a server that hangs ends no statement by itself."""
    timer = Timer(_SECONDS, _cut, [connection.connection.driver_connection])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(connection: Any) -> None:  # noqa: ANN401 - of any driver
    """Let a call of the driver in another thread fail."""
    with suppress(Exception):  # the connection may just have been closed
        if hasattr(connection, "interrupt"):
            connection.interrupt()
        elif hasattr(connection, "fileno"):
            with socket.socket(fileno=connection.fileno()) as shared:
                try:
                    shared.shutdown(socket.SHUT_RDWR)
                finally:
                    # The driver closes it.
                    shared.detach()
