"""Put the rows of the outbox down for delivery to a sink."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, Select, func, insert, literal, select, update

from ringfence.cases.outbox import newest_effect
from ringfence.cases.schema import DELIVERIES, EFFECTS, OUTBOX, SINKS


def enrol(connection: Connection, sink: str, moment: int) -> None:
    """Put all effects that are new since the last time down for delivery to a sink.

    A sink that was never delivered to gets the present state of all accounts, not the history.

    Args:
        connection: a writing connection of the store. Writers follow each other, so the numbers of
            the outbox are in the order of the commits, and none is missed.
        sink: name of the sink.
        moment: now, microseconds since 1970.
    """
    newest = newest_effect(connection)
    known = select(SINKS.c.enrolled).where(SINKS.c.name == sink)
    enrolled = connection.execute(known).scalar()
    if enrolled is None:
        connection.execute(insert(SINKS).values(name=sink, enrolled=newest))
        _put_down(connection, sink, moment, OUTBOX.c.id.in_(_latest_of_restricted()))
    elif newest > enrolled:
        connection.execute(update(SINKS).where(SINKS.c.name == sink).values(enrolled=newest))
        _put_down(connection, sink, moment, OUTBOX.c.id > enrolled)


def _latest_of_restricted() -> Select[tuple[int]]:
    return (
        select(func.max(OUTBOX.c.id))
        .where(OUTBOX.c.account.in_(select(EFFECTS.c.account)))
        .group_by(OUTBOX.c.account)
    )


def _put_down(connection: Connection, sink: str, moment: int, which: ColumnElement[bool]) -> None:
    rows = select(
        literal(sink), OUTBOX.c.id, literal("waiting"), literal(0), literal(moment),
        literal(moment), literal(""),
    ).where(which)  # fmt: skip
    columns = ("sink", "outbox_id", "state", "tries", "due", "changed", "error")
    connection.execute(insert(DELIVERIES).from_select(columns, rows))
