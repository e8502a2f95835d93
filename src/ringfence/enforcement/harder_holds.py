"""Find accounts that a sink holds harder than was decided, because it refused the milder effect."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, select

from ringfence.cases.effects import LIFT, is_milder
from ringfence.cases.schema import DECISIONS, DELIVERIES, OUTBOX


@dataclass(frozen=True)
class HarderHold:
    """A dead letter that leaves an account held harder than was decided.

    Attributes:
        id: number of the effect.
        sink: name of the sink.
        account: the account.
        effect: what was decided; ``lift`` if the account is free.
        told: what the sink has applied before; empty if nobody knows.
        error: why the sink refused the effect.
    """

    id: int
    sink: str
    account: str
    effect: str
    told: str
    error: str

    @property
    def sentence(self) -> str:
        """The state of the account at the sink, in words and without its name."""
        holds = f"has the effect {self.told}" if self.told else "may still hold it"
        decided = "it is free" if self.effect == LIFT else f"{self.effect} was decided"
        return f"{self.sink} {holds}, and {decided}"


def harder_holds(
    connection: Connection, states: Collection[str], case: int | None = None
) -> list[HarderHold]:
    """Return the dead letters that leave an account held harder than was decided, oldest first.

    Args:
        connection: a connection of the store.
        states: names of sinks that are given the state of all accounts at once. Such a sink
            does not impose what it cannot express.
        case: only the effects of decisions about this case; None for all.
    """
    later = OUTBOX.alias("later")
    superseded = exists().where(later.c.account == OUTBOX.c.account, later.c.id > OUTBOX.c.id)
    query = (
        select(
            OUTBOX.c.id, DELIVERIES.c.sink, OUTBOX.c.account, OUTBOX.c.effect, DELIVERIES.c.error
        )
        .join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(DELIVERIES.c.state == "dead", ~superseded)
    )
    if case is not None:
        query = query.where(OUTBOX.c.account.in_(accounts_told(case)))
    found = []
    for row in connection.execute(query.order_by(OUTBOX.c.id, DELIVERIES.c.sink)).all():
        if row.sink in states and row.effect != LIFT:
            # It was given a state in which the account is missing, and it holds only what is there.
            continue
        told = _told(connection, row.account, row.sink)
        if is_milder(row.effect, told) or _may_hold(connection, row):
            said = told if is_milder(row.effect, told) else ""
            found.append(HarderHold(row.id, row.sink, row.account, row.effect, said, row.error))
    return found


def accounts_told(case: int) -> Select[tuple[str]]:
    """Select the accounts on which decisions about a case have had effects."""
    mine = select(DECISIONS.c.id).where(DECISIONS.c.case_id == case)
    return select(OUTBOX.c.account).where(OUTBOX.c.decision_id.in_(mine))


def _may_hold(connection: Connection, dead: Row[Any, Any, Any, Any, Any]) -> bool:
    """Return whether a lift is dead, or whether the sink may have applied a harder dead letter.

    An attempt may have worked although its answer was an error.
    """
    if dead.effect == LIFT:
        return True
    earlier = (
        select(OUTBOX.c.effect, DELIVERIES.c.state)
        .join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(
            OUTBOX.c.account == dead.account, OUTBOX.c.id < dead.id, DELIVERIES.c.sink == dead.sink
        )
        .order_by(OUTBOX.c.id.desc())
    )
    for effect, state in connection.execute(earlier):
        if state == "done":
            return False
        if is_milder(dead.effect, effect):
            return True
    return False


def _told(connection: Connection, account: str, sink: str) -> str:
    """Return the last effect on an account that a sink has applied; empty if there is none."""
    applied = (
        select(OUTBOX.c.effect)
        .join(DELIVERIES, DELIVERIES.c.outbox_id == OUTBOX.c.id)
        .where(OUTBOX.c.account == account, DELIVERIES.c.sink == sink, DELIVERIES.c.state == "done")
        .order_by(OUTBOX.c.id.desc())
        .limit(1)
    )
    return connection.execute(applied).scalar() or ""
