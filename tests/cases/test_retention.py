"""Remove old rows from the store: only those, and the audit stays whole."""

from __future__ import annotations

import pytest
from sqlalchemy import Table, delete, func, insert, select, update
from tests.cases.findings import ANA, BO, by, finding, moment

from ringfence.cases import CaseStore, Ruling, decide, dismiss, end_case, faults, record
from ringfence.cases.retention import PruneResult, Retention, prune
from ringfence.cases.schema import AUDIT, CASES, DECISIONS, DELIVERIES, OUTBOX, SINKS


@pytest.fixture
def used(store: CaseStore) -> CaseStore:
    """Return a store with a closed, a dismissed, a decided and an open case."""
    with store.writing() as connection:
        record(connection, [finding(name) for name in ("ann", "bob", "eve", "joe")], moment(0))
        for case in (1, 3):
            decide(connection, case, Ruling("suspend", "fast", "5", shadow=False), by(ANA, 1))
        end_case(connection, 1, "reinstate", "an error", by(BO, 2))
        dismiss(connection, 2, "a library", by(BO, 40))
        connection.execute(insert(SINKS).values(name="hook", enrolled=3))
        for row in (1, 2, 3):
            values = {"sink": "hook", "outbox_id": row, "state": "done", "tries": 1, "due": 0,
                      "changed": 0, "error": ""}  # fmt: skip
            connection.execute(insert(DELIVERIES).values(values))
    return store


def pruned(store: CaseStore, **days: int) -> PruneResult:
    """Prune on day 100; the audit must be whole afterwards."""
    with store.writing() as connection:
        result = prune(connection, Retention(**days), by(BO, 100))
        assert list(faults(connection)) == []
    return result


def numbers(store: CaseStore, table: Table) -> list[int]:
    """Return the numbers of the rows of a table."""
    with store.reading() as connection:
        return list(connection.execute(select(table.c.id).order_by(table.c.id)).scalars())


def test_by_default_nothing_is_removed(used: CaseStore) -> None:
    """Without settings no row changes, and the audit gets no row."""
    with used.reading() as connection:
        before = connection.execute(select(func.count()).select_from(AUDIT)).scalar_one()
    assert pruned(used) == PruneResult(0, 0, 0)
    with used.reading() as connection:
        assert connection.execute(select(func.count()).select_from(AUDIT)).scalar_one() == before


@pytest.mark.parametrize(("days", "left"), [(99, [1, 2, 3, 4]), (90, [2, 3, 4]), (50, [3, 4])])
def test_old_cases_go_that_are_closed_or_dismissed(
    used: CaseStore, days: int, left: list[int]
) -> None:
    """A case counts from its last change. Open and decided cases stay at any age."""
    assert pruned(used, case_days=days).cases == 4 - len(left)
    assert numbers(used, CASES) == left
    assert numbers(used, DECISIONS) == ([1, 2] if 1 in left else [2])


def test_a_case_that_scans_still_find_stays(used: CaseStore) -> None:
    """Otherwise the next scan would report it as new."""
    with used.writing() as connection:
        record(connection, [finding("bob")], moment(99))
    pruned(used, case_days=50)
    assert 2 in numbers(used, CASES)


def test_undelivered_effects_and_their_cases_stay(used: CaseStore) -> None:
    """A sink that was not told of the end still needs the message, and a bouncer the one before."""
    with used.writing() as connection:
        lift = select(OUTBOX.c.id).where(OUTBOX.c.effect == "lift").scalar_subquery()
        connection.execute(
            update(DELIVERIES).where(DELIVERIES.c.outbox_id == lift).values(state="waiting")
        )
    pruned(used, case_days=50, outbox_days=50)
    assert 1 in numbers(used, CASES)
    assert len(numbers(used, OUTBOX)) == 3


def test_delivered_effects_go_except_those_in_force(used: CaseStore) -> None:
    """A new sink is told of the account that is held, from its last message."""
    assert pruned(used, outbox_days=50).messages == 2
    with used.reading() as connection:
        assert connection.execute(select(OUTBOX.c.account)).scalars().all() == ["eve"]


def test_contents_of_the_audit_go_and_acts_stay_known(used: CaseStore) -> None:
    """The chain is whole, decisions are not reported, and a removed one still is if it is new."""
    assert pruned(used, audit_days=70).audit_rows == 7
    with used.writing() as connection:
        number = decide(connection, 4, Ruling("observe", "slow", "5"), by(ANA, 101))
        connection.execute(delete(DECISIONS).where(DECISIONS.c.id == number))
        assert list(faults(connection)) == [
            f"decision {number} is in the audit log, and its row is missing",
            "case 4 is decided, which does not agree with its decisions",
        ]
