"""The reason of a decision about a login that may be stolen: its owner has done nothing wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, delete, insert

from ringfence.cases.account_memory import memory, remembered, take_over
from ringfence.cases.paging import pages
from ringfence.cases.schema import STOLEN_LOGINS
from ringfence.cases.states import Act

_MARK: Final = "The login may be stolen."

STOLEN: Final = f"{_MARK} Reset the credentials and contact the owner."
"""The reason of a challenge in place of a sanction."""


def is_stolen_login(reason: str) -> bool:
    """Return whether the reason of a decision begins with the sentence that a login may be stolen.

    The policy writes this sentence. A reviewer who agrees begins the reason with it as well.
    """
    return reason.casefold().startswith(_MARK.casefold())


def remember_theft(
    connection: Connection, accounts: Iterable[str], reason: str, act: Act, *, trial: bool = False
) -> None:
    """Remember the accounts of a decision whose logins may be stolen.

    The signs of a theft fade when the thief has gone, and its case may be pruned. The account is
    remembered until a person decides about it for another reason, or it is erased.

    Args:
        connection: a writing connection of the store.
        accounts: names of the accounts of the decision.
        reason: of the decision.
        act: who decided, and when.
        trial: whether the decision ends no memory: it is in shadow mode, or about a group.
    """
    stolen = is_stolen_login(reason)
    if not stolen and (act.author.is_machine or trial):
        return
    for some in pages(sorted(set(accounts))):
        connection.execute(delete(STOLEN_LOGINS).where(STOLEN_LOGINS.c.account.in_(some)))
        if stolen:
            rows = [{"account": account, "marked": act.moment} for account in some]
            connection.execute(insert(STOLEN_LOGINS), rows)


def thefts(connection: Connection) -> dict[str, int]:
    """Return all accounts whose logins may be stolen, with the moment of the decision."""
    return memory(connection, STOLEN_LOGINS.c.marked)


def remember_thefts(connection: Connection, known: Mapping[str, int], moment: int) -> None:
    """Remember the stolen logins of another store, as far as they were decided by a moment.

    Args:
        connection: a writing connection of the store.
        known: as :func:`thefts` returns them.
        moment: microseconds since 1970.
    """
    take_over(connection, STOLEN_LOGINS.c.marked, known, moment)


def stolen_logins(connection: Connection, accounts: Sequence[str]) -> frozenset[str]:
    """Return those of some accounts that are remembered because their logins may be stolen.

    Args:
        connection: of the store.
        accounts: their names.
    """
    return remembered(connection, STOLEN_LOGINS, accounts)
