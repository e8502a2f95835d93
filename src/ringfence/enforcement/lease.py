"""One process at a time delivers to a sink: it holds a lease that ends by itself.

A process that is killed keeps its lease until it expires. A process that was stopped for longer
than that notices before its next attempt that its lease is over, and leaves the sink alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final
from uuid import uuid4

from sqlalchemy import Connection, select, update

from ringfence.cases import CaseStore
from ringfence.cases.schema import SINKS
from ringfence.enforcement.enrolment import enrol

PresentMoment = Callable[[], int]
"""A function that returns the present moment, microseconds since 1970."""

LEASE: Final = 120_000_000
"""Two minutes in microseconds: four times as long as a sink may take for one effect."""


class LeaseLostError(Exception):
    """Another process delivers to the sink now."""


class Lease:
    """The right to deliver to a sink.

    Attributes:
        sink: name of the sink.
    """

    def __init__(self, store: CaseStore, sink: str, clock: PresentMoment) -> None:
        self.sink = sink
        self._store = store
        self._clock = clock
        self._holder = uuid4().hex
        self._until = 0

    def take(self) -> bool:
        """Take the lease, and put all effects down for delivery; return False if it is taken.

        Only the holder puts effects down: they are newer than a state that another process is
        bringing to the sink, so that process must not see them.

        Raises:
            CasesError: the database fails.
        """
        with self._store.writing() as connection:
            if self._is_taken(connection):
                return False
            enrol(connection, self.sink, self._clock())
            mine = update(SINKS).where(SINKS.c.name == self.sink).values(holder=self._holder)
            connection.execute(mine)
            self._extend(connection)
            return True

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Give a writing connection, and extend the lease.

        Raises:
            LeaseLostError: another process has the lease; nothing is written.
            CasesError: the database fails.
        """
        with self._store.writing() as connection:
            self._extend(connection)
            yield connection

    def check(self) -> None:
        """Make sure that the lease lasts for another attempt.

        Raises:
            LeaseLostError: another process has the lease.
            CasesError: the database fails.
        """
        if self._until - self._clock() < LEASE // 2:
            with self.writing():
                pass

    def release(self) -> None:
        """Give the lease back, if it is still held.

        Raises:
            CasesError: the database fails.
        """
        with self._store.writing() as connection:
            connection.execute(
                update(SINKS)
                .where(SINKS.c.name == self.sink, SINKS.c.holder == self._holder)
                .values(holder=None, held_until=None)
            )

    def _is_taken(self, connection: Connection) -> bool:
        moment = self._clock()
        held = select(SINKS.c.name).where(
            SINKS.c.name == self.sink,
            SINKS.c.holder.is_not(None),
            SINKS.c.held_until > moment,
            # No lease is longer. This one was taken while the clock was ahead.
            SINKS.c.held_until <= moment + LEASE,
        )
        return connection.execute(held).first() is not None

    def _extend(self, connection: Connection) -> None:
        until = self._clock() + LEASE
        mine = (SINKS.c.name == self.sink, SINKS.c.holder == self._holder)
        changed = connection.execute(update(SINKS).where(*mine).values(held_until=until))
        if changed.rowcount != 1:
            raise LeaseLostError
        self._until = until
