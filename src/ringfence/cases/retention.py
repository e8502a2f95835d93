"""Remove from the store what is older than the settings say: cases, messages, audit contents."""

from __future__ import annotations

import json
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, FromClause, delete, exists, func, or_, select

from ringfence.cases.audit_erasing import ACT_KEYS, ERASED, ErasedRows, erase_contents
from ringfence.cases.erasure import forget_deleted_bytes, numbers_of, remove_cases
from ringfence.cases.moments import MICROSECONDS_PER_DAY
from ringfence.cases.paging import pages
from ringfence.cases.schema import AUDIT, CASES, DECISIONS, DELIVERIES, EFFECTS, OUTBOX, SINKS
from ringfence.cases.states import Act


@dataclass(frozen=True)
class Retention:
    """The number of days for which each kind of row is kept; 0 keeps it for ever.

    Attributes:
        case_days: closed and dismissed cases, with their decisions, appeals and messages.
        outbox_days: messages that every connected system has received.
        audit_days: contents of the audit log.
    """

    case_days: int = 0
    outbox_days: int = 0
    audit_days: int = 0


@dataclass(frozen=True)
class PruneResult:
    """The number of rows that were removed, or whose content was."""

    cases: int
    messages: int
    audit_rows: int


def prune(connection: Connection, retention: Retention, act: Act) -> PruneResult:
    """Remove what is older than it is kept. A row of the audit log says which rows were removed.

    A case counts from the last scan that found it, or from its last change if this is later. It
    stays while a message about it is not delivered.

    Args:
        connection: a writing connection of the store.
        retention: how long rows are kept.
        act: who removes, and when.
    """
    forget_deleted_bytes(connection)
    cases = _prune_cases(connection, retention.case_days, act)
    messages = _prune_messages(connection, retention.outbox_days, act)
    return PruneResult(cases, messages, _prune_audit(connection, retention.audit_days, act))


def _prune_cases(connection: Connection, days: int, act: Act) -> int:
    if not days:
        return 0
    end = act.moment - days * MICROSECONDS_PER_DAY
    sent = select(OUTBOX.c.id).where(
        OUTBOX.c.decision_id == DECISIONS.c.id, DECISIONS.c.case_id == CASES.c.id, _waits(OUTBOX)
    )
    query = select(CASES.c.id).where(
        CASES.c.state.in_(("closed", "dismissed")), CASES.c.changed < end, CASES.c.seen < end,
        ~exists(sent),
    )  # fmt: skip
    cases = list(connection.execute(query.order_by(CASES.c.id)).scalars())
    for some in pages(cases):
        numbers = numbers_of(connection, some)
        remove_cases(connection, numbers)
        erase_contents(connection, ErasedRows(removed=numbers), f"kept for {days} days", act)
    return len(cases)


def _prune_messages(connection: Connection, days: int, act: Act) -> int:
    """Remove messages that were delivered.

    A new sink needs the last one of each held account. A bouncer is told to delete what an earlier
    message has told it, so that one stays until the later one was delivered.
    """
    if not days:
        return 0
    end = act.moment - days * MICROSECONDS_PER_DAY
    held = select(func.max(OUTBOX.c.id)).where(OUTBOX.c.account.in_(select(EFFECTS.c.account)))
    later = OUTBOX.alias("later")
    needed = exists().where(
        later.c.account == OUTBOX.c.account, later.c.id > OUTBOX.c.id, _waits(later)
    )
    query = select(OUTBOX.c.id).where(
        OUTBOX.c.made < end,
        ~_waits(OUTBOX),
        ~needed,
        OUTBOX.c.id.not_in(held.group_by(OUTBOX.c.account)),
    )
    messages = list(connection.execute(query).scalars())
    for some in pages(messages):
        connection.execute(delete(DELIVERIES).where(DELIVERIES.c.outbox_id.in_(some)))
        connection.execute(delete(OUTBOX).where(OUTBOX.c.id.in_(some)))
    return len(messages)


def _waits(message: FromClause) -> ColumnElement[bool]:
    """Return the condition of a message that some sink or bouncer has not received."""
    open_ = select(DELIVERIES.c.sink).where(
        DELIVERIES.c.outbox_id == message.c.id, DELIVERIES.c.state != "done"
    )
    return or_(exists(open_), exists(select(SINKS.c.name).where(SINKS.c.enrolled < message.c.id)))


def _prune_audit(connection: Connection, days: int, act: Act) -> int:
    if not days:
        return 0
    end = act.moment - days * MICROSECONDS_PER_DAY
    query = select(AUDIT.c.number, AUDIT.c.event, AUDIT.c.content).where(
        AUDIT.c.time < end, AUDIT.c.event != ERASED, AUDIT.c.content.is_not(None)
    )
    rows: list[int] = []
    edited: dict[str, list[int]] = {key: [] for key in ACT_KEYS.values()}
    for row in connection.execute(query.order_by(AUDIT.c.number)):
        rows.append(row.number)
        if key := ACT_KEYS.get(row.event):
            edited[key].append(json.loads(row.content)[key])
    if rows:
        erased = ErasedRows(rows, edited=edited)
        erase_contents(connection, erased, f"kept for {days} days", act)
    return len(rows)
