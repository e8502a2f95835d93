"""Read the deliveries that are due, and write what became of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, and_, exists, func, or_, select, update

from ringfence.cases.schema import DELIVERIES, OUTBOX, SINKS
from ringfence.enforcement.backoff import CAP, MOST_TRIES, wait
from ringfence.enforcement.sink import Effect, SinkError

_AT_ONCE: Final = 100
"""Effects that are read at once."""


REPEAT: Final = 3_600_000_000
"""An hour in microseconds. The sink of a state is given it as often, also without a new effect."""


def _is_suspended() -> ColumnElement[bool]:
    """Return whether the sink of a delivery has suspended the account of its effect.

    An earlier effect suspended it, and the sink has applied none since that does not. Rows that
    tell it are there: an account's rows are kept while a later one waits.
    """
    earlier, since, told = OUTBOX.alias("earlier"), OUTBOX.alias("since"), DELIVERIES.alias("told")
    ended_since = (
        exists()
        .where(
            since.c.account == OUTBOX.c.account,
            since.c.id > earlier.c.id,
            since.c.id < OUTBOX.c.id,
            since.c.effect != "suspend",
            told.c.outbox_id == since.c.id,
            told.c.sink == DELIVERIES.c.sink,
            told.c.state == "done",
        )
        # SQLAlchemy looks one level up only.
        .correlate(OUTBOX, DELIVERIES, earlier)
    )
    return (
        exists()
        .where(
            earlier.c.account == OUTBOX.c.account,
            earlier.c.id < OUTBOX.c.id,
            earlier.c.effect == "suspend",
            ~ended_since,
        )
        .correlate(OUTBOX, DELIVERIES)
    )


EFFECT_ROWS: Final = select(OUTBOX, _is_suspended().label("suspended"))
"""Rows of the outbox as :func:`effect_of` takes them, to be joined with the deliveries of a sink.
"""


def due_effects(connection: Connection, sink: str, moment: int) -> list[Effect]:
    """Return effects that are due, the longest overdue first: of each account only the oldest.

    So a later effect on an account waits for the earlier one, and other accounts go on. Dead
    letters hold nothing up. No wait is longer than :data:`CAP`, so an effect that is due later was
    put off while the clock was ahead, and is due as well.
    """
    older = DELIVERIES.alias("older")
    older_effect = OUTBOX.alias("older_effect")
    waits_for_another = exists().where(
        older_effect.c.account == OUTBOX.c.account,
        older_effect.c.id < OUTBOX.c.id,
        older.c.outbox_id == older_effect.c.id,
        older.c.sink == sink,
        older.c.state == "waiting",
    )
    query = (
        EFFECT_ROWS.join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(_waiting(sink), _due(moment), ~waits_for_another)
        .order_by(DELIVERIES.c.due, OUTBOX.c.id)
        .limit(_AT_ONCE)
    )
    return [effect_of(row) for row in connection.execute(query)]


def any_due(connection: Connection, sink: str, moment: int) -> bool:
    """Return whether the sink of a state has anything to do: an effect, or its first state.

    It is given the state again after :data:`REPEAT`: its file may have been restored from a backup.
    """
    query = select(DELIVERIES.c.sink).where(_waiting(sink), _due(moment)).limit(1)
    if connection.execute(query).first() is not None:
        return True
    old = or_(SINKS.c.succeeded.is_(None), SINKS.c.succeeded <= moment - REPEAT)
    query = select(SINKS.c.name).where(SINKS.c.name == sink, old)
    return connection.execute(query).first() is not None


def write_success(connection: Connection, sink: str, effect: Effect, moment: int) -> None:
    """Write that the sink has applied an effect."""
    _set(connection, _delivery(sink, effect), state="done", changed=moment, error="")
    write_contact(connection, sink, moment)


def write_contact(connection: Connection, sink: str, moment: int) -> None:
    """Write that the sink works."""
    connection.execute(update(SINKS).where(SINKS.c.name == sink).values(succeeded=moment))


def forget_contact(connection: Connection, sink: str) -> None:
    """Write that nobody knows the state that a sink has: it is given the whole state again."""
    connection.execute(update(SINKS).where(SINKS.c.name == sink).values(succeeded=None))


def write_failure(
    connection: Connection, sink: str, effect: Effect, error: SinkError, moment: int
) -> bool:
    """Write that the sink has not applied an effect, and return whether it is a dead letter now."""
    query = select(DELIVERIES.c.tries).where(_delivery(sink, effect))
    tries = connection.execute(query).scalar_one() + 1
    dead = not error.retry or tries >= MOST_TRIES
    _set(
        connection, _delivery(sink, effect), state="dead" if dead else "waiting", tries=tries,
        due=moment + wait(tries), changed=moment, error=str(error),
    )  # fmt: skip
    return dead


def write_state_success(
    connection: Connection, sink: str, newest: int, refused: Mapping[str, str], moment: int
) -> tuple[int, int]:
    """Write that the sink has the state of all accounts.

    Args:
        connection: a writing connection of the store.
        sink: name of the sink.
        newest: number of the newest effect that is part of the state. Later ones still wait.
        refused: accounts that the sink cannot express, and why.
        moment: now, microseconds since 1970.

    Returns:
        The numbers of effects that it has applied and that it has refused.
    """
    dead = 0
    brought = and_(_waiting(sink), DELIVERIES.c.outbox_id <= newest)
    for account, why in refused.items():
        named = DELIVERIES.c.outbox_id.in_(select(OUTBOX.c.id).where(OUTBOX.c.account == account))
        values = {"state": "dead", "tries": DELIVERIES.c.tries + 1, "error": why}
        dead += _set(connection, and_(brought, named), changed=moment, **values)
    done = _set(connection, brought, state="done", changed=moment, error="")
    write_contact(connection, sink, moment)
    return done, dead


def write_state_failure(connection: Connection, sink: str, error: SinkError, moment: int) -> None:
    """Write that the sink does not have the state of all accounts. No effect becomes a dead letter.

    The next attempt brings the whole state again, so there is nothing that a person could resend.
    """
    query = select(func.max(DELIVERIES.c.tries)).where(_waiting(sink))
    tries = (connection.execute(query).scalar() or 0) + 1
    _set(
        connection, _waiting(sink), tries=tries, due=moment + wait(tries), changed=moment,
        error=str(error),
    )  # fmt: skip


def _waiting(sink: str) -> ColumnElement[bool]:
    return and_(DELIVERIES.c.sink == sink, DELIVERIES.c.state == "waiting")


def _due(moment: int) -> ColumnElement[bool]:
    return or_(DELIVERIES.c.due <= moment, DELIVERIES.c.due > moment + CAP)


def _delivery(sink: str, effect: Effect) -> ColumnElement[bool]:
    return and_(DELIVERIES.c.sink == sink, DELIVERIES.c.outbox_id == effect.number)


def _set(connection: Connection, which: ColumnElement[bool], **values: Any) -> int:  # noqa: ANN401 - any column
    return connection.execute(update(DELIVERIES).where(which).values(**values)).rowcount


def effect_of(row: Row[Any]) -> Effect:
    """Return the effect of a row of :data:`EFFECT_ROWS`."""
    return Effect(
        row.id, row.key, row.account, row.effect, row.decision_id, row.made, row.until, row.ground,
        bool(row.suspended),
    )  # fmt: skip
