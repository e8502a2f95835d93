"""Read cases for a list or for one page about a case."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from typing import Any, Final

from sqlalchemy import Connection, Row, case, exists, func, or_, select, tuple_, union_all

from ringfence.cases.effects import STRENGTH
from ringfence.cases.moments import to_text
from ringfence.cases.moving import read_case
from ringfence.cases.other_holds import other_holds
from ringfence.cases.proposals import proposal_of
from ringfence.cases.schema import APPEALS, CASES, DECISIONS, MEMBERS, RELEASES
from ringfence.errors import CasesError
from ringfence.model.case_status import CaseState

WAITING: Final[tuple[CaseState, ...]] = ("open", "appealed")
"""The states in which somebody has to do something."""

CASE_PREFIX: Final = "case:"
"""Stands before a number that is meant as the number of a case, and not as a name."""

_LISTED: Final = (
    "id", "kind", "subject", "state", "version", "verdict", "action", "p_value", "items",
    "accounts", "first", "last", "opened", "seen", "changed",
)  # fmt: skip

_LIST: Final = select(*(CASES.c[name] for name in _LISTED))
"""The columns of a list: all but the documents."""

_TIMES: Final = frozenset({
    "first", "last", "opened", "seen", "changed", "made", "start", "until", "ended", "received",
    "due", "answered", "released", "cleared", "marked",
})  # fmt: skip
"""Columns that hold times, in any table."""


def list_cases(  # noqa: PLR0913 - one parameter per condition
    connection: Connection,
    states: Sequence[CaseState] = WAITING,
    *,
    account: str | None = None,
    limit: int = 50,
    kind: str = "",
    verdict: str = "",
    after: tuple[int, int] | None = None,
) -> list[Row[Any]]:
    """Return a page of cases, those that changed last first.

    Each row has the columns of the list, and two more. ``shadow`` says whether the decision in
    force is in shadow mode. ``due`` is the moment by which the first open appeal must be answered,
    or None.

    Args:
        connection: a connection of the store.
        states: states of the cases.
        account: only cases about this account, alone or in a ring.
        limit: most cases.
        kind: only cases about an ``account`` or a ``ring``.
        verdict: only cases with this verdict.
        after: ``changed`` and ``id`` of the last case of the page before.
    """
    wanted = _LIST
    if account is not None:
        # Asked for first: within the query, both databases would go through all cases that wait.
        about = list(connection.execute(_about(account)).scalars())
        wanted = wanted.where(CASES.c.id.in_(about))
    for column, value in ((CASES.c.kind, kind), (CASES.c.verdict, verdict)):
        if value:
            wanted = wanted.where(column == value)
    if after is not None:
        wanted = wanted.where(tuple_(CASES.c.changed, CASES.c.id) < after)
    # One query per state reads only the end of the index. With all states in one query, both
    # databases sort all cases of these states.
    newest = wanted.order_by(CASES.c.changed.desc(), CASES.c.id.desc()).limit(limit)
    pages = [newest.where(CASES.c.state == state).subquery().select() for state in states]
    page = union_all(*pages).subquery()
    shadow = exists().where(
        DECISIONS.c.case_id == page.c.id, DECISIONS.c.ended.is_(None), DECISIONS.c.shadow
    )
    # As a condition, SQLite would go through all open appeals for each case.
    open_due = case((APPEALS.c.answered.is_(None), APPEALS.c.due))
    due = (
        select(func.min(open_due))
        .select_from(DECISIONS.join(APPEALS))
        .where(DECISIONS.c.case_id == page.c.id)
        .scalar_subquery()
    )
    query = select(page, shadow.label("shadow"), due.label("due"))
    query = query.order_by(page.c.changed.desc(), page.c.id.desc()).limit(limit)
    return list(connection.execute(query))


def waiting_accounts(connection: Connection) -> list[str]:
    """Return the accounts that cases in which somebody has to do something are about."""
    query = (
        select(MEMBERS.c.account)
        .distinct()
        .join(CASES, CASES.c.id == MEMBERS.c.case_id)
        .where(CASES.c.state.in_(WAITING))
    )
    return list(connection.execute(query).scalars())


def count_cases(connection: Connection) -> dict[CaseState, int]:
    """Return the number of cases in each state that any case has."""
    query = select(CASES.c.state, func.count()).group_by(CASES.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def count_without_effect(connection: Connection) -> int:
    """Return the number of people's decisions in force that shadow mode keeps without effect."""
    query = (
        select(func.count())
        .select_from(DECISIONS)
        .where(
            DECISIONS.c.ended.is_(None),
            DECISIONS.c.shadow,
            DECISIONS.c.decided_by_machine.is_(False),
            DECISIONS.c.action.in_(STRENGTH),
        )
    )
    return int(connection.execute(query).scalar_one())


def cases_since(connection: Connection, since: int) -> list[int]:
    """Return the numbers of all cases that have changed at a moment or later, lowest first."""
    query = select(CASES.c.id).where(CASES.c.changed >= since).order_by(CASES.c.id)
    return list(connection.execute(query).scalars())


def find_case(connection: Connection, name: str) -> int:
    """Return the number of a case to read, given by its number, or by an account or ring.

    A member of a ring leads to the case of the ring.

    Raises:
        CasesError: there is none, there are several, or the number of a case is also the name of
            an account.
    """
    known = _numbered(connection, name.removeprefix(CASE_PREFIX))
    if known is not None:
        return known if name.startswith(CASE_PREFIX) else find_case_to_change(connection, [name])
    named = or_(CASES.c.subject == name, CASES.c.id.in_(_about(name)))
    query = select(CASES.c.id, CASES.c.kind).where(named).order_by(CASES.c.kind, CASES.c.id)
    found = list(connection.execute(query.limit(9)))
    own = [case.id for case in found if case.kind == "account"]
    if len(own) == 1 or len(found) == 1:
        return int((own or [found[0].id])[0])
    if not found:
        raise CasesError("there is no such case", where=name, hint="see: ringfence case list --all")
    numbers = ", ".join(str(case.id) for case in found)
    raise CasesError("several cases are about it", where=name, hint=f"give a number: {numbers}")


def find_case_to_change(connection: Connection, names: Sequence[str]) -> int:
    """Return the number of the one case that a command shall change.

    Such a command must not reach another account than the one that is meant. So a number that is
    also the name of an account is refused, and so is a name that only leads to a ring.

    Args:
        connection: a connection of the store.
        names: what was typed, and other names of the same account, such as its pseudonym.
            ``case:2`` is always case 2. Otherwise it is a number, or names an account or ring.

    Raises:
        CasesError: there is no such case, or more than one can be meant.
    """
    typed = names[0]
    numbered = _numbered(connection, typed.removeprefix(CASE_PREFIX))
    if typed.startswith(CASE_PREFIX):
        own, rings = set[int](), set[int]()
    else:
        own = set(
            connection.execute(select(CASES.c.id).where(CASES.c.subject.in_(names))).scalars()
        )
        rings = set(connection.execute(_about(*names)).scalars()) - own
    if numbered is not None and not (own | rings) - (own & {numbered}):
        return numbered
    if numbered is None and len(own) == 1:
        return own.pop()
    raise _refusal(typed, numbered, own, rings)


def _refusal(typed: str, numbered: int | None, own: set[int], rings: set[int]) -> CasesError:
    """Return why a name does not say which case shall change."""
    cases = own or rings
    said = " or ".join(f"{CASE_PREFIX}{case}" for case in sorted(cases)[:9])
    if numbered is not None:
        return CasesError(
            "is the number of a case and the name of an account",
            where=typed,
            hint=f"give {CASE_PREFIX}{numbered} for the number, {said} for the account",
        )
    if len(own) > 1:
        return CasesError("several cases are about it", where=typed, hint=f"give {said}")
    if rings:
        return CasesError(
            "has no case of its own, and is one of several accounts of another",
            where=typed,
            hint=f"give {said} and --account {shlex.quote(typed)}, or {said} for all of them",
        )
    return CasesError("there is no such case", where=typed, hint="see: ringfence case list --all")


def describe_case(connection: Connection, case: int) -> dict[str, Any]:
    """Return everything about a case as JSON values: finding, decisions, appeals and releases.

    ``other_decisions`` are decisions about other cases that apply to its accounts.
    """
    row = read_case(connection, case)
    listed = connection.execute(_LIST.where(CASES.c.id == case)).one()
    proposed = proposal_of(connection, case)
    query = select(DECISIONS).where(DECISIONS.c.case_id == case).order_by(DECISIONS.c.id)
    decisions = [_decision(connection, one) for one in connection.execute(query)]
    finding = json.loads(row.finding)
    accounts = {*finding["accounts"]}.union(*(one["facts"]["accounts"] for one in decisions))
    return {
        **row_to_json(listed),
        "report": row.report,
        "finding": finding,
        "proposal": row_to_json(proposed) if proposed else None,
        "decisions": decisions,
        "other_decisions": list(other_holds(connection, case, accounts)),
    }


def _decision(connection: Connection, row: Row[Any]) -> dict[str, Any]:
    about = {
        name: select(table).where(table.c.decision_id == row.id).order_by(table.c.id)
        for name, table in (("appeals", APPEALS), ("releases", RELEASES))
    }
    return {
        **row_to_json(row),
        "facts": json.loads(row.facts),
        **{
            name: [row_to_json(one) for one in connection.execute(query)]
            for name, query in about.items()
        },
    }


def row_to_json(row: Row[Any]) -> dict[str, Any]:
    """Return a row of any table of the store as JSON values, with times as text."""
    return {
        name: to_text(value) if name in _TIMES and value is not None else value
        for name, value in row._asdict().items()
    }


def _about(*accounts: str) -> Any:  # noqa: ANN401 - a query
    return select(MEMBERS.c.case_id).where(MEMBERS.c.account.in_(accounts))


def _numbered(connection: Connection, text: str) -> int | None:
    """Return the number of the case that a text is the number of; None if it is none."""
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        return None
    known = connection.execute(select(CASES.c.id).where(CASES.c.id == int(text))).scalar()
    return None if known is None else int(known)
