"""Insert a row into a table of the store, under a number that no row ever had."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, delete, func, insert, select

from ringfence.cases.schema import LAST_NUMBERS


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its number.

    Letters and reviewers refer to the number, so it must not become that of another row after the
    row was erased. PostgreSQL sees to it, SQLite does not.

    Args:
        connection: a writing connection of the store.
        table: a table whose rows have numbers.
        values: all other columns.
    """
    row = dict(values)
    if connection.dialect.name == "sqlite":
        row["id"] = _new_number(connection, table)
    # With the values as parameters, the statement is compiled once per table and not once per row.
    return int(connection.execute(insert(table).returning(table.c.id), row).scalar_one())


def _new_number(connection: Connection, table: Table) -> int:
    mine = LAST_NUMBERS.c.name == table.name
    given = connection.execute(select(LAST_NUMBERS.c.number).where(mine)).scalar() or 0
    newest = connection.execute(select(func.max(table.c.id))).scalar() or 0
    number = max(given, newest) + 1
    connection.execute(delete(LAST_NUMBERS).where(mine))
    connection.execute(insert(LAST_NUMBERS), {"name": table.name, "number": number})
    return number
