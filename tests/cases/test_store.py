"""Test how a store is opened, made, and refused."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import delete, select, text, update
from tests.cases.findings import ANA, BO, by, finding, moment, ring

from ringfence.cases import (
    POLICY,
    Act,
    CaseStore,
    Permission,
    Ruling,
    add_grant,
    answer_appeal,
    decide,
    decision_in_force,
    dismiss,
    end_case,
    expire_decisions,
    open_appeals,
    open_store,
    receive_appeal,
    record,
    release_account,
    reopen,
)
from ringfence.cases.audit_check import count_rows
from ringfence.cases.canonical import canonical
from ringfence.cases.erasure import erase_account
from ringfence.cases.left_to_people import left_to_people
from ringfence.cases.migrations.upgrading import HEAD
from ringfence.cases.moving import read_case
from ringfence.cases.outbox import all_states
from ringfence.cases.retention import Retention, prune
from ringfence.cases.schema import CASES, CLEARED, METADATA
from ringfence.cases.stolen_login import STOLEN, stolen_logins
from ringfence.errors import CasesError, SettingsError


def test_the_migrations_make_the_declared_tables(empty_url: str) -> None:
    """A new store has exactly the tables that the code declares, on either database."""
    with open_store(empty_url) as store, store.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_the_newest_form_is_the_last_migration() -> None:
    """Otherwise a store would be upgraded at each opening, or never."""
    config = Config()
    config.set_main_option("script_location", "ringfence.cases:migrations")
    assert ScriptDirectory.from_config(config).get_heads() == [HEAD]


def test_a_store_keeps_what_was_recorded(url: str) -> None:
    """A second opening finds the cases of the first."""
    with open_store(url) as store, store.writing() as connection:
        record(connection, [finding()], moment(0))
    with open_store(url) as store, store.writing() as connection:
        assert record(connection, [finding()], moment(1))[0].status == "known"


def test_a_store_of_a_newer_version_is_refused(url: str) -> None:
    """It says which version it is of, and nothing is changed."""
    with open_store(url) as store, store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(CasesError, match="newer version of Ringfence"):
        open_store(url)


@pytest.mark.slow
def test_two_processes_make_one_store(empty_url: str) -> None:
    """Both open an empty database at the same moment, and both can write."""
    program = (
        "import sys; from ringfence.cases import open_store\n"
        "from ringfence.cases.audit import append\n"
        "with open_store(sys.argv[1]) as store:\n"
        "    for number in range(20):\n"
        "        with store.writing() as connection: append(connection, 'note', {}, number)\n"
    )
    started = [subprocess.Popen([sys.executable, "-c", program, empty_url]) for _ in range(3)]
    assert [process.wait(timeout=60) for process in started] == [0, 0, 0]
    with open_store(empty_url) as store, store.reading() as connection:
        assert count_rows(connection) == 60


def test_a_new_file_is_only_for_its_owner(tmp_path: Path) -> None:
    """Cases are about people, so nobody else may read them, nor the files beside the store."""
    path = tmp_path / "new" / "cases.sqlite"
    with open_store(path) as store, store.writing() as connection:
        record(connection, [finding()], moment(0))
        modes = {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()}
    assert modes == {0o600}
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_foreign_keys_are_checked(store: CaseStore) -> None:
    """A decision about no case cannot be written, also if it is written past the commands."""
    statement = (
        "INSERT INTO appeals (decision_id, received, due, recorded_by, statement) "
        "VALUES (7, 1, 2, 'ana', 'why')"
    )
    with pytest.raises(CasesError, match=r"(?i)foreign key"), store.writing() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("", "needs a file"),
        (":memory:", "needs a file"),
        ("mysql://root:secret@host/x", "cannot be in mysql"),
        ("http://host", "cannot be in http"),
        ("sqlite://", "cannot be in sqlite"),
        ("postgresql://user:secret@host:port/x", "is not one"),
    ],
)
def test_an_address_of_another_form_is_refused(url: str, said: str) -> None:
    """The error says what an address looks like, and repeats no password."""
    with pytest.raises(SettingsError, match=said) as refused:
        open_store(url)
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("ann:secret@127.0.0.1:1/cases", "ann:***@127.0.0.1:1/cases"),
        ("127.0.0.1:1/cases?password=secret", "127.0.0.1:1/cases?password=hidden"),
    ],
)
def test_an_unreachable_database_is_one_line_without_the_password(given: str, shown: str) -> None:
    """The address is named without its password, wherever that is written."""
    with pytest.raises(CasesError) as refused:
        open_store(f"postgresql://{given}")
    assert "secret" not in str(refused.value)
    assert str(refused.value).startswith(f"postgresql+psycopg://{shown}: ")


def test_another_file_is_refused(tmp_path: Path) -> None:
    """A file that is something else stays as it is."""
    path = tmp_path / "log.txt"
    path.write_text("a log\n" * 1_000)
    with pytest.raises(CasesError, match="not a database"):
        open_store(path)
    assert path.read_text() == "a log\n" * 1_000


def test_an_appeal_of_an_older_store_is_of_all_accounts(empty_url: str) -> None:
    """It was recorded without an account: granting it ends the decision about the whole ring."""
    with open_store(empty_url) as store, store.writing() as connection:
        record(connection, [ring("ann", "bob")], moment(0))
        order = Ruling("suspend", "together", "5", shadow=False)
        decide(connection, 1, order, by(ANA, 1))
        receive_appeal(connection, 1, "not us", moment(9), by(ANA, 2), "ann")
        before_migration = (
            "ALTER TABLE appeals DROP COLUMN account",
            "DROP TABLE releases",
            "DROP TABLE stolen_logins",
            "DROP TABLE scans",
            "DROP TABLE cleared_accounts",
            "DROP TABLE last_numbers",
            "UPDATE alembic_version SET version_num = '0003'",
        )
        for statement in before_migration:
            connection.execute(text(statement))
    with open_store(empty_url) as store, store.writing() as connection:
        assert [one.account for one in open_appeals(connection, 1)] == [None]
        receive_appeal(connection, 1, "nor me", moment(9), by(ANA, 2), "bob")
        answer_appeal(connection, 1, "upheld", "no", by(BO, 3), "bob")
        answer_appeal(connection, 1, "overturned", "yes", by(BO, 3))
        assert decision_in_force(connection, 1) is None
        assert dict(all_states(connection)) == {}


def test_an_older_store_knows_the_present_members_of_a_ring(empty_url: str) -> None:
    """Before, a case knew only how many accounts it had when a person looked."""
    with open_store(empty_url) as store, store.writing() as connection:
        record(connection, [ring("ann", "bob"), finding("cal")], moment(0))
        for case, number in ((1, 2), (2, 1)):
            baseline = json.loads(read_case(connection, case).baseline)
            del baseline["erased_accounts"]
            old = canonical({**baseline, "accounts": number})
            connection.execute(update(CASES).where(CASES.c.id == case).values(baseline=old))
        connection.execute(text("DROP TABLE stolen_logins"))
        connection.execute(text("ALTER TABLE cleared_accounts DROP COLUMN favour"))
        connection.execute(text("DROP TABLE scans"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with open_store(empty_url) as store, store.writing() as connection:
        same, other = record(connection, [finding("cal"), ring("bob", "ann", "eve")], moment(1))
        assert (same.why, other.why) == ("", "")
        (changed,) = record(connection, [ring("bob", "eve", "fay")], moment(2))
        assert changed.why == "The ring had 2 accounts. Now 2 of 3 are new in it."


def test_an_older_store_remembers_stolen_logins(empty_url: str) -> None:
    """The last decision about a case counts, and not an earlier one."""
    with open_store(empty_url) as store, store.writing() as connection:
        record(connection, [finding("ann"), finding("bob")], moment(0))
        for case in (1, 2):
            decide(connection, case, Ruling("challenge", STOLEN, "5"), by(ANA, 1))
        decide(connection, 2, Ruling("suspend", "His own doing.", "5"), by(ANA, 2, 2))
        connection.execute(text("DROP TABLE stolen_logins"))
        connection.execute(text("ALTER TABLE cleared_accounts DROP COLUMN favour"))
        connection.execute(text("DROP TABLE scans"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with open_store(empty_url) as store, store.writing() as connection:
        assert stolen_logins(connection, ["ann", "bob", "cal"]) == {"ann"}


def test_an_older_store_remembers_every_act_of_a_person(empty_url: str) -> None:
    """Decisions, grants and upheld appeals count as well, and the last act tells the favour."""
    with open_store(empty_url) as store, store.writing() as connection:
        record(connection, [finding(name) for name in ("ann", "bob", "cal", "dan")], moment(0))
        throttle = Ruling("throttle", "fast", "5", shadow=False)
        decide(connection, 1, throttle, by(ANA, 1))
        add_grant(connection, Permission("bob", "mining", "b@x", moment(0), moment(9)), by(ANA, 1))
        decide(connection, 3, throttle, Act(POLICY, moment(1), 1))
        receive_appeal(connection, 3, "not me", moment(9), by(ANA, 2))
        answer_appeal(connection, 3, "upheld", "It is.", by(BO, 3))
        decide(connection, 4, throttle, Act(POLICY, moment(1), 1))
        record(connection, [finding("eve"), finding("fay")], moment(2))
        for case in (5, 6):
            dismiss(connection, case, "a class", by(ANA, 3))
            reopen(connection, case, "again", by(ANA, 4))
            decide(connection, case, replace(throttle, shadow=case == 5), by(ANA, 5))
        expected = connection.execute(select(CLEARED).order_by(CLEARED.c.account)).all()
        connection.execute(delete(CLEARED).where(CLEARED.c.account.in_(("ann", "bob", "cal"))))
        connection.execute(update(CLEARED).values(cleared=moment(3)))
        connection.execute(text("DROP TABLE stolen_logins"))
        connection.execute(text("ALTER TABLE cleared_accounts DROP COLUMN favour"))
        connection.execute(text("DROP TABLE scans"))
        connection.execute(text("UPDATE alembic_version SET version_num = '0005'"))
    with open_store(empty_url) as store, store.reading() as connection:
        assert connection.execute(select(CLEARED).order_by(CLEARED.c.account)).all() == expected
    favours = [(row.account, row.favour) for row in expected]
    assert favours == [
        ("ann", False), ("bob", True), ("cal", False), ("eve", True), ("fay", False)
    ]  # fmt: skip


def test_an_older_store_remembers_whom_people_have_cleared(empty_url: str) -> None:
    """Releases, granted appeals, reinstatements and dismissals count; an end by time does not."""
    with open_store(empty_url) as store, store.writing() as connection:
        names = ("own", "gone", "over", "late")
        record(connection, [ring("ann", "bob", "cal"), *map(finding, names)], moment(0))
        for case in (1, 2, 4, 5):
            until = moment(5) if case == 4 else None
            order = Ruling("suspend", "together", "5", until, shadow=False)
            decide(connection, case, order, Act(POLICY, moment(1), 1))
        release_account(connection, 1, "ann", "a class", by(BO, 2))
        end_case(connection, 2, "reinstate", "a mistake", by(BO, 2))
        dismiss(connection, 3, "an archive", by(BO, 2))
        receive_appeal(connection, 5, "not me", moment(9), by(ANA, 2))
        answer_appeal(connection, 5, "overturned", "yes", by(BO, 3))
        expire_decisions(connection, moment(6))
        for statement in (
            "DROP TABLE stolen_logins",
            "DROP TABLE scans",
            "DROP TABLE cleared_accounts",
            "DROP TABLE last_numbers",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            connection.execute(text(statement))
    everybody = ["ann", "bob", "cal", *names]
    with open_store(empty_url) as store, store.writing() as connection:
        assert left_to_people(connection, everybody) == {"ann", "own", "gone", "late"}
        assert record(connection, [finding("new")], moment(7))[0].case == 6


@pytest.mark.parametrize("how", ["erased", "pruned"])
def test_no_number_is_given_again(store: CaseStore, how: str) -> None:
    """A letter about decision 2 means the decision that is gone, and no later one."""
    with store.writing() as connection:
        record(connection, [finding("ann"), finding("bob")], moment(0))
        for case in (1, 2):
            decide(connection, case, Ruling("suspend", "fast", "5"), by(ANA, 1))
            end_case(connection, case, "reinstate", "a mistake", by(BO, 2))
        if how == "erased":
            erase_account(connection, "bob", "request 7", by(BO, 3))
        else:
            prune(connection, Retention(case_days=5), by(BO, 30))
        (status,) = record(connection, [finding("cal")], moment(31))
        assert status.case == 3
        assert decide(connection, 3, Ruling("suspend", "fast", "5"), by(ANA, 32)) == 3
