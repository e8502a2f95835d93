"""Move a case from one state to another: the one place that changes the state of a case."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Row, select, update

from ringfence.cases.growth import Snapshot, by_name, snapshot_to_json
from ringfence.cases.member_data import ERASED_ACCOUNTS
from ringfence.cases.schema import CASES
from ringfence.cases.states import Act, Move, next_state
from ringfence.errors import CasesError
from ringfence.model.case_status import CaseState


def read_case(connection: Connection, case: int) -> Row[Any]:
    """Return the row of a case.

    Raises:
        CasesError: there is no such case.
    """
    row = connection.execute(select(CASES).where(CASES.c.id == case)).first()
    if row is None:
        raise CasesError(
            "there is no such case", where=f"case {case}", hint="see: ringfence case list"
        )
    return row


def move(connection: Connection, case: int, how: Move, act: Act) -> Row[Any]:
    """Change the state of a case, and return its row as it was before.

    The case is compared with its present content from now on, see :mod:`ringfence.cases.growth`.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        how: what happens to it.
        act: who does it, and when.

    Raises:
        CasesError: there is no such case, it has changed since the author looked at it, it is in
            another state, or the author may not make this move.
    """
    row = read_case(connection, case)
    _check_version(row, act.version)
    after: CaseState = next_state(case, row.state, how, act.author)
    looked = _snapshot(row, act.moment)
    connection.execute(
        update(CASES)
        .where(CASES.c.id == case)
        .values(
            state=after,
            changed=act.moment,
            version=row.version + 1,
            baseline=snapshot_to_json(looked),
        )
    )
    return row


def _snapshot(row: Row[Any], moment: int) -> Snapshot:
    """Return what the last scan has said about a case."""
    finding = json.loads(row.finding)
    return Snapshot(
        moment, row.verdict, row.items, frozenset(finding["accounts"]), row.first, row.last,
        finding.get(ERASED_ACCOUNTS, 0),
        by_name(finding["accounts"], finding.get("member_items", ())),
    )  # fmt: skip


def _check_version(row: Row[Any], version: int | None) -> None:
    """Refuse a command about an older version of a case.

    Raises:
        CasesError: the case has another version.
    """
    if version is not None and version != row.version:
        raise CasesError(
            f"has changed: it is at version {row.version} now, not {version}",
            where=f"case {row.id}",
            hint=f"look at it again: ringfence case show case:{row.id}",
        )
