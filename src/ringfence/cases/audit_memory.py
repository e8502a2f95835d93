"""Count in the audit log the decisions that other tables no longer have."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from ringfence.cases.schema import AUDIT, DECISIONS


def erased_decisions(connection: Connection, since: int) -> int:
    """Return the number of decisions made after a moment that are in the audit log alone.

    Erasing an account removes the decisions about it, and empties their rows of the audit log. The
    time and the event of these rows stay.

    Args:
        connection: of the store.
        since: microseconds since 1970.
    """
    said = select(func.count()).where(AUDIT.c.event == "decision", AUDIT.c.time > since)
    there = select(func.count()).select_from(DECISIONS).where(DECISIONS.c.made > since)
    number = connection.execute(said).scalar_one() - connection.execute(there).scalar_one()
    return max(0, int(number))
