"""The reason of a decision about a login that may be stolen: its owner has done nothing wrong."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection, select

from ringfence.cases.schema import DECISIONS, MEMBERS

_MARK: Final = "The login may be stolen."

STOLEN: Final = f"{_MARK} Reset the credentials and contact the owner."
"""The reason of a challenge in place of a sanction."""

_AT_ONCE: Final = 500
"""Accounts that one statement asks for. SQLite allows 32,766 values, older versions 999."""


def is_stolen_login(reason: str) -> bool:
    """Return whether the reason of a decision begins with the sentence that a login may be stolen.

    The policy writes this sentence. A reviewer who agrees begins the reason with it as well.
    """
    return reason.casefold().startswith(_MARK.casefold())


def stolen_logins(connection: Connection, accounts: Sequence[str]) -> frozenset[str]:
    """Return the accounts with a case whose last decision says that the login may be stolen.

    The signs of a theft fade when the thief has gone. The decision stays, also one that has ended
    or was made in shadow mode, until another one follows.

    Args:
        connection: of the store.
        accounts: their names.
    """
    last: dict[tuple[int, str], str] = {}
    for start in range(0, len(accounts), _AT_ONCE):
        rows = connection.execute(
            select(MEMBERS.c.case_id, MEMBERS.c.account, DECISIONS.c.reason)
            .join(DECISIONS, DECISIONS.c.case_id == MEMBERS.c.case_id)
            .where(MEMBERS.c.account.in_(accounts[start : start + _AT_ONCE]))
            .order_by(DECISIONS.c.id)
        )
        last |= {(row.case_id, row.account): row.reason for row in rows}
    return frozenset(account for (_, account), reason in last.items() if is_stolen_login(reason))
