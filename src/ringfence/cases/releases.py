"""Accounts that were released from a decision about their ring, while it goes on for the others."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import Connection, Row, select

from ringfence.cases import audit
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import RELEASES
from ringfence.cases.states import Act

RELEASED: Final = "account released"
"""The event of the audit that describes a release."""


def add_release(connection: Connection, decision: int, account: str, reason: str, act: Act) -> int:
    """Record that a decision does not apply to an account any more, and return the number of it.

    Args:
        connection: a writing connection of the store.
        decision: number of the decision.
        account: name of the account.
        reason: why.
        act: who releases it, and when.
    """
    values = {
        "decision_id": decision, "account": account, "released": act.moment,
        "released_by": act.author.name, "reason": reason,
    }  # fmt: skip
    return _add(connection, values, act.moment)


def carry_releases(connection: Connection, before: int, after: int, moment: int) -> None:
    """Keep released accounts free when another decision replaces the one that they left.

    Args:
        connection: a writing connection of the store.
        before: number of the decision that is replaced.
        after: number of the one that takes its place.
        moment: now, microseconds since 1970.
    """
    query = select(RELEASES).where(RELEASES.c.decision_id == before).order_by(RELEASES.c.id)
    for row in connection.execute(query).all():
        values = {**row._asdict(), "decision_id": after}
        del values["id"]
        _add(connection, values, moment)


def release_of(connection: Connection, decision: int, account: str) -> Row[Any] | None:
    """Return the release of an account from a decision, or None if there is none."""
    query = select(RELEASES).where(
        RELEASES.c.decision_id == decision, RELEASES.c.account == account
    )
    return connection.execute(query).first()


def released_accounts(connection: Connection, decision: int) -> frozenset[str]:
    """Return the accounts of a decision that it does not apply to any more."""
    query = select(RELEASES.c.account).where(RELEASES.c.decision_id == decision)
    return frozenset(connection.execute(query).scalars())


def _add(connection: Connection, values: dict[str, Any], moment: int) -> int:
    number = insert_row(connection, RELEASES, values)
    audit.append(connection, RELEASED, {"release": number, **values}, moment)
    return number
