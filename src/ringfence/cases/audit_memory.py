"""Read in the audit what other tables no longer have: dismissals, and decisions erased since."""

from __future__ import annotations

import json
from collections.abc import Mapping

from sqlalchemy import Connection, func, select

from ringfence.cases.schema import AUDIT, DECISIONS


def dismissed_cases(connection: Connection, opened: Mapping[int, int]) -> frozenset[int]:
    """Return the cases that a person has dismissed, whatever happened to them later.

    Args:
        connection: of the store.
        opened: by number of the case: when it was opened, microseconds since 1970. Older rows are
            about another case, because SQLite may give the number of an erased case again.
    """
    if not opened:
        return frozenset()
    query = select(AUDIT.c.time, AUDIT.c.content).where(
        AUDIT.c.event == "case dismissed",
        AUDIT.c.content.is_not(None),
        AUDIT.c.time >= min(opened.values()),
    )
    found = set()
    for row in connection.execute(query):
        case = json.loads(row.content)["case"]
        if case in opened and row.time >= opened[case]:
            found.add(case)
    return frozenset(found)


def erased_decisions(connection: Connection, since: int) -> int:
    """Return the number of decisions made after a moment that are in the audit alone.

    Erasing an account removes the decisions about it, and empties their rows of the audit. The time
    and the event of these rows stay.

    Args:
        connection: of the store.
        since: microseconds since 1970.
    """
    said = select(func.count()).where(AUDIT.c.event == "decision", AUDIT.c.time > since)
    there = select(func.count()).select_from(DECISIONS).where(DECISIONS.c.made > since)
    number = connection.execute(said).scalar_one() - connection.execute(there).scalar_one()
    return max(0, int(number))
