"""Export everything that the store holds about one account, for a request of access."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, or_, select

from ringfence.cases.account_names import AccountName
from ringfence.cases.erasure import cases_about, numbers_of
from ringfence.cases.listing import row_to_json
from ringfence.cases.member_data import only_member
from ringfence.cases.moments import to_text
from ringfence.cases.proposals import PROPOSALS
from ringfence.cases.schema import (
    APPEALS,
    AUDIT,
    CASES,
    CLEARED,
    DECISIONS,
    DELIVERIES,
    EFFECTS,
    GRANTS,
    OUTBOX,
    RELEASES,
    STOLEN_LOGINS,
)
from ringfence.errors import CasesError

_OF_MEMBERS: Final = frozenset({"finding", "facts", "baseline"})
_DOCUMENTS: Final = _OF_MEMBERS | {"scope"}


def export_account(connection: Connection, account: str) -> dict[str, Any]:
    """Return everything that the store holds about an account, as one JSON document.

    Of a ring, the other members are left out, with their items, rows and devices: they are other
    persons. Texts that reviewers wrote are exported as they are, so read the document before you
    send it.

    Args:
        connection: a connection of the store.
        account: its name, as the store has it.

    Raises:
        CasesError: the store holds nothing about it.
    """
    own, rings = cases_about(connection, account)
    cases = [*own, *rings]
    numbers = numbers_of(connection, cases)
    numbers["decision"] = _about(connection, numbers["decision"], account)
    numbers |= {
        key: _own(connection, table, numbers[key], account)
        for key, table in (("appeal", APPEALS), ("release", RELEASES))
    }
    sent = select(OUTBOX.c.id).where(OUTBOX.c.account == account)
    found = {
        "cases": (CASES, CASES.c.id.in_(cases)),
        "decisions": (DECISIONS, DECISIONS.c.id.in_(numbers["decision"])),
        "appeals": (APPEALS, APPEALS.c.id.in_(numbers["appeal"])),
        "releases": (RELEASES, RELEASES.c.id.in_(numbers["release"])),
        "proposals": (PROPOSALS, PROPOSALS.c.case_id.in_(cases)),
        "grants": (GRANTS, GRANTS.c.account == account),
        "clearances": (CLEARED, CLEARED.c.account == account),
        "stolen_logins": (STOLEN_LOGINS, STOLEN_LOGINS.c.account == account),
        "effects": (EFFECTS, EFFECTS.c.account == account),
        "outbox": (OUTBOX, OUTBOX.c.account == account),
        "deliveries": (DELIVERIES, DELIVERIES.c.outbox_id.in_(sent)),
    }
    document = {name: _rows(connection, *where, account) for name, where in found.items()}
    document["audit"] = _audit(connection, account, numbers)
    if not any(document.values()):
        raise CasesError(
            "the store holds nothing about it", where=account, hint="give the name as logs have it"
        )
    return {"account": account, **document}


def _about(connection: Connection, decisions: Sequence[int], account: str) -> list[int]:
    """Return those of some decisions whose facts list the account."""
    query = select(DECISIONS.c.id, DECISIONS.c.facts).where(DECISIONS.c.id.in_(decisions))
    rows = connection.execute(query.order_by(DECISIONS.c.id))
    return [row.id for row in rows if account in json.loads(row.facts)["accounts"]]


def _own(connection: Connection, table: Table, numbers: Sequence[int], account: str) -> list[int]:
    """Return those of some rows that are about the account, and not about another of its ring."""
    own = or_(table.c.account.is_(None), table.c.account == account)
    query = select(table.c.id).where(table.c.id.in_(numbers), own)
    return list(connection.execute(query).scalars())


def _rows(
    connection: Connection, table: Table, where: ColumnElement[bool], account: str
) -> list[dict[str, Any]]:
    query = select(table).where(where).order_by(*table.primary_key.columns)
    return [_readable(row, account) for row in connection.execute(query)]


def _audit(
    connection: Connection, account: str, numbers: Mapping[str, Sequence[int]]
) -> list[dict[str, Any]]:
    name = AccountName(account)
    query = select(AUDIT.c.number, AUDIT.c.time, AUDIT.c.event, AUDIT.c.content)
    rows = connection.execute(query.where(AUDIT.c.content.is_not(None)).order_by(AUDIT.c.number))
    # The content repeats the rows above, and of a ring it names the other members.
    return [
        {"number": row.number, "time": to_text(row.time), "event": row.event}
        for row in rows
        if _is_about(json.loads(row.content), name, numbers)
    ]


def _is_about(
    content: dict[str, Any], name: AccountName, numbers: Mapping[str, Sequence[int]]
) -> bool:
    return name.is_named_by(content) or any(content.get(key) in numbers[key] for key in numbers)


def _readable(row: Row[Any], account: str) -> dict[str, Any]:
    """Return a row as JSON values, with times as text and without other members of a ring."""
    return {
        name: _document(name, value, account) if name in _DOCUMENTS and value else value
        for name, value in row_to_json(row).items()
    }


def _document(name: str, text: str, account: str) -> Any:  # noqa: ANN401 - any JSON value
    document = json.loads(text)
    return only_member(document, account) if name in _OF_MEMBERS else document
