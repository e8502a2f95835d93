"""Insert a row into a table of the store."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Table, insert


def insert_row(connection: Connection, table: Table, values: Mapping[str, Any]) -> int:
    """Insert a row and return its number."""
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())
