"""Accounts that are left to people, because a person has decided about them.

A person may have freed the account, or have found a week enough. The policy would not know which
part of that holds for the next finding, so it does not act on the account by itself any more.

An account comes up again under another name: its own case, a ring, another ring after that one has
split. So it is the account that is remembered, and not the case. It is remembered until the account
is erased, also after the case was pruned.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from ringfence.cases.account_memory import memory, remembered, take_over
from ringfence.cases.paging import pages
from ringfence.cases.schema import CLEARED
from ringfence.cases.states import Act


def leave_to_people(
    connection: Connection, accounts: Iterable[str], act: Act, *, favour: bool | None = True
) -> None:
    """Remember that a person has decided about accounts. An act of a program is ignored.

    Args:
        connection: a writing connection of the store.
        accounts: their names.
        act: who decided, and when.
        favour: whether it was in favour of the accounts. An account that a person has suspended
            since is not trusted. None if the act changed nothing for them: an earlier favour stays.
    """
    if act.author.is_machine:
        return
    for some in pages(sorted(set(accounts))):
        here = CLEARED.c.account.in_(some)
        in_favour = select(CLEARED.c.account).where(here, CLEARED.c.favour)
        before = set(connection.execute(in_favour).scalars())
        connection.execute(delete(CLEARED).where(here))
        rows = [
            {
                "account": account,
                "cleared": act.moment,
                "favour": account in before if favour is None else favour,
            }
            for account in some
        ]
        connection.execute(insert(CLEARED), rows)


def left_to_people(connection: Connection, accounts: Sequence[str]) -> frozenset[str]:
    """Return those of some accounts about which a person has ever decided.

    Args:
        connection: of the store.
        accounts: their names.
    """
    return remembered(connection, CLEARED, accounts)


def moments_left_to_people(connection: Connection) -> dict[str, int]:
    """Return every account about which a person has decided, with the moment of the last time."""
    return memory(connection, CLEARED.c.cleared)


def copy_left_to_people(connection: Connection, known: Mapping[str, int], moment: int) -> None:
    """Remember the accounts of another store, as far as a person had decided by a moment.

    Args:
        connection: a writing connection of the store.
        known: as :func:`moments_left_to_people` returns them.
        moment: microseconds since 1970.
    """
    take_over(connection, CLEARED.c.cleared, known, moment, favour=True)
