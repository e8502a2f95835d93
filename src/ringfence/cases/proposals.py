"""Proposals of the policy: what it would do about a case, if a person agrees.

A case has one proposal at most. It holds for one version of the case: when somebody decides, or the
case changes, it is no longer shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from ringfence.cases import audit
from ringfence.cases.schema import CASES, METADATA

PROPOSALS: Final = Table(
    "proposals",
    METADATA,
    Column("case_id", ForeignKey("cases.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, nullable=False),
    Column("action", String(16), nullable=False),
    Column("reason", Text, nullable=False),
    Column("ground", Text, nullable=False),
    Column("days", Float, nullable=False),
    Column("rule", Integer, nullable=False),
    Column("why", Text, nullable=False),
    Column("made", BigInteger, nullable=False),
)
"""The action that the policy proposes about a case, and why a person must decide."""

_AUDITED: Final = ("action", "rule")
"""A proposal is a new one if one of these has changed. Its reason has new numbers every day."""


def propose_to_reviewer(
    connection: Connection, case: int, values: Mapping[str, Any], time: int
) -> None:
    """Record what the policy proposes about a case, in place of its last proposal.

    Args:
        connection: a writing connection of the store.
        case: number of the case.
        values: the columns ``version``, ``action``, ``reason``, ``ground``, ``days``, ``rule`` and
            ``why``.
        time: when, microseconds since 1970.
    """
    query = select(PROPOSALS).where(PROPOSALS.c.case_id == case)
    before = connection.execute(query).mappings().first()
    columns = {**values, "made": time}
    if before is None:
        connection.execute(insert(PROPOSALS).values(case_id=case, **columns))
    else:
        connection.execute(update(PROPOSALS).where(PROPOSALS.c.case_id == case).values(**columns))
    if before is None or any(before[name] != values[name] for name in _AUDITED):
        audit.append(connection, "proposal", {"case": case, **values}, time)


def withdraw_proposal(connection: Connection, case: int) -> None:
    """Remove the proposal about a case, if there is one."""
    connection.execute(delete(PROPOSALS).where(PROPOSALS.c.case_id == case))


def proposal_of(connection: Connection, case: int) -> Row[Any] | None:
    """Return what the policy proposes about a case as it is now; None if it proposes nothing."""
    query = (
        select(PROPOSALS)
        .join(CASES, CASES.c.id == PROPOSALS.c.case_id)
        .where(PROPOSALS.c.case_id == case, PROPOSALS.c.version == CASES.c.version)
    )
    return connection.execute(query).first()
