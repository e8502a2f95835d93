"""Insert a row into a table of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its number."""
    # With the values as parameters, the statement is compiled once per table and not once per row.
    return int(connection.execute(insert(table).returning(table.c.id), dict(values)).scalar_one())
