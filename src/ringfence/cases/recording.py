"""Record the findings of a scan: open cases, join known ones, and say what is new.

A finding about an account joins the case of this account. A finding about a ring joins the case
with which it shares most accounts, because the id of a ring is only kept in a ledger.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Connection, Row, delete, insert, select, update

from ringfence.cases import audit
from ringfence.cases.canonical import canonical
from ringfence.cases.growth import (
    Snapshot,
    news,
    snapshot,
    snapshot_from_json,
    snapshot_to_json,
)
from ringfence.cases.moments import to_moment, to_time
from ringfence.cases.paging import pages
from ringfence.cases.rows import insert_row
from ringfence.cases.schema import CASES, DECISIONS, EFFECTS, MEMBERS
from ringfence.cases.states import SCAN, next_state
from ringfence.model.case_status import CaseState, CaseStatus
from ringfence.model.finding import Finding
from ringfence.model.records import finding_from_json, finding_to_json

SHARED_MEMBERS: Final = 0.5
"""A ring is known if this share of the smaller one of both sets of members is in both."""

MATERIAL_GROWTH: Final = 1.5
"""A case has a new version if its number of items has grown by this factor."""


def record(
    connection: Connection, findings: Sequence[Finding], moment: int, report: str = ""
) -> tuple[CaseStatus, ...]:
    """Record findings, and return what is known about each, in their order.

    Args:
        connection: a writing connection of the store.
        findings: of one scan; each is about another account or ring.
        moment: time of the scan, microseconds since 1970.
        report: where the scan's report is, for the facts of later decisions.
    """
    known = _known_cases(connection, findings)
    settled = [
        _settled_part(connection, finding, moment) if case is None else None
        for finding, case in zip(findings, known, strict=True)
    ]
    return tuple(
        _open(connection, finding, moment, report, part_of)
        if case is None
        else _join(connection, case, finding, moment, report)
        for finding, case, part_of in zip(findings, known, settled, strict=True)
    )


def without_case(connection: Connection, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return the findings about which there is no case yet, in whatever state."""
    known = _known_cases(connection, findings)
    return tuple(one for one, case in zip(findings, known, strict=True) if case is None)


def findings_about(connection: Connection, accounts: Sequence[str]) -> dict[str, Finding]:
    """Return the last finding about each of some accounts that has a case of its own.

    Args:
        connection: of the store.
        accounts: their names.
    """
    found: dict[str, Finding] = {}
    for some in pages(accounts):
        listed = CASES.c.subject.in_(some)
        query = select(CASES.c.subject, CASES.c.finding).where(CASES.c.kind == "account", listed)
        for row in connection.execute(query):
            found[row.subject] = finding_from_json(row.finding)
    return found


def current_states(
    connection: Connection, statuses: Sequence[CaseStatus]
) -> tuple[CaseStatus, ...]:
    """Return the same statuses with the states that the cases have now."""
    states: dict[int, CaseState] = {}
    numbers = [status.case for status in statuses]
    for some in pages(numbers):
        query = select(CASES.c.id, CASES.c.state).where(CASES.c.id.in_(some))
        rows = connection.execute(query)
        states |= {row.id: row.state for row in rows}
    return tuple(replace(status, state=states[status.case]) for status in statuses)


def _known_cases(connection: Connection, findings: Sequence[Finding]) -> list[Row[Any] | None]:
    """Return the case of each finding, or None. No case is joined by two findings."""
    accounts = {case.subject: case for case in _account_cases(connection, findings)}
    rings = _ring_cases(connection, findings)
    return [
        accounts.get(one.id) if one.kind == "account" else rings.get(number)
        for number, one in enumerate(findings)
    ]


def _account_cases(connection: Connection, findings: Sequence[Finding]) -> Iterator[Row[Any]]:
    subjects = [finding.id for finding in findings if finding.kind == "account"]
    for some in pages(subjects):
        listed = CASES.c.subject.in_(some)
        yield from connection.execute(select(CASES).where(CASES.c.kind == "account", listed))


def _ring_cases(connection: Connection, findings: Sequence[Finding]) -> dict[int, Row[Any]]:
    """Return the case of each ring by its place among the findings: most shared members first."""
    pairs = []
    for number, finding in enumerate(findings):
        if finding.kind == "ring":
            members = set(finding.accounts)
            for case in _overlapping_rings(connection, sorted(members)):
                shared = len(members & _members(connection, case.id))
                if shared >= SHARED_MEMBERS * min(len(members), case.accounts):
                    pairs.append((-shared, case.id, number, case))
    joined: dict[int, Row[Any]] = {}
    taken: set[int] = set()
    for _, identity, number, case in sorted(pairs, key=lambda pair: pair[:3]):
        if number not in joined and identity not in taken:
            joined[number] = case
            taken.add(identity)
    return joined


def _overlapping_rings(connection: Connection, members: Sequence[str]) -> Iterator[Row[Any]]:
    found: dict[int, Row[Any]] = {}
    for some in pages(members):
        listed = MEMBERS.c.account.in_(some)
        query = select(CASES).join(MEMBERS).where(CASES.c.kind == "ring", listed).distinct()
        found |= {case.id: case for case in connection.execute(query)}
    yield from found.values()


def _members(connection: Connection, case: int) -> set[str]:
    query = select(MEMBERS.c.account).where(MEMBERS.c.case_id == case)
    return set(connection.execute(query).scalars())


def _settled_part(connection: Connection, finding: Finding, moment: int) -> Row[Any] | None:
    """Return the dismissed or allowed case of a ring of which a finding is a part.

    None if there is no such case, or if there is something new about the part.
    """
    if finding.kind != "ring":
        return None
    members = set(finding.accounts)
    found = _snapshot(finding, moment)
    for case in _overlapping_rings(connection, sorted(members)):
        before = snapshot_from_json(case.baseline)
        settled = case.state in {"dismissed", "allowed"} and members <= before.accounts
        if settled and not news(case.state, before, found, frozenset()):
            return case
    return None


def _open(
    connection: Connection,
    finding: Finding,
    moment: int,
    report: str,
    part_of: Row[Any] | None,
) -> CaseStatus:
    """Open a case, and return it as new, unless a person has settled it as a part of a ring."""
    found = _snapshot(finding, moment)
    values = {
        "kind": finding.kind, "subject": finding.id, "state": "open", "version": 1,
        "opened": moment, "changed": moment, "baseline": snapshot_to_json(found),
        **_of_finding(finding, found, report),
    }  # fmt: skip
    case = insert_row(connection, CASES, values)
    _write_members(connection, case, finding)
    content = {
        "case": case,
        "kind": finding.kind,
        "subject": finding.id,
        "verdict": finding.verdict,
    }
    audit.append(connection, "case opened", content, moment)
    if part_of is not None:
        return CaseStatus(case, "known", to_time(part_of.opened), "open", "")
    return CaseStatus(case, "new", to_time(moment), "open", "")


def _join(
    connection: Connection, case: Row[Any], finding: Finding, moment: int, report: str
) -> CaseStatus:
    """Update the case with what a scan says now, and return what is new about it."""
    found = _snapshot(finding, moment)
    before = snapshot_from_json(case.baseline)
    why = news(case.state, before, found, _suspended(connection, case.id))
    values = _of_finding(finding, found, report)
    state = case.state
    if why:
        if state in {"dismissed", "allowed", "closed"}:
            state = next_state(case.id, state, "reopen", SCAN)
        # The next scan compares with this one, so that nothing is said twice.
        values |= {"changed": moment, "baseline": snapshot_to_json(found), "state": state}
        values |= {"version": case.version + 1}
        content = {"case": case.id, "before": case.state, "state": state, "why": why}
        audit.append(connection, "case changed", content, moment)
    elif other := _other_content(connection, case, finding, before):
        # A person who looked at the case before has not seen this, although it opens nothing.
        values |= {"version": case.version + 1}
        audit.append(connection, "case updated", {"case": case.id, "why": other}, moment)
    connection.execute(update(CASES).where(CASES.c.id == case.id).values(values))
    _write_members(connection, case.id, finding)
    return CaseStatus(case.id, "changed" if why else "known", to_time(case.opened), state, why)


def _other_content(
    connection: Connection, case: Row[Any], finding: Finding, before: Snapshot
) -> str:
    """Return how the finding is another one than a person could have seen; empty if it is not."""
    if set(finding.accounts) != _members(connection, case.id):
        return "The accounts are other ones."
    if (finding.verdict, finding.action) != (case.verdict, case.action):
        return "The verdict or the advice is another one."
    if _growth(before, finding.items) != _growth(before, case.items):
        return f"The number of items was {case.items:,} and is {finding.items:,}."
    return ""


def _growth(before: Snapshot, items: int) -> int:
    """Return how many times the number of items has grown by a half since a snapshot.

    Counted from the snapshot, so that slow growth over many scans is noticed, and only once.
    """
    return math.floor(math.log(max(items, 1) / max(before.items, 1), MATERIAL_GROWTH))


def _of_finding(finding: Finding, found: Snapshot, report: str) -> dict[str, Any]:
    """Return the columns that every scan renews."""
    p_value = None if math.isnan(finding.p_value) else finding.p_value
    return {
        "verdict": finding.verdict, "action": finding.action, "p_value": p_value,
        "items": finding.items, "accounts": len(finding.accounts), "first": found.first,
        "last": found.last, "seen": found.moment, "report": report,
        "finding": canonical(finding_to_json(finding)),
    }  # fmt: skip


def _write_members(connection: Connection, case: int, finding: Finding) -> None:
    connection.execute(delete(MEMBERS).where(MEMBERS.c.case_id == case))
    rows = [{"case_id": case, "account": account} for account in sorted(set(finding.accounts))]
    connection.execute(insert(MEMBERS), rows)


def _suspended(connection: Connection, case: int) -> frozenset[str]:
    """Return the accounts that a decision about the case suspends with effect."""
    query = (
        select(EFFECTS.c.account)
        .join(DECISIONS)
        .where(DECISIONS.c.case_id == case, EFFECTS.c.effect == "suspend")
    )
    return frozenset(connection.execute(query).scalars())


def _snapshot(finding: Finding, moment: int) -> Snapshot:
    return snapshot(finding, moment, to_moment(finding.first), to_moment(finding.last))
