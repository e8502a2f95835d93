"""The stream of one bouncer of CrowdSec, with a position that the store keeps.

The store knows the bouncer under a name of its own among the sinks. So messages that the bouncer
has not been told are neither pruned nor erased before it asks again.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from ringfence.cases import CaseStore
from ringfence.cases.moments import now
from ringfence.cases.outbox import newest_effect
from ringfence.cases.schema import SINKS
from ringfence.enforcement.decision_stream import Scopes, decision_stream


@dataclass(frozen=True)
class BouncerStream:
    """The stream of decisions of one bouncer.

    Attributes:
        name: name of the bouncer, at most 50 characters; each bouncer needs another one.
        store: the case store.
    """

    name: str
    store: CaseStore

    @property
    def sink(self) -> str:
        """The name under which the store keeps the position. No sink of the settings has it."""
        return f"bouncer:{self.name}"

    def answer(self, *, startup: bool, scopes: Scopes = frozenset()) -> Generator[str]:
        """Yield the JSON text of the answer to ``GET /v1/decisions/stream``, in pieces.

        The position moves only after the last piece was taken. If the bouncer goes away before, it
        is told the same changes again.

        Args:
            startup: whether the bouncer begins, and is told all decisions. If it had a stream
                before, it is told the deletions since then as well.
            scopes: the scopes that it asks for, in lower case; empty for all of them.

        Raises:
            CasesError: the database fails.
        """
        with self.store.writing() as connection:
            since, complete = self._position(connection)
        with self.store.reading() as connection:
            whole = startup or not complete
            stream = decision_stream(connection, since, now(), scopes, startup=whole)
            yield from stream.pieces
        with self.store.writing() as connection:
            self._write(connection, max(since or 0, stream.position))

    def _position(self, connection: Connection) -> tuple[int | None, bool]:
        """Return the position, and whether the bouncer has ever been told everything.

        There is no position for a new bouncer, which is known from now on.
        """
        known = select(SINKS.c.enrolled, SINKS.c.succeeded).where(SINKS.c.name == self.sink)
        row = connection.execute(known).first()
        if row is None:
            newest = newest_effect(connection)
            connection.execute(insert(SINKS).values(name=self.sink, enrolled=newest))
            return None, False
        # Its first stream may have been cut off.
        return int(row.enrolled), row.succeeded is not None

    def _write(self, connection: Connection, position: int) -> None:
        mine = update(SINKS).where(SINKS.c.name == self.sink)
        connection.execute(mine.values(enrolled=position, succeeded=now()))
