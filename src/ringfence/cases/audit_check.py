"""Verify the audit log: find rows that were altered, removed or moved, and acts that are not in it.

The rows may hold anything, because somebody has written to the tables past the program. So a row
that cannot be read is a fault as well, and not the end of the check.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Row, func, select

from ringfence.cases.audit import FIRST_HASH, hash_content, hash_row
from ringfence.cases.audit_acts import act_faults
from ringfence.cases.audit_erasing import ERASED
from ringfence.cases.raw_rows import document_in, raw_rows, with_any_text
from ringfence.cases.schema import AUDIT, AUDIT_HEAD

_UNREADABLE: Final = (TypeError, ValueError, AttributeError)
"""The errors of hashing values of other types than the program writes."""


def faults(connection: Connection, expected_head: str = "") -> Iterator[str]:
    """Yield one sentence for everything that is wrong with the audit log; nothing if it is whole.

    Args:
        connection: a connection of the store.
        expected_head: the hash of a row that was kept elsewhere; it must be in the chain.
    """
    with with_any_text(connection):
        yield from _chain(connection, expected_head.strip().lower())
        yield from act_faults(connection)


def _chain(connection: Connection, expected_head: str) -> Iterator[str]:
    previous, number, found = FIRST_HASH, 0, not expected_head
    erased = _erased_rows(connection)
    for row in raw_rows(connection, AUDIT):
        if row.number != number + 1:
            yield f"rows {number + 1} to {row.number - 1} are missing"
        elif row.hash != _hash_of(row, previous):
            yield f"row {row.number} was altered, or a row before it"
        yield from _content(row, erased)
        previous = row.hash if isinstance(row.hash, bytes) else FIRST_HASH
        number = row.number
        found = found or previous.hex() == expected_head
    yield from _head(connection, number, previous)
    if not found:
        yield (
            "no row has the hash given with --head: the chain was rebuilt, or the hash is of "
            "another store"
        )


def _head(connection: Connection, number: int, newest: bytes) -> Iterator[str]:
    """Compare the last row with the record of it."""
    last = next(iter(list(raw_rows(connection, AUDIT_HEAD))), None)
    if last is None:
        yield f"the newest row is {number}, and the record of the newest row is missing"
    elif (last.number, last.hash) != (number, newest):
        yield f"the newest row is {number}, and the record of the newest row differs"


def _hash_of(row: Row[Any], previous: bytes) -> bytes | None:
    try:
        return hash_row(row.number, row.time, row.event, row.content_hash, previous)
    except _UNREADABLE:
        return None


def _content(row: Row[Any], erased: frozenset[int]) -> Iterator[str]:
    if row.content is None or row.salt is None:
        if row.number not in erased:
            yield f"the content of row {row.number} is missing, and no row says that it was erased"
    elif row.content_hash != _hash_of_content(row):
        yield f"the content of row {row.number} was altered"


def _hash_of_content(row: Row[Any]) -> bytes | None:
    try:
        return hash_content(row.content, row.salt)
    except _UNREADABLE:
        return None


def _erased_rows(connection: Connection) -> frozenset[int]:
    numbers: set[int] = set()
    for row in raw_rows(connection, AUDIT, AUDIT.c.event == ERASED):
        listed = document_in(row.content).get("rows")
        numbers.update(one for one in _items(listed) if isinstance(one, int))
    return frozenset(numbers)


def _items(value: Any) -> list[Any]:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, list) else []


def count_rows(connection: Connection) -> int:
    """Return the number of rows of the audit log."""
    return int(connection.execute(select(func.count()).select_from(AUDIT)).scalar_one())
