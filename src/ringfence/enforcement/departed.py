"""Sinks that the store knows and the settings do not: effects wait for them, perhaps for ever."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, delete, exists, func, or_, select

from ringfence.cases import audit
from ringfence.cases.effects import LIFT
from ringfence.cases.schema import DELIVERIES, OUTBOX, SINKS
from ringfence.cases.states import Act
from ringfence.enforcement.letters import is_busy
from ringfence.errors import CasesError

_GRACE: Final = 3_600_000_000
"""An hour in microseconds. A bouncer or a receiver that polls is not in the settings either, and it
may be a little behind."""


@dataclass(frozen=True)
class DepartedSink:
    """A sink that is not in the settings, and for which effects wait.

    Attributes:
        name: name of the sink.
        effects: number of effects that it was not told.
    """

    name: str
    effects: int


def departed_sinks(
    connection: Connection, connected: Collection[str], moment: int
) -> list[DepartedSink]:
    """Return the sinks that are not in the settings, if an effect has waited for an hour.

    Args:
        connection: a connection of the store.
        connected: names of the sinks of the settings.
        moment: now, microseconds since 1970.
    """
    query = select(SINKS.c.name).where(SINKS.c.name.not_in(list(connected))).order_by(SINKS.c.name)
    found = []
    for name in connection.execute(query).scalars().all():
        untold = select(func.count(), func.min(OUTBOX.c.made)).where(_untold(name))
        effects, oldest = connection.execute(untold).one()
        if effects and oldest <= moment - _GRACE:
            found.append(DepartedSink(name, effects))
    return found


def drop_sink(connection: Connection, sink: str, connected: Collection[str], act: Act) -> list[str]:
    """Forget a sink that is gone: nothing waits for it any more.

    Args:
        connection: a writing connection of the store.
        sink: name of the sink.
        connected: names of the sinks of the settings.
        act: who drops it, and when.

    Returns:
        The accounts that are free and that the sink may still hold, ordered by name.

    Raises:
        CasesError: there is no such sink, it is in the settings, or a process delivers to it now.
    """
    if connection.execute(select(SINKS.c.name).where(SINKS.c.name == sink)).first() is None:
        raise CasesError("nothing was ever delivered to this sink", where=sink)
    if sink in connected:
        raise CasesError(
            "the sink is in the settings", where=sink, hint="remove its section there first"
        )
    if is_busy(connection, sink, act.moment):
        raise CasesError("a process delivers to this sink now", where=sink, hint="try again soon")
    query = select(OUTBOX.c.account).where(_untold(sink), OUTBOX.c.effect == LIFT).distinct()
    held = list(connection.execute(query.order_by(OUTBOX.c.account)).scalars())
    connection.execute(delete(DELIVERIES).where(DELIVERIES.c.sink == sink))
    connection.execute(delete(SINKS).where(SINKS.c.name == sink))
    content = {"sink": sink, "untold": len(held), "by": act.author.name}
    audit.append(connection, "sink dropped", content, act.moment)
    return held


def _untold(sink: str) -> ColumnElement[bool]:
    """Return the condition of an effect that a sink has not applied."""
    mine = and_(DELIVERIES.c.outbox_id == OUTBOX.c.id, DELIVERIES.c.sink == sink)
    enrolled = select(SINKS.c.enrolled).where(SINKS.c.name == sink).scalar_subquery()
    return or_(
        OUTBOX.c.id > enrolled,
        exists(select(DELIVERIES.c.sink).where(mine, DELIVERIES.c.state != "done")),
    )
