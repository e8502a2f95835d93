"""A scan with pseudonyms finds what a scan with names finds, and writes no name anywhere."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.pipeline.pseudonymous import (
    EXTRACTOR,
    KEY,
    SECRETS,
    USERS,
    private,
    shown_in,
    write_accounts,
    write_service,
)
from tests.test_pseudonym_key import SECRET, key_file

import ringfence
from ringfence.cases import open_store
from ringfence.engine import open_engine
from ringfence.errors import CasesError, LedgerError
from ringfence.pipeline.result import ScanResult
from ringfence.population.account_attributes import join_accounts_table


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scan the service twice, with names into ``named``, with pseudonyms into ``private``."""
    folder = tmp_path_factory.mktemp("service")
    log, accounts = write_service(folder / "a.csv"), write_accounts(folder / "accounts.csv")
    for name, settings in (
        ("named", ringfence.Settings(engine={"threads": 1})), ("private", private(folder)),
    ):  # fmt: skip
        (folder / name).mkdir()
        ringfence.scan(
            log, settings=settings, accounts=accounts, ledger=folder / name / "a.ledger",
            cases=folder / name / "cases.sqlite", out=folder / name / "out",
        )  # fmt: skip
    return folder


def records(folder: Path) -> list[dict[str, object]]:
    """Return the findings of a scan."""
    lines = (folder / "out" / "findings.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


@pytest.mark.slow
def test_the_names_can_be_found_at_all(service: Path) -> None:
    """Without a key the search finds names in every kind of file; otherwise it proves nothing."""
    assert set(shown_in(service / "named")) >= {
        "a.ledger", "accounts.parquet", "cases.sqlite", "findings.jsonl", "quarantine.jsonl",
        "report.html",
    }  # fmt: skip


def test_no_file_has_a_name(service: Path) -> None:
    """No byte and no value of output, ledger and case store: account, device, card or real name."""
    assert shown_in(service / "private") == []


def test_the_findings_are_the_same(service: Path) -> None:
    """Accounts, verdicts, p-values, items and coverage do not depend on the names."""
    named, hidden = records(service / "named"), records(service / "private")
    assert [one["id"] for one in named] == [EXTRACTOR]
    assert [one["accounts"] for one in hidden] == [[KEY.pseudonym(EXTRACTOR)]]
    for known in ("verdict", "p_value", "items", "uses", "coverage", "first", "last", "evidence"):
        assert [one[known] for one in named] == [one[known] for one in hidden]


def test_every_account_has_its_pseudonym(service: Path) -> None:
    """The ledger knows all accounts, each under the pseudonym that the command prints."""
    with ringfence.open_ledger(service / "private" / "a.ledger") as ledger:
        found = {row[0] for row in ledger.sql("SELECT account FROM accounts").rows()}
        keys = ledger.sql("SELECT account_key FROM accounts").rows()
        plain = ledger.sql("SELECT hash(unnest($names))", {"names": [EXTRACTOR, *USERS]}).rows()
    assert found == {KEY.pseudonym(name) for name in (EXTRACTOR, *USERS)}
    assert not set(keys) & set(plain)


def test_the_accounts_table_fits_and_shows_no_display_name(service: Path) -> None:
    """Plans are found by the real names of the table; display names are left out."""
    details = [one["details"] for one in records(service / "private")]
    assert [(one["plan"], one["display_name"]) for one in details] == [("basic", "")]


def test_quarantine_has_numbers_without_lines(service: Path) -> None:
    """The unreadable lines are counted as without a key, and have no text."""
    said = {
        name: [
            json.loads(line)
            for line in (service / name / "out" / "quarantine.jsonl").read_text().splitlines()
        ]
        for name in ("named", "private")
    }
    assert [one["line"] for one in said["named"]] == [one["line"] for one in said["private"]]
    assert [one["text"] for one in said["private"]] == ["", ""]


@pytest.mark.parametrize("key", ["", "other"])
def test_a_ledger_with_other_names_is_refused(service: Path, tmp_path: Path, key: str) -> None:
    """Without the key, or with another one, nothing is mixed; the error is one line."""
    path = key and key_file(tmp_path / key, SECRET[::-1])
    settings = ringfence.Settings(privacy={"pseudonym_key": path})
    said = "pseudonyms of another key" if key else "is not set"
    ledger = service / "private" / "a.ledger"
    with pytest.raises(LedgerError, match=said) as raised:
        ringfence.scan(service / "a.csv", settings=settings, ledger=ledger)
    assert "\n" not in str(raised.value)
    with pytest.raises(LedgerError, match=said):
        ringfence.trace(item="item 1", settings=settings, ledger=ledger)


def test_a_ledger_with_names_is_refused(service: Path, tmp_path: Path) -> None:
    """A ledger that does not say which names it has was made before there were pseudonyms."""
    ledger = service / "named" / "a.ledger"
    with pytest.raises(LedgerError, match="has real names"):
        ringfence.scan(service / "a.csv", settings=private(tmp_path), ledger=ledger)
    old = tmp_path / "old.ledger"
    old.write_bytes(ledger.read_bytes())
    with open_engine(None, old) as engine:
        engine.run("DELETE FROM facts WHERE name = 'names'")
    with pytest.raises(LedgerError, match="has real names"):
        ringfence.scan(service / "a.csv", settings=private(tmp_path), ledger=old)


def test_a_store_with_other_names_is_refused(service: Path, tmp_path: Path) -> None:
    """A case about a name never meets one about a pseudonym."""
    for store, settings, said in (
        ("named", private(tmp_path), "the case store has real names"),
        ("private", ringfence.Settings(), "the case store has pseudonyms"),
    ):
        path = service / store / "cases.sqlite"
        with pytest.raises(CasesError, match=said):
            ringfence.scan(service / "a.csv", settings=settings, cases=path)


@pytest.mark.slow
def test_another_source_names_the_same_account_alike(service: Path, tmp_path: Path) -> None:
    """A second scan, of another file into the same ledger, adds to the same account."""
    more = tmp_path / "b.csv"
    more.write_text(f"ts,account,item\n2025-07-01T08:00:00Z,{EXTRACTOR},new item\n")
    ledger = tmp_path / "a.ledger"
    ledger.write_bytes((service / "private" / "a.ledger").read_bytes())
    ringfence.scan(more, settings=private(tmp_path), ledger=ledger)
    query = "SELECT count(*) FROM holdings JOIN accounts USING (account_key) WHERE account = $name"
    with ringfence.open_ledger(ledger) as reader:
        held = reader.sql(query, {"name": KEY.pseudonym(EXTRACTOR)}).rows()
        assert len(reader.sql("SELECT account FROM accounts").rows()) == len(USERS) + 1
    assert held == [(8_001,)]


def test_devices_and_payments_of_the_table_meet_those_of_the_log(tmp_path: Path) -> None:
    """An account of the log and one of the table, with one card and phone, have one value each."""
    log, table = tmp_path / "a.csv", tmp_path / "accounts.csv"
    log.write_text(
        "ts,account,item,device,payment\n2026-03-09T08:00:00Z,ada,1,phone,card\n"
        "2026-03-09T08:00:00Z,bob,1,,\n2026-03-09T08:00:00Z,42,1,,\n"
    )
    table.write_text("account,device,payment\n bob ,phone,card\n42.0,tablet,cash\n")
    ledger = tmp_path / "a.ledger"
    settings = private(tmp_path)
    ringfence.scan(log, settings=settings, ledger=ledger)
    book = ringfence.ledger.open_writable(ledger, settings)
    book.compact()
    join_accounts_table(book.engine, table, settings)
    for view, column in (("account_devices", "device"), ("account_payments", "payment")):
        query = f"SELECT account, {column} FROM {view} JOIN accounts USING (account_key)"
        known = dict(book.engine.rows(query))
        assert known[KEY.pseudonym("ada")] == known[KEY.pseudonym("bob")]
        assert known[KEY.pseudonym("42")] != known[KEY.pseudonym("ada")]
    book.engine.close()


def everything(result: ringfence.CheckResult | ScanResult) -> str:
    """Return all that a result shows."""
    return f"{result!r} {json.dumps(result.to_json(), default=str)}"


@pytest.mark.slow
def test_check_shows_no_name_and_no_address(service: Path, tmp_path: Path) -> None:
    """Sample events have pseudonyms and no address, and no line is repeated."""
    result = ringfence.check(service / "a.csv", settings=private(tmp_path))
    assert result.events
    assert result.lines == ()
    said = everything(result)
    assert not [one for one in (*SECRETS, "192.0.2.", "198.51.100.") if one in said]
    assert any(one in everything(ringfence.check(service / "a.csv")) for one in SECRETS)


@pytest.mark.slow
def test_urls_with_names_are_not_shown(tmp_path: Path) -> None:
    """Logins in URLs become pseudonyms; no example and no suggestion repeats a URL."""
    log = tmp_path / "a.log"
    log.write_text(
        "".join(
            f'192.0.2.{user} - - [09/Mar/2026:08:{n:02d}:00 +0000] "GET '
            f'/rest/stream?u={USERS[user]}&id={n * user % 31} HTTP/1.1" 200 5 "-" "Firefox"\n'
            for n in range(60) for user in range(30)
        )
    )  # fmt: skip
    out = tmp_path / "out"
    settings = private(tmp_path)
    result = ringfence.scan(log, settings=settings, out=out)
    accounts = set(result.accounts.column("account"))
    assert accounts == {KEY.pseudonym(name) for name in USERS[:30]}
    assert shown_in(out) == []
    assert "florbela" not in everything(ringfence.check(log, settings=settings))


def test_no_audit_row_has_a_name(service: Path) -> None:
    """The chain of the audit, which outlives erasure, has pseudonyms only."""
    with open_store(service / "private" / "cases.sqlite") as store, store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM audit").fetchall()
    assert KEY.pseudonym(EXTRACTOR) in str(rows)
    assert not [one for one in SECRETS if one in str(rows)]
