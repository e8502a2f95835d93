"""Insert a row into a table of the store, under a number that no row ever had."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.sql.dml import ReturningInsert

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
    return int(connection.execute(_next_number(table)).scalar_one())


@cache
def _next_number(table: Table) -> ReturningInsert[Any]:
    """Return the statement that counts up, and begins after the rows that are there."""
    first = select(func.coalesce(func.max(table.c.id), 0) + 1).scalar_subquery()
    return (
        sqlite_insert(LAST_NUMBERS)
        .values(name=table.name, number=first)
        .on_conflict_do_update(index_elements=["name"], set_={"number": LAST_NUMBERS.c.number + 1})
        .returning(LAST_NUMBERS.c.number)
    )
