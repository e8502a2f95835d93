"""The audit log: everything that was done, in order, in a chain of hashes.

A row contains the hash of its content and the hash of the row before it, so no row can be changed,
removed or moved without changing all rows after it. The newest hash is stored apart, and
``ringfence audit head`` prints it to be kept elsewhere: a person who can write to the whole
database could make a new chain.

The hash of a row covers the *hash* of its content, which is salted. So the personal data in a row
can be erased, and the chain can still be verified. Without the salt, the erased content cannot be
guessed from its hash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import Connection, Row, insert, select, type_coerce, update
from sqlalchemy.types import NullType

from ringfence.cases.canonical import canonical
from ringfence.cases.schema import AUDIT, AUDIT_HEAD
from ringfence.errors import CasesError

SALT_BYTES: Final = 32
"""As long as the hash, so that trying all salts takes as long as trying all hashes."""

FIRST_HASH: Final = bytes(32)
"""The hash before the first row."""


LOGIN_KEY: Final = "login"
"""The key of the login in the operating system, in rows about what a person typed."""

_LOGIN: Final = "ringfence_login"
"""Execution option of a connection on which a person acts."""


def name_login(connection: Connection, login: str) -> None:
    """Record a login of the operating system in all rows that are added on this connection.

    A person can give any name as the author. The login says who typed it.
    """
    connection.execution_options(**{_LOGIN: login})


def append(connection: Connection, event: str, content: Mapping[str, Any], time: int) -> int:
    """Add a row, and return its number.

    Args:
        connection: a writing connection of the store.
        event: what was done, such as ``decision``.
        content: everything that is needed to understand it later; JSON values.
        time: when, in microseconds since 1970.

    Raises:
        CasesError: somebody has removed or altered the record of the newest row.
    """
    last = _newest(connection)
    login = connection.get_execution_options().get(_LOGIN)
    content = {**content, LOGIN_KEY: login} if login else content
    number, text, salt = last.number + 1, canonical(content), secrets.token_bytes(SALT_BYTES)
    content_hash = hash_content(text, salt)
    row_hash = hash_row(number, time, event, content_hash, last.hash)
    row = {
        "number": number, "time": time, "event": event, "content": text, "salt": salt,
        "content_hash": content_hash, "hash": row_hash,
    }  # fmt: skip
    connection.execute(insert(AUDIT), row)
    connection.execute(update(AUDIT_HEAD), {"number": number, "hash": row_hash})
    return int(number)


def hash_content(text: str, salt: bytes) -> bytes:
    """Return the salted SHA-256 of a row's content."""
    return hashlib.sha256(salt + text.encode()).digest()


def hash_row(number: int, time: int, event: str, content_hash: bytes, previous: bytes) -> bytes:
    """Return the hash of a row: SHA-256 of its fields and of the hash before it."""
    fields = [number, time, event, content_hash.hex(), bytes(previous).hex()]
    return hashlib.sha256(canonical(fields).encode()).digest()


def head(connection: Connection) -> tuple[int, str]:
    """Return the number and the hash of the newest row; number 0 if nothing was done yet.

    Raises:
        CasesError: somebody has removed or altered the record of them.
    """
    last = _newest(connection)
    return last.number, last.hash.hex()


def _newest(connection: Connection) -> Row[Any]:
    """Return the number and the hash of the newest row.

    Raises:
        CasesError: somebody has removed or altered them.
    """
    with_type = type_coerce(AUDIT_HEAD.c.hash, NullType()).label("hash")
    last = connection.execute(select(AUDIT_HEAD.c.number, with_type)).first()
    if last is None or not isinstance(last.number, int) or not isinstance(last.hash, bytes):
        raise CasesError(
            "the record of the newest audit row is missing or altered",
            hint="see: ringfence audit verify",
        )
    return last
