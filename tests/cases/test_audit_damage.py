"""Test that whatever is written into the tables past the program is a fault, and never a crash."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Table, delete, select, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import NullType
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    dismiss,
    end_case,
    faults,
    open_store,
    receive_appeal,
    record,
    reopen,
)
from ringfence.cases.audit import append, head
from ringfence.cases.grants import end_grant
from ringfence.cases.schema import (
    APPEALS,
    AUDIT,
    AUDIT_HEAD,
    CASES,
    DECISIONS,
    EFFECTS,
    GRANTS,
)
from ringfence.errors import CasesError

REAL: Final = Ruling("suspend", "fast", "5", shadow=False)

COLUMNS: Final = [
    (table, column.name)
    for table in (AUDIT, AUDIT_HEAD, DECISIONS, APPEALS, GRANTS, EFFECTS)
    for column in table.c
    if not (table is AUDIT_HEAD and column.name == "one")
] + [(CASES, "state")]
"""Every column that the audit vouches for."""

VALUES: Final = (
    st.none()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=20)
    | st.binary(max_size=40)
    | st.sampled_from(["erased", "decision", "{}", "[1]", "[" * 5_000, '{"decision":1,"foo":2}',
                       '{"rows":[[1]],"removed":[],"edited":{"decision":1}}', "x", 0, 1, True])
)  # fmt: skip
"""Values of every type, and some that the check looks for."""


def use(store: CaseStore) -> None:
    """Do every kind of act that the audit describes."""
    granted = Permission("eve", "mining", "eve@example.org", moment(0), moment(90), 5_000)
    with store.writing() as connection:
        more = map(finding, ("cal", "dan", "fay"))
        record(connection, [ring("a", "b"), finding("ann"), finding("bob"), *more], moment(0))
        for case in (1, 2, 3):
            decide(connection, case, REAL, by(ANA, 1))
        end_case(connection, 3, "reinstate", "a mistake", by(ANA, 2, version=2))
        receive_appeal(connection, 2, "Why?", moment(9), by(BO, 2))
        answer_appeal(connection, 2, "upheld", "So", by(BO, 3, version=3))
        end_grant(connection, add_grant(connection, granted, by(ANA, 2)), "over", by(ANA, 3))
        for case in (4, 5):
            dismiss(connection, case, "a class", by(ANA, 2))
        reopen(connection, 5, "no class", by(ANA, 3))
        add_grant(connection, replace(granted, account="fay"), by(ANA, 2))


@pytest.fixture
def used(store: CaseStore) -> CaseStore:
    """Return a store in which all of this was done."""
    use(store)
    return store


def said(store: CaseStore) -> list[str]:
    """Return everything that is wrong."""
    with store.reading() as connection:
        return list(faults(connection))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ("UPDATE audit SET content = 'x' WHERE number = 2", "the content of row 2 was altered"),
        ("UPDATE audit SET content = '[1]' WHERE number = 2", "the content of row 2 was altered"),
        ("UPDATE audit SET event = 'erased' WHERE number = 1", "row 1 was altered"),
        ("DELETE FROM audit_head", "the record of the newest row is missing"),
        ("UPDATE audit_head SET number = 3", "the record of the newest row differs"),
        ("UPDATE decisions SET ended = 5, ended_by = 'bo', end_reason = 'x' WHERE id = 1",
         "the end of decision 1 is not as the audit log says: ended, ended_by, end_reason"),
        ("UPDATE decisions SET ended = NULL WHERE id = 3",
         "the end of decision 3 is not as the audit log says: ended"),
        ("UPDATE appeals SET outcome = 'overturned', answered_by = 'zed'",
         "the end of appeal 1 is not as the audit log says: answered_by, outcome"),
        ("UPDATE grants SET ended = NULL",
         "the end of grant 1 is not as the audit log says: ended"),
        ("DELETE FROM effects WHERE account = 'a'",
         "decision 1 is in force, and its effect on 1 accounts is altered"),
        ("UPDATE effects SET effect = 'throttle' WHERE account = 'ann'",
         "decision 2 is in force, and its effect on 1 accounts is altered"),
        ("INSERT INTO effects VALUES ('eve', 3, 'suspend', NULL)",
         "decision 3 is not in force, and it holds 1 accounts"),
        ("UPDATE cases SET state = 'closed' WHERE id = 1",
         "case 1 is closed, which does not agree with its decisions"),
        ("UPDATE cases SET state = 'decided' WHERE id = 3",
         "case 3 is decided, which does not agree with its decisions"),
        ("UPDATE cases SET state = 'open' WHERE id = 3",
         "case 3 is open, and by the audit log closed"),
        ("UPDATE cases SET state = 'allowed' WHERE id = 4",
         "case 4 is allowed, and by the audit log dismissed"),
        ("UPDATE cases SET state = 'dismissed' WHERE id = 5",
         "case 5 is dismissed, and by the audit log open"),
        ("UPDATE cases SET state = 'open' WHERE id = 6",
         "case 6 is open, and by the audit log allowed"),
        ("UPDATE cases SET state = 'appealed' WHERE id = 1",
         "case 1 is appealed, which does not agree with its appeals"),
        *((f"DELETE FROM cleared_accounts WHERE account = '{name}'",
           "a person has decided about 1 accounts that are not remembered")
          for name in ("a", "ann", "bob", "cal", "eve")),
        ("DELETE FROM cleared_accounts",
         "a person has decided about 7 accounts that are not remembered"),
    ],
)  # fmt: skip
def test_an_alteration_is_told(used: CaseStore, change: str, fault: str) -> None:
    """Each is one sentence that names the row."""
    assert said(used) == []
    with used.writing() as connection:
        connection.execute(text(change))
    assert any(fault in one for one in said(used)), said(used)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE audit SET hash = 'abc' WHERE number = 2",
        "UPDATE audit SET salt = 'abc' WHERE number = 2",
        "UPDATE audit SET content = x'00ff' WHERE number = 2",
        "UPDATE audit SET content = CAST(x'7bff' AS TEXT) WHERE number = 2",
        "UPDATE audit SET event = CAST(x'ff' AS TEXT) WHERE number = 2",
        "UPDATE audit_head SET hash = 'abc'",
        "UPDATE decisions SET reason = CAST(x'ff' AS TEXT)",
        "UPDATE decisions SET facts = x'00'",
    ],
)
def test_a_value_of_another_type_is_told(migrated: Any, tmp_path: Any, change: str) -> None:  # noqa: ANN401 - paths
    """SQLite keeps a value of any type in any column."""
    path = tmp_path / "store.sqlite"
    path.write_bytes(migrated.read_bytes())
    with open_store(path) as store:
        use(store)
        with store._engine.connect() as connection:  # noqa: SLF001 - past the program
            connection.exec_driver_sql(change)
            connection.commit()
        assert said(store) != []


def test_without_the_newest_row_nothing_more_is_written(used: CaseStore) -> None:
    """A command ends with one line, and so does the command that prints the newest hash."""
    with used.writing() as connection:
        connection.execute(delete(AUDIT_HEAD))
    with used.writing() as connection, pytest.raises(CasesError, match="newest audit row is miss"):
        append(connection, "note", {}, moment(9))
    with used.reading() as connection, pytest.raises(CasesError, match="newest audit row is miss"):
        head(connection)


@pytest.mark.slow
@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(place=st.sampled_from(COLUMNS), value=VALUES, data=st.data())
def test_any_value_in_any_column_is_told(
    used: CaseStore, place: tuple[Table, str], value: Any, data: st.DataObject  # noqa: ANN401 - any
) -> None:  # fmt: skip
    """Each value that the database accepts is a fault in one line."""
    table, name = place
    plain = Table(table.name, type(table.metadata)(), *(
        type(table.c.id if "id" in table.c else next(iter(table.c)))(one.name, NullType())
        for one in table.c
    ))  # fmt: skip
    with used._engine.connect() as connection:  # noqa: SLF001 - past the program
        rows = connection.execute(select(plain)).all()
        row = data.draw(st.sampled_from(rows))
        here = [plain.c[one.name] == row._mapping[one.name] for one in table.primary_key]  # noqa: SLF001 - by name
        try:
            connection.execute(update(plain).where(*here).values({name: value}))
            after = connection.execute(select(plain)).all()
        except (DBAPIError, OverflowError):
            return
        told = list(faults(connection))
        assert told or sorted(map(repr, after)) == sorted(map(repr, rows))
        assert all("\n" not in one for one in told)
        connection.rollback()
