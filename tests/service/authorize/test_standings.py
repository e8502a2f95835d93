"""Standings are read from a real case store, and again when something has changed."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from sqlalchemy import delete, insert
from tests.cases.findings import ANA, by
from tests.enforcement.acts import end, open_case, order

from ringfence.cases import CaseStore, Permission, add_grant, end_grant, open_store
from ringfence.cases.schema import CLEARED
from ringfence.errors import CasesError
from ringfence.service.authorize.standings import AccountStanding, StandingReader
from ringfence.service.exposure.keys import name_hash

NUMBER = name_hash(bytes(32))
FOREVER = float("inf")
NOW = 1_772_500_000


@pytest.fixture
def cases(tmp_path: Path) -> CaseStore:
    """Open an empty store."""
    return open_store(tmp_path / "cases.sqlite")


@pytest.fixture
def reader(tmp_path: Path, cases: CaseStore) -> StandingReader:
    """Read the same store as another process would."""
    assert cases.where
    return StandingReader(tmp_path / "cases.sqlite", NUMBER)


def test_decisions_hold_accounts_until_they_end(cases: CaseStore, reader: StandingReader) -> None:
    """The strongest decision counts; one in shadow mode does not. Its end clears the accounts."""
    assert reader.changed() == {}
    case = open_case(cases, "ann", "bob")
    alone = open_case(cases, "ann")
    order(cases, case, "throttle")
    order(cases, alone, "suspend", until=9_000_000_000_000_000)
    order(cases, open_case(cases, "cal"), "suspend", shadow=True)
    assert reader.changed() == {
        NUMBER("ann"): AccountStanding("suspend", 9_000_000_000.0),
        NUMBER("bob"): AccountStanding("throttle", FOREVER),
    }
    assert reader.changed() is None
    end(cases, case)
    assert reader.changed() == {
        NUMBER("ann"): AccountStanding("suspend", 9_000_000_000.0, trusted=True),
        NUMBER("bob"): AccountStanding(trusted=True),
    }


def test_behind_a_hold_that_is_over_a_weaker_one_counts(
    cases: CaseStore, reader: StandingReader
) -> None:
    """Until the next scan ends the first one, the account must not be free of the second one."""
    order(cases, open_case(cases, "ann"), "suspend", until=NOW * 10**6)
    order(cases, open_case(cases, "ann", "bob"), "throttle")
    assert reader.changed() == {
        NUMBER(name): AccountStanding("throttle", FOREVER) for name in ("ann", "bob")
    }


def test_grants_permit_items_while_they_last(cases: CaseStore, reader: StandingReader) -> None:
    """A grant covers its items between its start and its end, also if it was ended early."""
    start, until = (NOW - 100) * 10**6, (NOW + 100) * 10**6
    with cases.writing() as connection:
        of_part = Permission("ann", "why", "who", start, until, 500, items=("a*z", "b.c"))
        add_grant(connection, of_part, by(ANA, 0))
        grant = add_grant(connection, Permission("bob", "why", "who", start, until), by(ANA, 0))
    found = reader.changed()
    assert found is not None
    ann, bob = found[NUMBER("ann")], found[NUMBER("bob")]
    given = ann.grant_for("a-9-z", NOW)
    assert given is not None
    assert given.budget == 500
    covered = [name for name in ("az", "b.c", "bxc", "az2", "a\nz") if ann.grant_for(name, NOW)]
    assert covered == ["az", "b.c", "a\nz"]
    assert ann.grant_for("az", NOW - 101) is ann.grant_for("az", NOW + 100) is None
    everything = bob.grant_for("anything", NOW)
    assert everything is not None
    assert everything.budget is None
    with cases.writing() as connection:
        end_grant(connection, grant, "over", by(ANA, 1))
    found = reader.changed()
    assert found is not None
    assert found[NUMBER("bob")].grant_for("anything", time.time()) is None


def test_an_account_that_a_person_cleared_is_trusted(
    cases: CaseStore, reader: StandingReader
) -> None:
    """A clearance gives trust, and does not change what holds the account."""
    order(cases, open_case(cases, "ann"), "throttle")
    with cases.writing() as connection:
        connection.execute(delete(CLEARED))
        names = ("ann", "bob", "cal")
        rows = [{"account": name, "cleared": 5, "favour": name != "cal"} for name in names]
        connection.execute(insert(CLEARED), rows)
    assert reader.changed() == {
        NUMBER("ann"): AccountStanding("throttle", FOREVER, trusted=True),
        NUMBER("bob"): AccountStanding(trusted=True),
    }


def test_a_missing_store_is_an_error_each_time(tmp_path: Path) -> None:
    """No empty store is made in a wrong folder, which would free every account."""
    reader = StandingReader(tmp_path / "none.sqlite", NUMBER)
    for _ in range(2):
        with pytest.raises(CasesError, match="there is no case store"):
            reader.changed()
    assert not (tmp_path / "none.sqlite").exists()
    reader.close()
