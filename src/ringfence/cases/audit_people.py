"""Find accounts about which a person has decided, and which nobody remembers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import Connection, Table, or_

from ringfence.cases.raw_rows import document_in, raw_rows
from ringfence.cases.schema import APPEALS, CASES, CLEARED, DECISIONS, GRANTS, RELEASES
from ringfence.cases.states import POLICY, SCAN

_PROGRAMS: Final = (POLICY.name, SCAN.name)

_BY_A_PERSON: Final = or_(
    DECISIONS.c.decided_by_machine.is_(False), DECISIONS.c.ended_by.not_in(_PROGRAMS)
)
"""The decisions that a person has made or ended."""


def people_faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence if accounts are missing from those that are left to people.

    An account that was added to them is not found: its acts may have been pruned.

    Args:
        connection: a connection of the store that can read any text.
    """
    known = {row.account for row in raw_rows(connection, CLEARED)}
    missing = {one for one in _decided_about(connection) if one not in known}
    if missing:
        yield f"a person has decided about {len(missing):,} accounts that are not remembered"


def _decided_about(connection: Connection) -> Iterator[Any]:
    answered = APPEALS.c.answered.is_not(None)
    conditions: dict[Table, tuple[Any, ...]] = {RELEASES: (), GRANTS: (), APPEALS: (answered,)}
    for table, where in conditions.items():
        # An appeal of an earlier version has no account, and its decision is one of those below.
        yield from (row.account for row in raw_rows(connection, table, *where) if row.account)
    for row in raw_rows(connection, DECISIONS, _BY_A_PERSON):
        yield from _accounts(row.facts)
    for row in raw_rows(connection, CASES, CASES.c.state == "dismissed"):
        yield from _accounts(row.baseline)


def _accounts(text: Any) -> list[str]:  # noqa: ANN401 - anything that a column can hold
    listed = document_in(text).get("accounts")
    accounts = listed if isinstance(listed, list) else []
    return [one for one in accounts if isinstance(one, str)]
