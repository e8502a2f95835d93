"""Find the appeals of a case that are not answered yet, and write an answer."""

from __future__ import annotations

import json
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from ringfence.cases import audit
from ringfence.cases.left_to_people import leave_to_people
from ringfence.cases.releases import released_accounts
from ringfence.cases.schema import APPEALS, DECISIONS
from ringfence.cases.states import Act
from ringfence.errors import CasesError

AppealOutcome = Literal["upheld", "overturned"]
"""How an appeal ends: the decision stays, or does not apply to the account any more."""


def open_appeals(connection: Connection, case: int) -> list[Row[Any]]:
    """Return the appeals of a case that are not answered yet, the one that is due first first."""
    query = (
        select(APPEALS)
        .join(DECISIONS, APPEALS.c.decision_id == DECISIONS.c.id)
        .where(DECISIONS.c.case_id == case, APPEALS.c.answered.is_(None))
        .order_by(APPEALS.c.due, APPEALS.c.id)
    )
    return list(connection.execute(query))


def write_answer(
    connection: Connection, appeal: int, outcome: AppealOutcome, answer: str, act: Act
) -> None:
    """Write the answer to an appeal. A person has decided about its accounts then.

    Args:
        connection: a writing connection of the store.
        appeal: number of the appeal.
        outcome: whether the decision stays.
        answer: what the account holder is told.
        act: who answers, and when.
    """
    values = {
        "answered": act.moment, "answered_by": act.author.name, "outcome": outcome,
        "answer": answer.strip(),
    }  # fmt: skip
    connection.execute(update(APPEALS).where(APPEALS.c.id == appeal).values(values))
    audit.append(connection, "appeal answered", {"appeal": appeal, **values}, act.moment)
    accounts = _accounts_of(connection, appeal)
    leave_to_people(connection, accounts, act, favour=outcome == "overturned")


def _accounts_of(connection: Connection, appeal: int) -> list[str]:
    """Return the account of an appeal. One of an earlier version is of all that were held."""
    query = select(APPEALS.c.account, APPEALS.c.decision_id, DECISIONS.c.facts).join(DECISIONS)
    row = connection.execute(query.where(APPEALS.c.id == appeal)).one()
    if row.account is not None:
        return [row.account]
    released = released_accounts(connection, row.decision_id)
    return [one for one in json.loads(row.facts)["accounts"] if one not in released]


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
