"""An UPDATE in the owner's database, in a transaction of its own.

The statement is the operator's, and values are only bound: ``:account``, ``:effect``, ``:until``,
``:decision``, ``:number``, ``:key`` and ``:ground``. So no name of an account becomes part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from ringfence.enforcement.effect_json import effect_to_json
from ringfence.enforcement.sink import Effect, SinkError

_SECONDS: Final = 20
"""Time-out of the connection, of a lock, and of the statement."""


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
            SinkError: the database cannot be reached or refuses the statement, or no row has
                changed.
        """
        try:
            engine = _engine(self.url)
            with engine.begin() as connection:
                done = connection.execute(text(self.statement), effect_to_json(effect))
                changed = done.rowcount
        except (SQLAlchemyError, ModuleNotFoundError, ValueError) as error:
            # The text of the error contains the values, and may contain the password.
            known = error.orig if isinstance(error, DBAPIError) and error.orig else error
            said = f"the database refuses: {type(known).__name__}"
            raise SinkError(said, retry=True, where=self.name) from None
        if changed == 0:
            raise SinkError("the statement changes no row", retry=False, where=self.name)


def _engine(url: str) -> Engine:
    # A run delivers now and then, so no connection is kept.
    engine = create_engine(url, poolclass=NullPool, hide_parameters=True)
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", _limit_postgresql)
    elif engine.dialect.name == "sqlite":
        event.listen(engine, "do_connect", _limit_sqlite)
    return engine


def _limit_postgresql(_dialect: object, _record: object, _arguments: object, given: object) -> None:
    if isinstance(given, dict):
        given["connect_timeout"] = _SECONDS
        given["options"] = f"-c statement_timeout={_SECONDS}s"


def _limit_sqlite(_dialect: object, _record: object, _arguments: object, given: object) -> None:
    if isinstance(given, dict):
        given["timeout"] = _SECONDS
