"""Accounts about which a person has decided: the policy does not act on them by itself any more.

A person may have freed the account, or have found a week enough. The policy would not know which
part of that holds for the next finding, so it leaves the account to people.

An account comes up again under another name: its own case, a ring, another ring after that one has
split. So it is the account that is remembered, and not the case. It is remembered until the account
is erased, also after the case was pruned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert

from ringfence.cases.account_memory import memory, pages, remembered, take_over
from ringfence.cases.schema import CLEARED
from ringfence.cases.states import Act


def clear_accounts(
    connection: Connection, accounts: Iterable[str], act: Act, *, favour: bool = True
) -> None:
    """Remember that a person has decided about accounts. An act of a program is ignored.

    Args:
        connection: a writing connection of the store.
        accounts: their names.
        act: who decided, and when.
        favour: whether it was in favour of the accounts. An account that a person has suspended
            since is not trusted.
    """
    if act.author.is_machine:
        return
    for some in pages(accounts):
        connection.execute(delete(CLEARED).where(CLEARED.c.account.in_(some)))
        rows = [{"account": account, "cleared": act.moment, "favour": favour} for account in some]
        connection.execute(insert(CLEARED), rows)


def cleared_accounts(connection: Connection, accounts: Sequence[str]) -> frozenset[str]:
    """Return those of some accounts about which a person has ever decided.

    Args:
        connection: of the store.
        accounts: their names.
    """
    return remembered(connection, CLEARED, accounts)


def favours(connection: Connection) -> dict[str, int]:
    """Return every account about which a person has decided, with the moment of the last time."""
    return memory(connection, CLEARED.c.cleared)


def remember_favours(connection: Connection, known: Mapping[str, int], moment: int) -> None:
    """Remember the favours of another store, as far as they were granted by a moment.

    Args:
        connection: a writing connection of the store.
        known: as :func:`favours` returns them.
        moment: microseconds since 1970.
    """
    take_over(connection, CLEARED.c.cleared, known, moment, favour=True)
