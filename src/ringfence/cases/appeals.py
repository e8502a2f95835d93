"""Appeals: the account holder contests a decision, and another person answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from typing import Any, Literal

from sqlalchemy import Connection, Row, select, update

from ringfence.cases import audit
from ringfence.cases.decisions import decision_in_force, end_decision
from ringfence.cases.moving import move
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import APPEALS, DECISIONS
from ringfence.cases.states import Act
from ringfence.errors import CasesError

AppealOutcome = Literal["upheld", "overturned"]
"""How an appeal ends: the decision stays, or ends with all its effects."""


def receive_appeal(connection: Connection, case: int, statement: str, due: int, act: Act) -> int:
    """Record an appeal against the decision in force, and return its number.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        statement: what the account holder says.
        due: when it must be answered, microseconds since 1970.
        act: who records it, and when it was received.

    Raises:
        CasesError: no decision is in force, it has no effect, or an appeal is open already.
    """
    decision = decision_in_force(connection, case)
    if decision is not None and decision.shadow:
        raise CasesError(
            "nobody can appeal: the decision is in shadow mode and had no effect",
            where=f"case {case}",
        )
    move(connection, case, "appeal", act)
    if decision is None:
        raise CasesError("no decision is in force", where=f"case {case}")
    values = {
        "decision_id": decision.id, "received": act.moment, "due": due,
        "recorded_by": act.author.name, "statement": statement,
    }  # fmt: skip
    appeal = insert_row(connection, APPEALS, values)
    audit.append(connection, "appeal received", {"appeal": appeal, **values}, act.moment)
    return appeal


def answer_appeal(
    connection: Connection, case: int, outcome: AppealOutcome, answer: str, act: Act
) -> None:
    """Answer the open appeal of a case. If the decision is overturned, it ends.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        outcome: whether the decision stays.
        answer: what the account holder is told.
        act: who answers, and when. It is another person than the authors of the decision and of
            those that it replaced.

    Raises:
        CasesError: there is no open appeal, the answer is empty, or the author made the decision.
    """
    appeal = open_appeal(connection, case)
    if appeal is None:
        raise CasesError("there is no open appeal", where=f"case {case}")
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
    stays = outcome == "upheld" and decision.ended is None
    move(connection, case, "uphold" if stays else "overturn", act)
    values = {
        "answered": act.moment, "answered_by": act.author.name, "outcome": outcome,
        "answer": answer.strip(),
    }  # fmt: skip
    connection.execute(update(APPEALS).where(APPEALS.c.id == appeal.id).values(values))
    audit.append(connection, "appeal answered", {"appeal": appeal.id, **values}, act.moment)
    if outcome == "overturned" and decision.ended is None:
        end_decision(connection, decision.id, act, f"appeal {appeal.id} was granted")


def open_appeal(connection: Connection, case: int) -> Row[Any] | None:
    """Return the appeal of a case that is not answered yet, or None."""
    query = (
        select(APPEALS)
        .join(DECISIONS, APPEALS.c.decision_id == DECISIONS.c.id)
        .where(DECISIONS.c.case_id == case, APPEALS.c.answered.is_(None))
    )
    return connection.execute(query).first()


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
