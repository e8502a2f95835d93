"""Find when and how a decision ended for one account."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from ringfence.cases.decisions import TIME_IS_OVER
from ringfence.cases.outbox import state_of
from ringfence.cases.releases import release_of
from ringfence.cases.schema import RELEASES
from ringfence.errors import CasesError


@dataclass(frozen=True)
class Ending:
    """The end of a decision, as one account sees it.

    Attributes:
        moment: when it ended, microseconds since 1970; None if it applies.
        expired: whether it ended by itself.
        released: whether it ended for this account, and went on for others of its ring.
        other: number of another decision that applies to the account now; None if there is none,
            or the account is not known.
    """

    moment: int | None
    expired: bool = False
    released: bool = False
    other: int | None = None


def ending(connection: Connection, decision: Row[Any], account: str) -> Ending:
    """Return the end of a decision for an account.

    Args:
        connection: a connection of the store.
        decision: the row of the decision.
        account: name of the account; empty for the decision as a whole.

    Raises:
        CasesError: the account was released before this decision, which never applied to it.
    """
    hold = state_of(connection, account) if account else None
    other = hold.decision if hold and hold.decision != decision.id else None
    release = release_of(connection, decision.id, account)
    if release is None:
        return Ending(decision.ended, decision.end_reason == TIME_IS_OVER, other=other)
    first = _first_release(connection, release)
    if first != decision.id:
        raise CasesError(
            f"never applied to {account}, which was released before",
            where=f"decision {decision.id}",
            hint=f"give --decision {first}",
        )
    return Ending(release.released, released=True, other=other)


def _first_release(connection: Connection, release: Row[Any]) -> int:
    """Return the decision that the account was released from, before others replaced it."""
    query = select(func.min(RELEASES.c.decision_id)).where(
        RELEASES.c.account == release.account, RELEASES.c.released == release.released
    )
    return int(connection.execute(query).scalar_one())
