"""Verify the audit: find rows that were altered, removed or moved, and acts that are not in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, func, select

from ringfence.cases.audit import START, hash_content, hash_row, head
from ringfence.cases.schema import APPEALS, AUDIT, DECISIONS, GRANTS

ERASED: Final = "erased"
"""The event that lists the rows whose content was erased on purpose."""

_ACTS: Final[tuple[tuple[str, str, Table], ...]] = (
    ("decision", "decision", DECISIONS),
    ("appeal received", "appeal", APPEALS),
    ("grant", "grant", GRANTS),
)
"""The events that describe a row of a table: event, key of its number, table."""


def faults(connection: Connection, expected_head: str = "") -> Iterator[str]:
    """Yield one sentence for everything that is wrong with the audit; nothing if it is whole.

    Args:
        connection: a connection of the store.
        expected_head: the hash of a row that was kept elsewhere; it must be in the chain.
    """
    yield from _chain(connection, expected_head.strip().lower())
    for event, key, table in _ACTS:
        yield from _acts(connection, event, key, table)


def _chain(connection: Connection, expected_head: str) -> Iterator[str]:
    previous, number, found = START, 0, not expected_head
    erased = _erased_rows(connection)
    rows = connection.execution_options(yield_per=1_000).execute(
        select(AUDIT).order_by(AUDIT.c.number)
    )
    for row in rows:
        if row.number != number + 1:
            yield f"rows {number + 1} to {row.number - 1} are missing"
        elif row.hash != hash_row(row.number, row.time, row.event, row.content_hash, previous):
            yield f"row {row.number} was altered, or a row before it"
        yield from _content(row, erased)
        previous, number = bytes(row.hash), row.number
        found = found or previous.hex() == expected_head
    last, newest = head(connection)
    if (last, newest) != (number, previous.hex()):
        yield f"the newest row is {number}, and it should be {last}"
    if not found:
        yield "no row has the hash that was kept elsewhere: the chain was made anew"


def _content(row: Row[Any], erased: frozenset[int]) -> Iterator[str]:
    if row.content is None or row.salt is None:
        if row.number not in erased:
            yield f"the content of row {row.number} is missing, and no row says that it was erased"
    elif row.content_hash != hash_content(row.content, bytes(row.salt)):
        yield f"the content of row {row.number} was altered"


def _erased_rows(connection: Connection) -> frozenset[int]:
    query = select(AUDIT.c.content).where(AUDIT.c.event == ERASED, AUDIT.c.content.is_not(None))
    contents = connection.execute(query).scalars()
    return frozenset(number for text in contents for number in json.loads(text)["rows"])


def _acts(connection: Connection, event: str, key: str, table: Table) -> Iterator[str]:
    """Compare the rows of a table with what the audit says of them."""
    said, unknown = {}, 0
    query = select(AUDIT.c.content).where(AUDIT.c.event == event).order_by(AUDIT.c.number)
    for text in connection.execute(query).scalars():
        content = json.loads(text or "{}")
        if key in content:
            said[content.pop(key)] = content
        else:
            # Erased, or altered, which the chain has told.
            unknown += 1
    for row in connection.execute(select(table).order_by(table.c.id)).mappings():
        content = said.pop(row["id"], None)
        if content is None and not unknown:
            yield f"{key} {row['id']} is not in the audit"
        elif content is not None:
            changed = [name for name, value in content.items() if row[name] != value]
            if changed:
                yield f"{key} {row['id']} is not as it was made: {', '.join(changed)}"
    for number in said:
        yield f"{key} {number} is in the audit, and its row is missing"


def count_rows(connection: Connection) -> int:
    """Return the number of rows of the audit."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())
