"""Grants: permitted bulk access, with a reason and an end.

A scan is told what is granted, as :class:`ringfence.model.exemption.Exemption`. It counts the use
against the grant and does not accuse the account, unless it takes more than is granted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update

from ringfence.cases import audit
from ringfence.cases.canonical import canonical
from ringfence.cases.group_names import check_is_account
from ringfence.cases.left_to_people import leave_to_people
from ringfence.cases.member_commands import member_command
from ringfence.cases.moments import to_time
from ringfence.cases.moving import move
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import CASES, DECISIONS, EFFECTS, GRANTS
from ringfence.cases.states import MOVES, Act
from ringfence.errors import CasesError
from ringfence.model.exemption import Exemption


@dataclass(frozen=True)
class Permission:
    """The content of a grant.

    Attributes:
        account: name of the account, as the logs name it.
        reason: why, such as the project or the contract.
        contact: whom to ask about it.
        start: beginning, microseconds since 1970.
        until: end, microseconds since 1970.
        budget: most distinct items; None for any number.
        items: permitted items, as patterns with ``*``; none for all.
        groups: permitted groups; none for all.
        surfaces: permitted surfaces; none for all.
    """

    account: str
    reason: str
    contact: str
    start: int
    until: int
    budget: int | None = None
    items: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    surfaces: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a grant without an account, a reason, an end, or with nothing in it.

        Raises:
            CasesError: one of these is the case.
        """
        for name in ("account", "reason", "contact"):
            if not getattr(self, name).strip():
                raise CasesError(f"a grant needs: {name}", hint=f"give --{name}")
        if self.until <= self.start:
            raise CasesError("the grant would end before it begins", hint="give a later --until")
        if self.budget is not None and self.budget <= 0:
            raise CasesError("the budget must be at least 1", hint="leave it out for any number")


def add_grant(connection: Connection, permission: Permission, act: Act) -> int:
    """Add a grant, and return its number. A case about the account that is not decided is allowed.

    Raises:
        CasesError: a decision about the account is in force, or about a ring that it is in, or it
            is the name of a ring.
    """
    check_is_account(connection, permission.account)
    _check_effects(connection, permission.account)
    scope = {name: list(getattr(permission, name)) for name in ("items", "groups", "surfaces")}
    values = {
        "account": permission.account, "reason": permission.reason.strip(),
        "contact": permission.contact.strip(), "start": permission.start,
        "until": permission.until, "budget": permission.budget, "scope": canonical(scope),
        "author": act.author.name, "made": act.moment,
    }  # fmt: skip
    grant = insert_row(connection, GRANTS, values)
    audit.append(connection, "grant", {"grant": grant, **values}, act.moment)
    leave_to_people(connection, [permission.account], act)
    case = _case_of(connection, permission.account)
    if case is not None and case.state != "allowed":
        if case.state not in MOVES["allow"].before:
            raise CasesError(
                f"a decision about {permission.account} is in force",
                where=f"case {case.id}",
                hint=f"end it first: ringfence case reinstate case:{case.id}",
            )
        move(connection, case.id, "allow", act)
        content = {"case": case.id, "grant": grant, "author": act.author.name}
        audit.append(connection, "case allowed", content, act.moment)
    return grant


def end_grant(connection: Connection, grant: int, reason: str, act: Act) -> None:
    """End a grant before its time.

    Raises:
        CasesError: there is no such grant, it has ended, or the reason is missing.
    """
    if not reason.strip():
        raise CasesError("a reason is needed", where=f"grant {grant}", hint="give --reason")
    row = connection.execute(select(GRANTS).where(GRANTS.c.id == grant)).first()
    if row is None:
        raise CasesError(
            "there is no such grant", where=f"grant {grant}", hint="see: ringfence grant list"
        )
    if row.ended is not None:
        raise CasesError("has ended already", where=f"grant {grant}")
    values = {"ended": act.moment, "ended_by": act.author.name}
    connection.execute(update(GRANTS).where(GRANTS.c.id == grant).values(values))
    content = {"grant": grant, "reason": reason.strip(), **values}
    audit.append(connection, "grant ended", content, act.moment)


def list_grants(connection: Connection) -> Iterator[Row[Any]]:
    """Yield all grants, newest first."""
    yield from connection.execute(select(GRANTS).order_by(GRANTS.c.id.desc()))


def exemptions(connection: Connection) -> tuple[Exemption, ...]:
    """Return what the grants permit, also those that are over: use during them stays permitted.

    A grant that was withdrawn before its start has never permitted anything.
    """
    began = or_(GRANTS.c.ended.is_(None), GRANTS.c.ended > GRANTS.c.start)
    return tuple(
        Exemption(
            row.id,
            row.account,
            to_time(row.start),
            to_time(row.until if row.ended is None else min(row.until, row.ended)),
            row.budget,
            **{name: tuple(patterns) for name, patterns in json.loads(row.scope).items()},
        )
        for row in connection.execute(select(GRANTS).where(began).order_by(GRANTS.c.id))
    )


def _check_effects(connection: Connection, account: str) -> None:
    """Refuse an account that a decision holds: the grant would permit what stays blocked.

    Raises:
        CasesError: a decision applies to the account.
    """
    query = select(DECISIONS.c.id, DECISIONS.c.case_id).join(EFFECTS)
    found = connection.execute(query.where(EFFECTS.c.account == account).order_by(DECISIONS.c.id))
    if decision := found.first():
        raise CasesError(
            f"decision {decision.id} applies to {account}",
            where=f"case {decision.case_id}",
            hint=f"end it first: {member_command('release', decision.case_id, account)}",
        )


def _case_of(connection: Connection, account: str) -> Row[Any] | None:
    query = select(CASES).where(CASES.c.kind == "account", CASES.c.subject == account)
    return connection.execute(query).first()
