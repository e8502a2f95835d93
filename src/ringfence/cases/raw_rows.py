"""Read rows of the store as they are, also those that somebody wrote past the program.

SQLite keeps a value of any type in any column. So these rows are not converted, and their texts may
not be UTF-8.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, Table, select, type_coerce
from sqlalchemy.types import NullType

_AT_ONCE: Final = 1_000
"""Rows that are in memory at the same time."""


def raw_rows(
    connection: Connection, table: Table, condition: ColumnElement[bool] | None = None
) -> Iterator[Row[Any]]:
    """Yield the rows of a table in the order of their keys, with values as the driver has them.

    Args:
        connection: a connection of the store.
        table: the table.
        condition: if given, only the rows that meet it.
    """
    columns: list[Any] = [type_coerce(column, NullType()).label(column.name) for column in table.c]
    query = select(*columns).order_by(*table.primary_key.columns)
    if condition is not None:
        query = query.where(condition)
    # An option of the query: one of the connection would stay with it.
    with connection.execute(query.execution_options(yield_per=_AT_ONCE)) as rows:
        yield from rows


@contextmanager
def with_any_text(connection: Connection) -> Iterator[None]:
    """Let SQLite return texts that are not UTF-8, with lone surrogates for their bytes."""
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    before = raw.text_factory
    raw.text_factory = lambda text: text.decode(errors="surrogateescape")
    try:
        yield
    finally:
        raw.text_factory = before


def document_in(text: Any) -> dict[str, Any]:  # noqa: ANN401 - anything that a column can hold
    """Return the JSON object that a text is; an empty one if it is none."""
    if not isinstance(text, str):
        return {}
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return document if isinstance(document, dict) else {}
