"""Decide about a case, and end a decision.

A decision states its reason, its ground, and the facts as they were: the evidence is copied into it
and never changes. Only the end of a decision is written later.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, select, update

from ringfence.cases import audit
from ringfence.cases.canonical import canonical
from ringfence.cases.left_to_people import leave_to_people
from ringfence.cases.member_data import is_group
from ringfence.cases.moving import move, read_case
from ringfence.cases.open_appeals import open_appeals, write_answer
from ringfence.cases.outbox import write_effects
from ringfence.cases.releases import carry_releases, released_accounts
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import CASES, DECISIONS
from ringfence.cases.states import SCAN, Act, Move
from ringfence.cases.stolen_login import remember_theft
from ringfence.errors import CasesError
from ringfence.model.finding import Action

TIME_IS_OVER: Final = "its time is over"
"""The reason for the end of a decision with an end of its own."""


@dataclass(frozen=True)
class Ruling:
    """The content of a decision.

    Attributes:
        action: what is done to the accounts of the case.
        reason: why, in words that another reviewer understands.
        ground: the clause of the terms of use that the accounts violate.
        until: when the decision ends by itself, microseconds since 1970; None for no end.
        shadow: whether it is only recorded as what would have happened.
    """

    action: Action
    reason: str
    ground: str
    until: int | None = None
    shadow: bool = True


def decide(connection: Connection, case: int, order: Ruling, act: Act) -> int:
    """Decide about a case, and return the number of the decision.

    A decision that is in force ends: the new one replaces it. So that two reviewers do not
    overwrite each other, this needs the version of the case that the author looked at. A decision
    in shadow mode changes nothing for an account, so it cannot replace one that has effect.

    After a person has decided about accounts, whatever it was, the policy does not act on them by
    itself any more.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        order: what is decided.
        act: who decides, and when.

    Raises:
        CasesError: the reason is missing, the end is past, the case has changed, it is in a state
            in which nothing can be decided, or shadow mode would end a decision that has effect.
    """
    before = decision_in_force(connection, case)
    _check_order(case, order, act, before)
    row = move(connection, case, "decide", act)
    values = {
        "case_id": case, "action": order.action, "reason": order.reason.strip(),
        "ground": order.ground, "facts": facts(row), "report": row.report,
        "found_by_machine": True, "decided_by_machine": act.author.is_machine,
        "shadow": order.shadow,
        "author": act.author.name, "made": act.moment, "start": act.moment, "until": order.until,
    }  # fmt: skip
    decision = insert_row(connection, DECISIONS, values)
    audit.append(connection, "decision", {"decision": decision, **values}, act.moment)
    if before is not None:
        carry_releases(connection, before.id, decision, act.moment)
    finding = json.loads(row.finding)
    held = json.loads(before.facts)["accounts"] if before is not None else ()
    # The decision does not apply to a released account, so it takes no favour from it.
    decided = {*finding["accounts"], *held} - released_accounts(connection, decision)
    favour = None if order.shadow else order.action == "observe"
    leave_to_people(connection, decided, act, favour=favour)
    _remember_theft(connection, finding, order, act)
    write_effects(connection, decision, act.moment)
    if before is not None:
        end_decision(connection, before.id, act, f"replaced by decision {decision}")
    return decision


def _check_order(case: int, order: Ruling, act: Act, before: Row[Any] | None) -> None:
    """Refuse a decision that is incomplete, or that would end one in force by mistake.

    Raises:
        CasesError: see :func:`decide`.
    """
    where = f"case {case}"
    if not order.reason.strip():
        raise CasesError("a decision needs a reason", where=where, hint="give --reason")
    if order.until is not None and order.until <= act.moment:
        raise CasesError("the decision would end before it begins", where=where)
    if before is not None and act.version is None:
        raise CasesError(
            f"{before.author} has already decided to {before.action}",
            where=where,
            hint=f"look at it, then name its version: ringfence case show case:{case}",
        )
    if before is not None and order.shadow and not before.shadow:
        raise CasesError(
            f"decision {before.id} has effect, and one in shadow mode would end it",
            where=where,
            hint=f"keep it, or end it: ringfence case reinstate case:{case}",
        )


def _remember_theft(
    connection: Connection, finding: dict[str, Any], order: Ruling, act: Act
) -> None:
    """Remember stolen logins. The policy remembers those of a group itself, one by one."""
    alone = not is_group(finding)
    if alone or not act.author.is_machine:
        # A decision about a group says nothing about a theft that was decided elsewhere.
        trial = order.shadow or not alone
        remember_theft(connection, finding["accounts"], order.reason, act, trial=trial)


def require_version(connection: Connection, case: int, act: Act) -> None:
    """Refuse a person's command that does not say which version of a changed case it is about.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        act: who acts, and the version that he or she looked at.

    Raises:
        CasesError: the case has changed since it was opened, and no version is given.
    """
    if act.version is not None or read_case(connection, case).version == 1:
        return
    before = decision_in_force(connection, case)
    said = f": {before.author} has already decided to {before.action}" if before else ""
    raise CasesError(
        f"has changed since it was opened{said}",
        where=f"case {case}",
        hint=f"look at it, then name its version: ringfence case show case:{case}",
    )


def facts(row: Row[Any]) -> str:
    """Return what is known about a case, as it is copied into a decision."""
    finding = json.loads(row.finding)
    kept = (
        "kind", "id", "accounts", "member_items", "verdict", "p_value", "items", "first", "last",
        "evidence",
    )  # fmt: skip
    return canonical({name: finding[name] for name in kept if name in finding})


def end_case(connection: Connection, case: int, how: Move, reason: str, act: Act) -> None:
    """Close a case: end the decision that is in force, with all its effects.

    A person who reinstates grants the open appeals. The author of the decision may do so, because
    it is in favour of the accounts.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        how: ``reinstate``, ``overturn`` or ``expire``.
        reason: why.
        act: who ends it, and when.

    Raises:
        CasesError: the reason is missing, the case has changed, or no decision is in force.
    """
    if not reason.strip():
        raise CasesError("a reason is needed", where=f"case {case}", hint="give --reason")
    before = move(connection, case, how, act)
    if how == "reinstate":
        for appeal in open_appeals(connection, case):
            write_answer(connection, appeal.id, "overturned", reason, act)
    # A decision whose time was over while an appeal waited is not in force. Members who joined
    # since are freed by the same reason.
    last = _last_decision(connection, case)
    held = json.loads(last.facts)["accounts"] if last is not None else ()
    leave_to_people(connection, {*held, *json.loads(before.finding)["accounts"]}, act)
    decision = decision_in_force(connection, case)
    if decision is not None:
        end_decision(connection, decision.id, act, reason.strip())


def _last_decision(connection: Connection, case: int) -> Row[Any] | None:
    query = select(DECISIONS).where(DECISIONS.c.case_id == case)
    return connection.execute(query.order_by(DECISIONS.c.id.desc()).limit(1)).first()


def end_decision(connection: Connection, decision: int, act: Act, reason: str) -> None:
    """Write the end of a decision."""
    values = {"ended": act.moment, "ended_by": act.author.name, "end_reason": reason}
    connection.execute(update(DECISIONS).where(DECISIONS.c.id == decision).values(values))
    audit.append(connection, "decision ended", {"decision": decision, **values}, act.moment)
    write_effects(connection, decision, act.moment)


def dismiss(connection: Connection, case: int, reason: str, act: Act) -> None:
    """Dismiss a case: the accounts use the catalogue, they do not extract it.

    Raises:
        CasesError: the reason is missing, the case has changed, or it is not open.
    """
    _leave(connection, case, "dismiss", "case dismissed", reason, act)


def reopen(connection: Connection, case: int, reason: str, act: Act) -> None:
    """Open a case again that was dismissed, allowed or closed.

    Raises:
        CasesError: the reason is missing, the case has changed, or it is in another state.
    """
    _leave(connection, case, "reopen", "case reopened", reason, act)


def _leave(  # noqa: PLR0913, PLR0917 - the parts of one change
    connection: Connection, case: int, how: Move, event: str, reason: str, act: Act
) -> None:
    if not reason.strip():
        raise CasesError("a reason is needed", where=f"case {case}", hint="give --reason")
    row = move(connection, case, how, act)
    if how == "dismiss":
        leave_to_people(connection, json.loads(row.finding)["accounts"], act)
    content = {"case": case, "reason": reason.strip(), "author": act.author.name}
    audit.append(connection, event, content, act.moment)


def decision_in_force(connection: Connection, case: int) -> Row[Any] | None:
    """Return the decision about a case that has not ended, or None."""
    query = select(DECISIONS).where(DECISIONS.c.case_id == case, DECISIONS.c.ended.is_(None))
    return connection.execute(query).first()


def expire_decisions(connection: Connection, moment: int) -> tuple[int, ...]:
    """End all decisions whose time is over, and return their numbers.

    A case with an open appeal stays as it is, because the appeal must still be answered.
    """
    query = (
        select(DECISIONS.c.id, DECISIONS.c.case_id, CASES.c.state)
        .join(CASES, CASES.c.id == DECISIONS.c.case_id)
        .where(
            DECISIONS.c.ended.is_(None), DECISIONS.c.until.is_not(None), DECISIONS.c.until <= moment
        )
    )
    act = Act(SCAN, moment)
    over = connection.execute(query.order_by(DECISIONS.c.id)).all()
    for decision in over:
        if decision.state == "decided":
            end_case(connection, decision.case_id, "expire", TIME_IS_OVER, act)
        else:
            end_decision(connection, decision.id, act, TIME_IS_OVER)
    return tuple(decision.id for decision in over)


def decisions_of(connection: Connection, case: int) -> Iterator[Row[Any]]:
    """Yield all decisions about a case, oldest first."""
    read_case(connection, case)
    query = select(DECISIONS).where(DECISIONS.c.case_id == case).order_by(DECISIONS.c.id)
    yield from connection.execute(query)
