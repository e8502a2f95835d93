"""Erase the content of audit rows, and say so in a new row.

The row ``erased`` lists the numbers of the rows, and the acts whose descriptions were in them:

- *removed* acts: their rows in the tables are gone.
- *edited* acts: their rows stay, and something in them was erased.

So the check of the audit log tells what was erased on purpose from what is missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from sqlalchemy import Connection, update

from ringfence.cases import audit
from ringfence.cases.paging import pages
from ringfence.cases.schema import AUDIT
from ringfence.cases.states import Act

ERASED: Final = "erased"
"""The event that lists the rows whose content was erased on purpose."""

ACT_KEYS: Final = {
    "decision": "decision",
    "appeal received": "appeal",
    "account released": "release",
    "grant": "grant",
}
"""The events that describe a row of a table, and the key of its number."""


@dataclass(frozen=True)
class ErasedRows:
    """Everything that one erasure takes out of the store.

    Attributes:
        rows: numbers of the audit rows whose content is erased.
        removed: numbers of the acts whose rows are gone, by key: ``decision``, ``appeal``,
            ``release``, ``grant`` or ``case``.
        edited: numbers of the acts whose rows stay without what was erased, by key.
    """

    rows: Sequence[int] = ()
    removed: Mapping[str, Sequence[int]] = field(default_factory=dict)
    edited: Mapping[str, Sequence[int]] = field(default_factory=dict)


def erase_contents(connection: Connection, erased: ErasedRows, reason: str, act: Act) -> int:
    """Erase content and salt of audit rows, add the row that says so, and return its number.

    Args:
        connection: a writing connection of the store.
        erased: what is erased, or was just now.
        reason: why. It stays, so it must not name the account.
        act: who erases, and when.
    """
    for numbers in pages(erased.rows):
        some = AUDIT.c.number.in_(numbers)
        connection.execute(update(AUDIT).where(some).values(content=None, salt=None))
    content = {
        "rows": list(erased.rows),
        "removed": {key: list(numbers) for key, numbers in erased.removed.items() if numbers},
        "edited": {key: list(numbers) for key, numbers in erased.edited.items() if numbers},
        "reason": reason,
        "author": act.author.name,
    }
    return audit.append(connection, ERASED, content, act.moment)
