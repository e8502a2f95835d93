"""Choose the text about a decision: the newest thing that the account holder must be told."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, Row, or_, select

from ringfence.cases.schema import APPEALS, DECISIONS
from ringfence.cases.statements.ending import Ending
from ringfence.cases.stolen_login import is_stolen_login
from ringfence.errors import CasesError

StatementKind = Literal[
    "throttle", "challenge", "suspend", "stolen-login", "upheld", "overturned", "end"
]
"""The texts that there are. Each has a template in each language."""


def choose_kind(
    connection: Connection, decision: Row[Any], answered: Row[Any] | None, end: Ending
) -> StatementKind:
    """Return which text is due: about the decision, its end, or the answer to an appeal.

    Args:
        connection: a connection of the store.
        decision: the row of the decision.
        answered: the row of the last appeal that was answered; None if there is none.
        end: its end for the account.

    Raises:
        CasesError: the decision had no effect, or another one has replaced it.
    """
    where = f"decision {decision.id}"
    if decision.shadow:
        raise CasesError("has no statement: it is in shadow mode and had no effect", where=where)
    if decision.action == "observe":
        raise CasesError("has no statement: to observe has no effect on the account", where=where)
    if answered is not None and (end.moment is None or answered.answered >= end.moment):
        outcome: StatementKind = answered.outcome
        return outcome
    if end.moment is not None:
        if not end.released:
            _refuse_replaced(connection, decision)
        return "end"
    action: StatementKind = decision.action
    return "stolen-login" if is_stolen_login(decision.reason) else action


def answered_appeal(connection: Connection, decision: int, account: str) -> Row[Any] | None:
    """Return the last appeal of an account that was answered, or None.

    An appeal without an account is of all accounts of the decision.
    """
    own = or_(APPEALS.c.account.is_(None), APPEALS.c.account == account)
    query = (
        select(APPEALS)
        .where(APPEALS.c.decision_id == decision, APPEALS.c.answered.is_not(None), own)
        .order_by(APPEALS.c.answered.desc(), APPEALS.c.id.desc())
        .limit(1)
    )
    return connection.execute(query).first()


def _refuse_replaced(connection: Connection, decision: Row[Any]) -> None:
    """Refuse a decision that ended because a restriction took its place.

    Raises:
        CasesError: another decision with an effect was made in the moment of its end.
    """
    query = select(DECISIONS.c.id).where(
        DECISIONS.c.case_id == decision.case_id,
        DECISIONS.c.id > decision.id,
        DECISIONS.c.made == decision.ended,
        DECISIONS.c.shadow.is_(False),
        DECISIONS.c.action != "observe",
    )
    after = connection.execute(query).scalar()
    if after is not None:
        raise CasesError(
            f"has no statement any more: decision {after} has replaced it",
            where=f"decision {decision.id}",
            hint=f"ringfence case statement case:{decision.case_id} --decision {after}",
        )
