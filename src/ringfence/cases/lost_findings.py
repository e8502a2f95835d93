"""Find cases that the scan before has found, and this one has not.

A finding may end because the account has stopped. It may also end while the account goes on: other
accounts that extract are a part of the population with which it is compared. So a person is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select, update

from ringfence.cases.moments import to_time
from ringfence.cases.schema import CASES

_CARED_FOR: Final = ("open", "decided", "appealed", "closed")
"""The states of cases that nobody has settled. Dismissed and allowed ones may come and go."""

_MOST: Final = 20
"""Cases that are named."""


def last_scan(connection: Connection) -> int | None:
    """Return the time of the last scan that had findings, microseconds since 1970, or None."""
    return connection.execute(select(func.max(CASES.c.seen))).scalar()


def lost_findings(connection: Connection, found: Sequence[int], before: int | None) -> list[str]:
    """Return a sentence about each case that the scan before has found, and this one not.

    Args:
        connection: a connection of the store, after the findings were recorded.
        found: numbers of the cases of this scan.
        before: what :func:`last_scan` returned before they were recorded.
    """
    query = select(CASES).where(CASES.c.seen == before, CASES.c.state.in_(_CARED_FOR))
    known = frozenset(found)
    lost = [row for row in connection.execute(query.order_by(CASES.c.id)) if row.id not in known]
    more = [f"and {len(lost) - _MOST:,} more are no longer found"] if len(lost) > _MOST else []
    return [*map(_sentence, lost[:_MOST]), *more]


def count_with_scan(connection: Connection, cases: Sequence[int], before: int | None) -> None:
    """Count cases as found by the last scan, so that the next one says if it does not find them.

    Without this, cases that were found between two scans would pass for the whole last scan.

    Args:
        connection: a writing connection of the store.
        cases: numbers of cases that were recorded after that scan.
        before: what :func:`last_scan` returned before they were recorded.
    """
    if before is not None and cases:
        query = update(CASES).where(CASES.c.id.in_(cases))
        connection.execute(query.values(seen=before))


def _sentence(case: Row[Any]) -> str:
    day = f"{to_time(case.seen):%Y-%m-%d}"
    return (
        f"no longer found: {case.subject} (case {case.id}, {case.state}; {case.verdict} on {day}, "
        f"{case.items:,} items). It may have stopped, or others like it hide it"
    )
