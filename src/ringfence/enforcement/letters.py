"""Deliveries as a person sees them: waiting, done, and dead letters, which can be sent again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, exists, func, or_, select, update

from ringfence.cases import audit
from ringfence.cases.schema import DELIVERIES, OUTBOX, SINKS
from ringfence.cases.states import Act
from ringfence.enforcement.harder_holds import accounts_told
from ringfence.errors import CasesError


def deliveries(connection: Connection, state: str = "", limit: int = 100) -> list[Row[Any]]:
    """Return the newest deliveries, each with the effect that it is about.

    Args:
        connection: a connection of the store.
        state: ``waiting``, ``done`` or ``dead``; empty for all.
        limit: the most rows.
    """
    columns = (
        OUTBOX.c.id, DELIVERIES.c.sink, OUTBOX.c.account, OUTBOX.c.effect, OUTBOX.c.decision_id,
        OUTBOX.c.made, OUTBOX.c.until, DELIVERIES.c.state, DELIVERIES.c.tries, DELIVERIES.c.due,
        DELIVERIES.c.changed, DELIVERIES.c.error,
    )  # fmt: skip
    query = select(*columns).join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
    if state:
        query = query.where(DELIVERIES.c.state == state)
    ordered = query.order_by(OUTBOX.c.id.desc(), DELIVERIES.c.sink).limit(limit)
    return list(connection.execute(ordered))


def undelivered(connection: Connection, case: int) -> list[Row[Any]]:
    """Return the deliveries about accounts of a case that are waiting or dead, newest first.

    A dead letter does not count if a newer effect on the account was put down for the same sink.
    """
    newer, later = DELIVERIES.alias("newer"), OUTBOX.alias("later")
    superseded = exists().where(
        later.c.account == OUTBOX.c.account, later.c.id > OUTBOX.c.id,
        newer.c.outbox_id == later.c.id, newer.c.sink == DELIVERIES.c.sink,
    )  # fmt: skip
    columns = (
        OUTBOX.c.id, DELIVERIES.c.sink, OUTBOX.c.account, OUTBOX.c.effect, DELIVERIES.c.state,
        DELIVERIES.c.error,
    )  # fmt: skip
    query = (
        select(*columns)
        .join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(OUTBOX.c.account.in_(accounts_told(case)), DELIVERIES.c.state != "done", ~superseded)
        .order_by(OUTBOX.c.id.desc(), DELIVERIES.c.sink)
    )
    return list(connection.execute(query))


def not_put_down(connection: Connection, sink: str) -> int:
    """Return the number of effects that the next delivery puts down for a sink."""
    known = select(SINKS.c.enrolled).where(SINKS.c.name == sink)
    enrolled = connection.execute(known).scalar()
    query = select(func.count()).select_from(OUTBOX)
    if enrolled is not None:
        query = query.where(OUTBOX.c.id > enrolled)
    return int(connection.execute(query).scalar_one())


def resend(connection: Connection, number: int, sink: str, act: Act) -> None:
    """Put a dead letter down for delivery again, as if it had not been tried.

    Args:
        connection: a writing connection of the store.
        number: number of the effect.
        sink: name of the sink.
        act: who sends it again, and when.

    Raises:
        CasesError: there is no such dead letter, a newer effect on the account may have been
            applied already, or a process delivers to the sink now.
    """
    where = f"effect {number} at {sink}"
    this = (DELIVERIES.c.sink == sink, DELIVERIES.c.outbox_id == number)
    account = _dead_letter(connection, number, sink)
    if _is_superseded(connection, number, account, sink):
        raise CasesError(
            "a newer effect on this account was delivered, and this one would undo it", where=where
        )
    if is_busy(connection, sink, act.moment):
        raise CasesError("a process delivers to this sink now", where=where, hint="try again soon")
    again = {"state": "waiting", "tries": 0, "due": act.moment, "changed": act.moment, "error": ""}
    connection.execute(update(DELIVERIES).where(*this).values(again))
    content = {"delivery": number, "sink": sink, "by": act.author.name}
    audit.append(connection, "effect sent again", content, act.moment)


def _is_superseded(connection: Connection, number: int, account: str, sink: str) -> bool:
    """Return whether the sink may have applied a newer effect on the account.

    A newer dead letter counts: the attempt may have worked without an answer.
    """
    newer = select(OUTBOX.c.id).where(OUTBOX.c.account == account, OUTBOX.c.id > number)
    tried = or_(DELIVERIES.c.state != "waiting", DELIVERIES.c.tries > 0)
    query = select(
        exists().where(DELIVERIES.c.sink == sink, DELIVERIES.c.outbox_id.in_(newer), tried)
    )
    return bool(connection.execute(query).scalar())


def is_busy(connection: Connection, sink: str, moment: int) -> bool:
    """Return whether a process delivers to a sink now."""
    query = select(SINKS.c.held_until).where(SINKS.c.name == sink)
    return (connection.execute(query).scalar() or 0) > moment


def settle(connection: Connection, number: int, sink: str, act: Act) -> None:
    """Write that a person has made the change of a dead letter in the sink by hand.

    Args:
        connection: a writing connection of the store.
        number: number of the effect.
        sink: name of the sink.
        act: who made it, and when.

    Raises:
        CasesError: there is no such dead letter.
    """
    _dead_letter(connection, number, sink)
    this = (DELIVERIES.c.sink == sink, DELIVERIES.c.outbox_id == number)
    made = {"state": "done", "changed": act.moment, "error": "made by hand"}
    connection.execute(update(DELIVERIES).where(*this).values(made))
    content = {"delivery": number, "sink": sink, "by": act.author.name}
    audit.append(connection, "effect settled", content, act.moment)


def _dead_letter(connection: Connection, number: int, sink: str) -> str:
    """Return the account of a dead letter.

    Raises:
        CasesError: there is no such dead letter.
    """
    query = (
        select(OUTBOX.c.account)
        .join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(DELIVERIES.c.sink == sink, OUTBOX.c.id == number, DELIVERIES.c.state == "dead")
    )
    account = connection.execute(query).scalar()
    if account is None:
        raise CasesError(
            "is not a dead letter",
            where=f"effect {number} at {sink}",
            hint="see: ringfence outbox dead",
        )
    return str(account)
