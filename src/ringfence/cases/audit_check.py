"""Verify the audit: find rows that were altered, removed or moved, and acts that are not in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, func, select

from ringfence.cases.audit import FIRST_HASH, hash_content, hash_row, head
from ringfence.cases.audit_erasing import ERASED
from ringfence.cases.releases import RELEASED
from ringfence.cases.schema import APPEALS, AUDIT, DECISIONS, GRANTS, RELEASES

_ACTS: Final[tuple[tuple[str, str, Table], ...]] = (
    ("decision", "decision", DECISIONS),
    ("appeal received", "appeal", APPEALS),
    (RELEASED, "release", RELEASES),
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
    previous, number, found = FIRST_HASH, 0, not expected_head
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
        yield "no row has the hash given with --head: the chain was rebuilt, or the hash is of another store"


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
    """Compare the rows of a table with the audit."""
    said, edited = _described(connection, event, key)
    for row in connection.execute(select(table).order_by(table.c.id)).mappings():
        content = said.pop(row["id"], None)
        if content is None and row["id"] not in edited:
            yield f"{key} {row['id']} is not in the audit"
        elif content is not None:
            changed = [name for name, value in content.items() if row[name] != value]
            if changed:
                yield f"{key} {row['id']} is not as it was made: {', '.join(changed)}"
    for number in said:
        yield f"{key} {number} is in the audit, and its row is missing"


def _described(
    connection: Connection, event: str, key: str
) -> tuple[dict[int, dict[str, Any]], set[int]]:
    """Return what the audit says about each act, and the acts whose description was erased.

    Rows are read in their order: a number that was erased can be given again.
    """
    said: dict[int, dict[str, Any]] = {}
    edited: set[int] = set()
    events = AUDIT.c.event.in_((event, ERASED))
    query = select(AUDIT.c.event, AUDIT.c.content).where(events, AUDIT.c.content.is_not(None))
    for name, text in connection.execute(query.order_by(AUDIT.c.number)):
        content = json.loads(text)
        if name == ERASED:
            gone, stays = (content.get(one, {}).get(key, ()) for one in ("removed", "edited"))
            for number in (*gone, *stays):
                said.pop(number, None)
            edited = (edited - set(gone)) | set(stays)
        elif key in content:
            # Without the key it was altered, which the chain has told.
            said[content.pop(key)] = content
    return said, edited


def count_rows(connection: Connection) -> int:
    """Return the number of rows of the audit."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())
