"""Compare the state of each case with its decisions, its appeals, and what the audit log says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from sqlalchemy import Connection

from ringfence.cases.raw_rows import document_in, raw_rows
from ringfence.cases.schema import APPEALS, AUDIT, CASES, DECISIONS
from ringfence.cases.states import MOVES

_AFTER: Final[Mapping[str, str]] = {
    "case opened": "open",
    "case reopened": "open",
    "case dismissed": "dismissed",
    "case allowed": "allowed",
    "decision": "closed",
}
"""The state of a case without a decision in force, by the last of these events. After a decision it
is closed, because the decision has ended."""

_RESTING: Final = {"open", *MOVES["reopen"].before}
"""The states in which no decision is in force."""

_CHANGED: Final = "case changed"
"""The event that states itself in which state the case is. A known decision stays in force."""


def state_faults(connection: Connection) -> Iterator[str]:
    """Yield one sentence for each case whose state is not what follows from everything else.

    Args:
        connection: a connection of the store that can read any text.
    """
    cases = {row.id: row.case_id for row in raw_rows(connection, DECISIONS)}
    force = {row.case_id for row in raw_rows(connection, DECISIONS, DECISIONS.c.ended.is_(None))}
    open_ = APPEALS.c.answered.is_(None)
    appealed = {cases.get(row.decision_id) for row in raw_rows(connection, APPEALS, open_)}
    said = _said(connection)
    for row in raw_rows(connection, CASES):
        if (row.state == "appealed") != (row.id in appealed):
            yield f"case {row.id} is {_shown(row.state)}, which does not agree with its appeals"
        elif row.state != "appealed" and (row.state == "decided") != (row.id in force):
            yield f"case {row.id} is {_shown(row.state)}, which does not agree with its decisions"
        elif row.id not in appealed | force and said.get(row.id, row.state) != row.state:
            yield f"case {row.id} is {_shown(row.state)}, and by the audit log {said[row.id]}"


def _said(connection: Connection) -> dict[Any, str]:
    """Return the state of each case without a decision in force, by the audit log.

    An erased row does not say which case it was about. So no case is compared
    whose last row comes before it.
    """
    said: dict[Any, str] = {}
    events = AUDIT.c.event.in_((*_AFTER, _CHANGED))
    for row in raw_rows(connection, AUDIT, events):
        if row.content is None:
            said.clear()
            continue
        content = document_in(row.content)
        case = content.get("case_id" if row.event == "decision" else "case")
        state = _AFTER.get(row.event) or _resting(content)
        if isinstance(case, int) and state:
            said[case] = state
    return said


def _resting(content: Mapping[str, Any]) -> str:
    """Return the state after a change by a scan; empty for one in which a decision is in force."""
    state = content.get("state")
    return state if isinstance(state, str) and state in _RESTING else ""


def _shown(state: Any) -> str:  # noqa: ANN401 - anything that a column can hold
    return state if isinstance(state, str) else "in an unknown state"
