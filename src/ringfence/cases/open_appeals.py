"""Find the appeals of a case that are not answered yet."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from ringfence.cases.schema import APPEALS, DECISIONS
from ringfence.errors import CasesError


def open_appeals(connection: Connection, case: int) -> list[Row[Any]]:
    """Return the appeals of a case that are not answered yet, the one that is due first first."""
    query = (
        select(APPEALS)
        .join(DECISIONS, APPEALS.c.decision_id == DECISIONS.c.id)
        .where(DECISIONS.c.case_id == case, APPEALS.c.answered.is_(None))
        .order_by(APPEALS.c.due, APPEALS.c.id)
    )
    return list(connection.execute(query))


def appeal_meant(connection: Connection, case: int, account: str) -> Row[Any]:
    """Return the open appeal that is meant: that of an account, or the only one.

    Raises:
        CasesError: there is none, or there are several and no account is named.
    """
    appeals = open_appeals(connection, case)
    # An appeal of an earlier version is of the whole ring, and names no account.
    meant = [one for one in appeals if not account or one.account == account]
    if len(meant) == 1:
        return meant[0]
    by = f" by {account}" if account else ""
    if not meant:
        raise CasesError(f"there is no open appeal{by}", where=f"case {case}")
    raise CasesError(f"{len(meant)} appeals are open", where=f"case {case}", hint="give --account")
