"""Appeals: an account holder contests a decision, and another person answers.

Each account of a ring appeals for itself. Its appeal has its own due date and its own answer, and
if it is granted, the decision goes on for the other accounts.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from ringfence.cases import audit
from ringfence.cases.decisions import decision_in_force, end_decision
from ringfence.cases.members import account_meant, check_held, free_account, is_last
from ringfence.cases.moving import move
from ringfence.cases.open_appeals import (
    AppealOutcome,
    appeal_meant,
    open_appeals,
    write_answer,
)
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import APPEALS, DECISIONS
from ringfence.cases.states import Act
from ringfence.errors import CasesError


def receive_appeal(  # noqa: PLR0913, PLR0917 - the parts of an appeal
    connection: Connection, case: int, statement: str, due: int, act: Act, account: str = ""
) -> int:
    """Record an appeal of one account against the decision in force, and return its number.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        statement: what the account holder says.
        due: when it must be answered, microseconds since 1970.
        act: who records it, and when it was received.
        account: the account that appeals; of a case about one account, it is known.

    Raises:
        CasesError: no decision is in force, it has no effect on the account, no account of a ring
            is named, or an appeal of the account is open already.
    """
    where = f"case {case}"
    decision = decision_in_force(connection, case)
    if decision is not None and (decision.shadow or decision.action == "observe"):
        mode = "in shadow mode" if decision.shadow else "to observe"
        raise CasesError(
            f"nobody can appeal: the decision is {mode} and had no effect", where=where
        )
    account = account_meant(connection, case, account)
    if any(one.account == account for one in open_appeals(connection, case)):
        raise CasesError(f"an appeal of {account} is open", where=where, hint="answer it first")
    if decision is not None:
        check_held(connection, decision, account)
    move(connection, case, "appeal", act)
    if decision is None:
        raise CasesError("no decision is in force", where=where)
    values = {
        "decision_id": decision.id, "received": act.moment, "due": due,
        "recorded_by": act.author.name, "statement": statement, "account": account,
    }  # fmt: skip
    appeal = insert_row(connection, APPEALS, values)
    audit.append(connection, "appeal received", {"appeal": appeal, **values}, act.moment)
    return appeal


def answer_appeal(  # noqa: PLR0913, PLR0917 - the parts of an answer
    connection: Connection,
    case: int,
    outcome: AppealOutcome,
    answer: str,
    act: Act,
    account: str = "",
) -> None:
    """Answer an open appeal. If it is granted, the decision does not apply to the account any more.

    The decision ends if it applies to no other account.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        outcome: whether the decision stays.
        answer: what the account holder is told.
        act: who answers, and when. It is another person than the authors of the decision and of
            those that it replaced.
        account: the account whose appeal is answered; not needed if one appeal is open.

    Raises:
        CasesError: there is no open appeal, there are several and no account is named, the answer
            is empty, or the author made the decision.
    """
    appeal = appeal_meant(connection, case, account)
    if not answer.strip():
        raise CasesError("an answer is needed", where=f"case {case}", hint="give --answer")
    decision = connection.execute(
        select(DECISIONS).where(DECISIONS.c.id == appeal.decision_id)
    ).one()
    if any(same_person(act.author.name, one) for one in _authors(connection, decision)):
        raise CasesError(
            f"{act.author.name} made the decision and cannot answer the appeal",
            where=f"case {case}",
            hint="another person must answer",
        )
    # A decision whose time was over in between is not in force again.
    granted = outcome == "overturned" and decision.ended is None
    ends = granted and (appeal.account is None or is_last(connection, decision))
    stays = decision.ended is None and not ends
    others = len(open_appeals(connection, case)) > 1
    move(connection, case, "answer" if others else "uphold" if stays else "overturn", act)
    write_answer(connection, appeal.id, outcome, answer, act)
    reason = f"appeal {appeal.id} was granted"
    if ends:
        end_decision(connection, decision.id, act, reason)
    elif granted:
        free_account(connection, decision.id, appeal.account, reason, act)


def _authors(connection: Connection, decision: Row[Any]) -> Iterator[str]:
    """Yield the authors of a decision and of those that it replaced, one after the other."""
    yield decision.author
    earlier = select(DECISIONS).where(
        DECISIONS.c.case_id == decision.case_id, DECISIONS.c.id < decision.id
    )
    number = decision.id
    for row in connection.execute(earlier.order_by(DECISIONS.c.id.desc())).all():
        if row.end_reason == f"replaced by decision {number}":
            yield row.author
            number = row.id


def same_person(one: str, other: str) -> bool:
    """Return whether two names are of one person.

    Capitals, spaces and the spellings of one character in Unicode do not tell people apart.
    """
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    # Twice, because folding can undo the normal form.
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
    return "".join(folded.split())
