"""Read and copy the tables that remember accounts, whatever becomes of their cases.

Such a table has one row per account, with the moment of the act that is remembered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sqlalchemy import Column, Connection, Table, insert, select

from ringfence.cases.paging import pages


def remembered(connection: Connection, table: Table, accounts: Iterable[str]) -> frozenset[str]:
    """Return those of some accounts that a table remembers."""
    return frozenset(
        account
        for some in pages(sorted(set(accounts)))
        for account in connection.execute(
            select(table.c.account).where(table.c.account.in_(some))
        ).scalars()
    )


def memory(connection: Connection, moment: Column[int]) -> dict[str, int]:
    """Return all accounts of a table, with the moment that a column has."""
    account = moment.table.c.account
    return {row[0]: row[1] for row in connection.execute(select(account, moment))}


def take_over(
    connection: Connection,
    moment: Column[int],
    known: Mapping[str, int],
    until: int,
    **values: bool,
) -> None:
    """Remember accounts of another store, as far as their moment is not later than another one.

    Args:
        connection: a writing connection of the store.
        moment: the column of the moment.
        known: as :func:`memory` returns them.
        until: microseconds since 1970.
        **values: the other columns.
    """
    had = memory(connection, moment)
    rows = [
        {"account": account, moment.name: then, **values}
        for account, then in known.items()
        if then <= until and account not in had
    ]
    if rows:
        connection.execute(insert(moment.table), rows)
