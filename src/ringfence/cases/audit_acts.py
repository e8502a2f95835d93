"""Compare the tables of the store with the acts that the audit log describes.

A decision, an appeal, a release and a grant each have an event that describes how the row was made.
All but a release have one that describes its end. The accounts that a decision holds and the state
of its case follow from it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Connection, Row, Table, func, select

from ringfence.cases.audit import LOGIN_KEY
from ringfence.cases.audit_erasing import ERASED
from ringfence.cases.audit_people import people_faults
from ringfence.cases.audit_states import state_faults
from ringfence.cases.effects import STRENGTH
from ringfence.cases.raw_rows import document_in, raw_rows
from ringfence.cases.releases import RELEASED
from ringfence.cases.schema import (
    APPEALS,
    AUDIT,
    DECISIONS,
    EFFECTS,
    GRANTS,
    RELEASES,
)

_Contents = dict[int, dict[str, Any]]
"""The content of an audit row by the number of the act that it describes."""


@dataclass(frozen=True)
class _Kind:
    """One kind of act: its table, the events about it, and the columns that its end writes."""

    key: str
    table: Table
    made: str
    ended: str
    end: tuple[str, ...]
    """A release has no end."""


_KINDS: Final = (
    _Kind("decision", DECISIONS, "decision", "decision ended", ("ended", "ended_by", "end_reason")),
    _Kind(
        "appeal", APPEALS, "appeal received", "appeal answered",
        ("answered", "answered_by", "outcome", "answer"),
    ),
    _Kind("release", RELEASES, RELEASED, "", ()),
    _Kind("grant", GRANTS, "grant", "grant ended", ("ended", "ended_by")),
)  # fmt: skip


def act_faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each row that is not as the audit log says.

    Args:
        connection: a connection of the store that can read any text.
    """
    for kind in _KINDS:
        yield from _made(connection, kind)
        yield from _ended(connection, kind)
    yield from _effects(connection)
    yield from state_faults(connection)
    yield from people_faults(connection)


def _made(connection: Connection, kind: _Kind) -> Iterator[str]:
    """Compare rows with how they were made."""
    said, edited = _described(connection, kind, kind.made)
    for row in raw_rows(connection, kind.table):
        content = said.pop(row.id, None)
        if content is None and row.id not in edited:
            yield f"{kind.key} {row.id} is not in the audit log"
        elif content is not None and (changed := _differences(row, content)):
            yield f"{kind.key} {row.id} is not as it was made: {', '.join(changed)}"
    for number in said:
        yield f"{kind.key} {number} is in the audit log, and its row is missing"


def _ended(connection: Connection, kind: _Kind) -> Iterator[str]:
    """Compare the ends of rows with what the audit log says about them.

    An erased audit row does not say which act it was about. So as many ends may lack a description
    as there are erased ones.
    """
    said, _ = _described(connection, kind, kind.ended)
    erased = select(func.count()).where(AUDIT.c.event == kind.ended, AUDIT.c.content.is_(None))
    spare = connection.execute(erased).scalar_one()
    nothing = dict.fromkeys(kind.end)
    for row in raw_rows(connection, kind.table):
        content = said.get(row.id)
        changed = _differences(row, nothing if content is None else content, kind.end)
        if changed and content is None and spare:
            spare -= 1
        elif changed:
            columns = ", ".join(changed)
            yield f"the end of {kind.key} {row.id} is not as the audit log says: {columns}"


def _differences(
    row: Row[Any], content: Mapping[str, Any], names: tuple[str, ...] = ()
) -> list[str]:
    """Return the columns whose values are not those of a content."""
    values = row._mapping  # noqa: SLF001 - the public way to read columns by name
    known = [name for name in names or sorted(content) if name in content]
    return [name for name in known if name not in values or values[name] != content[name]]


def _described(connection: Connection, kind: _Kind, event: str) -> tuple[_Contents, set[int]]:
    """Return what events say about each act, and the acts whose making was erased.

    Rows are read in their order: a number that was erased can be given again.
    """
    said: _Contents = {}
    edited: set[int] = set()
    events = AUDIT.c.event.in_((event, ERASED))
    for row in raw_rows(connection, AUDIT, events):
        content = document_in(row.content)
        if row.event == ERASED:
            gone, stays = (_numbers(content.get(one), kind.key) for one in ("removed", "edited"))
            for number in gone | (stays if event == kind.made else set()):
                said.pop(number, None)
            edited = (edited - gone) | stays
        elif isinstance(number := content.pop(kind.key, None), int):
            # Without the number it was altered, which the chain has told.
            content.pop(LOGIN_KEY, None)
            said[number] = content
    return said, edited


def _numbers(listed: Any, key: str) -> set[int]:  # noqa: ANN401 - any JSON value
    """Return the numbers that an erasure lists under a key."""
    numbers = listed.get(key) if isinstance(listed, dict) else None
    return {one for one in numbers if isinstance(one, int)} if isinstance(numbers, list) else set()


def _effects(connection: Connection) -> Iterator[str]:
    """Compare the accounts that decisions hold with the decisions in force."""
    held: dict[Any, set[tuple[Any, ...]]] = {}
    for row in raw_rows(connection, EFFECTS):
        held.setdefault(row.decision_id, set()).add((row.account, row.effect, row.until))
    released: dict[Any, set[Any]] = {}
    for row in raw_rows(connection, RELEASES):
        released.setdefault(row.decision_id, set()).add(row.account)
    for row in raw_rows(connection, DECISIONS, DECISIONS.c.ended.is_(None)):
        free = released.get(row.id, set())
        wanted = {one for one in _holds_of(row) if one[0] not in free}
        found = held.pop(row.id, set())
        if number := len({one[0] for one in wanted ^ found}):
            yield f"decision {row.id} is in force, and its effect on {number:,} accounts is altered"
    for decision, rows in held.items():
        yield f"decision {decision} is not in force, and it holds {len(rows):,} accounts"


def _holds_of(decision: Row[Any]) -> set[tuple[Any, ...]]:
    """Return the accounts that a decision in force holds, with its effect and its end."""
    if decision.shadow or decision.action not in STRENGTH:
        return set()
    accounts = document_in(decision.facts).get("accounts")
    listed = accounts if isinstance(accounts, list) else []
    return {(one, decision.action, decision.until) for one in listed if isinstance(one, str)}
