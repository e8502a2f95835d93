"""The id of a store: a number that no other store has, and that nobody can guess.

Exports derive the ids of their documents from it, so that a case has the same id in every export
and two stores never give the same id. It is taken from the audit, which is never shortened. The
first hash contains 32 random bytes, and it stays if the content of its row is erased.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection, select

from ringfence.cases.audit import FIRST_HASH
from ringfence.cases.schema import AUDIT


def store_id(connection: Connection) -> UUID:
    """Return the id of a store. It is made with the first case, and all zeros before."""
    query = select(AUDIT.c.hash).order_by(AUDIT.c.number).limit(1)
    first = connection.execute(query).scalar()
    return UUID(bytes=bytes(first or FIRST_HASH)[:16])
