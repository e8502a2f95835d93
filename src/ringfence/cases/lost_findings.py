"""Find cases that the scan before has found, and this one has not.

A finding may end because the account has stopped. It may also end while the account goes on: other
accounts that extract are a part of the population with which it is compared. So a person is told.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, exists, insert, or_, select, update

from ringfence.cases.effects import STRENGTH
from ringfence.cases.moments import to_time
from ringfence.cases.paging import pages
from ringfence.cases.schema import CASES, DECISIONS, SCANS
from ringfence.model.finding import Finding

_UNSETTLED: Final = ("open", "closed")
"""The states of cases that nobody has settled, and that no decision is about. A decision in shadow
mode, or to observe, changes nothing. An account that is suspended is expected to stop."""

_MOST: Final = 20
"""Cases that are named."""


def last_scan(connection: Connection) -> int | None:
    """Return the time of the last scan of the whole ledger, microseconds since 1970, or None."""
    return connection.execute(select(SCANS.c.moment)).scalar()


def begin_scan(connection: Connection, moment: int) -> int | None:
    """Write that a scan records its findings, and return the time of the one before, or None.

    Args:
        connection: a writing connection of the store.
        moment: time of the scan, microseconds since 1970.
    """
    before = last_scan(connection)
    connection.execute(delete(SCANS))
    connection.execute(insert(SCANS).values(one=1, moment=moment))
    return before


def lost_findings(
    connection: Connection, found: Sequence[Finding], cases: Sequence[int], before: int | None
) -> list[str]:
    """Return a sentence about each case that the scan before has found, and this one not.

    An account that is a part of a ring now is not lost.

    Args:
        connection: a connection of the store, after the findings were recorded.
        found: the findings of this scan.
        cases: the numbers of their cases.
        before: what :func:`begin_scan` has returned.
    """
    without_effect = exists().where(
        DECISIONS.c.case_id == CASES.c.id,
        DECISIONS.c.ended.is_(None),
        or_(DECISIONS.c.shadow, DECISIONS.c.action.not_in(STRENGTH)),
    )
    unsettled = or_(CASES.c.state.in_(_UNSETTLED), without_effect)
    query = select(CASES).where(CASES.c.seen == before, unsettled)
    known = frozenset(cases)
    named = {account for finding in found for account in finding.accounts}
    lost = [
        row
        for row in connection.execute(query.order_by(CASES.c.id))
        if row.id not in known and not named.issuperset(json.loads(row.finding)["accounts"])
    ]
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
    for some in pages(cases) if before is not None else ():
        query = update(CASES).where(CASES.c.id.in_(some))
        connection.execute(query.values(seen=before))


def _sentence(case: Row[Any]) -> str:
    day = f"{to_time(case.seen):%Y-%m-%d}"
    return (
        f"no longer found: {case.subject} (case {case.id}, {case.state}; {case.verdict} on {day}, "
        f"{case.items:,} items). It may have stopped, or others like it hide it"
    )
