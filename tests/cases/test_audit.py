"""Test that the audit notices every row that is altered, removed or moved."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import Connection, delete, insert, select, text, update
from tests.cases.findings import ANA, by, finding, moment

from ringfence.cases import CaseStore, Permission, Ruling, add_grant, decide, faults, record
from ringfence.cases.audit import append, head
from ringfence.cases.schema import AUDIT, AUDIT_HEAD, DECISIONS, GRANTS


@pytest.fixture
def used(store: CaseStore) -> CaseStore:
    """Return a store in which some things were done."""
    with store.writing() as connection:
        cases = record(connection, [finding("ann"), finding("bob")], moment(0))
        for status in cases:
            decide(connection, status.case, Ruling("suspend", "fast", "5"), by(ANA, 1))
        permission = Permission("eve", "mining", "eve@example.org", moment(0), moment(90), 5_000)
        add_grant(connection, permission, by(ANA, 2))
    return store


def said(store: CaseStore, kept: str = "") -> list[str]:
    """Return everything that is wrong."""
    with store.reading() as connection:
        return list(faults(connection, kept))


def test_a_whole_audit_has_no_faults(used: CaseStore) -> None:
    """Nothing is wrong, and every earlier hash is found in the chain."""
    assert said(used) == []
    with used.writing() as connection:
        _, kept = head(connection)
        append(connection, "note", {}, moment(3))
    assert said(used, kept.upper()) == []


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize(
    "changes",
    [{"time": 1}, {"event": "note"}, {"content": "{}"}, {"hash": bytes(32)}, {"salt": bytes(32)}],
    ids=["time", "event", "content", "hash", "salt"],
)
def test_an_altered_row_is_found(used: CaseStore, number: int, changes: dict[str, object]) -> None:
    """Whatever is altered in a row is found, also in the first and the last one."""
    with used.writing() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.number == number).values(changes))
    assert any(f"row {number}" in fault or "newest row" in fault for fault in said(used))


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_row_is_found(used: CaseStore, number: int) -> None:
    """A gap is found, and so is the end."""
    with used.writing() as connection:
        connection.execute(delete(AUDIT).where(AUDIT.c.number == number))
    assert said(used) != []


def test_swapped_rows_are_found(used: CaseStore) -> None:
    """Two rows that change places are found."""
    with used.writing() as connection:
        for before, after in ((2, 99), (3, 2), (99, 3)):
            connection.execute(update(AUDIT).where(AUDIT.c.number == before).values(number=after))
    assert any("was altered" in fault for fault in said(used))


def test_a_missing_content_needs_a_row_that_says_why(used: CaseStore) -> None:
    """Content that was erased on purpose is not a fault; content that is just missing is."""
    with used.writing() as connection:
        connection.execute(update(AUDIT).where(AUDIT.c.number == 1).values(content=None, salt=None))
    assert said(used) == ["the content of row 1 is missing, and no row says that it was erased"]
    with used.writing() as connection:
        append(connection, "erased", {"rows": [1]}, moment(4))
    assert said(used) == []


def test_a_new_chain_lacks_the_hash_that_was_kept(used: CaseStore) -> None:
    """A person who writes the whole chain again cannot keep the old hashes."""
    with used.reading() as connection:
        _, kept = head(connection)
    with used.writing() as connection:
        rewrite(connection)
    (fault,) = said(used, kept)
    assert fault == (
        "no row has the hash given with --head: the chain was rebuilt, or the hash is of another "
        "store"
    )


def rewrite(connection: Connection) -> None:
    """Write the same rows again, with other salts."""
    rows = connection.execute(text("SELECT event, content, time FROM audit ORDER BY number")).all()
    connection.execute(delete(AUDIT))
    connection.execute(update(AUDIT_HEAD).values(number=0, hash=bytes(32)))
    for event, content, time in rows:
        append(connection, event, json.loads(content), time)


def test_a_decision_that_was_changed_afterwards_is_found(used: CaseStore) -> None:
    """The audit says what was decided, so another reason in the table is found."""
    with used.writing() as connection:
        connection.execute(update(DECISIONS).where(DECISIONS.c.id == 1).values(reason="slow"))
    assert said(used) == ["decision 1 is not as it was made: reason"]


def test_a_decision_past_the_audit_is_found(used: CaseStore) -> None:
    """A decision written straight into the table is found, and so is one that was removed."""
    with used.writing() as connection:
        made = dict(connection.execute(select(DECISIONS).limit(1)).mappings().one())
        connection.execute(insert(DECISIONS).values({**made, "id": 77}))
        connection.execute(delete(GRANTS))
    assert said(used) == [
        "decision 77 is not in the audit log",
        "grant 1 is in the audit log, and its row is missing",
    ]
