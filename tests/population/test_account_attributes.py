"""The accounts table: joined where the events lack an attribute, and read in any tabular form."""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from tests.rings.populations import SIZE, ring, users

import ringfence
from ringfence.errors import AccountsTableError, SettingsError
from ringfence.model.arrow_table import ArrowData
from ringfence.population import AccountsTable, join_accounts_table
from ringfence.settings import Settings
from ringfence.testing.small_ledger import ledger_of, small_ledger, write_events

SIGNED_UP = np.datetime64("2026-01-03T04:05:06")
EPOCH = int(SIGNED_UP.astype("datetime64[s]").astype(int))

Rows = Sequence[Mapping[str, Any]]


def events(accounts: Sequence[str], **columns: Sequence[Any]) -> dict[str, np.ndarray]:
    """Return one event per account."""
    n = len(accounts)
    made: dict[str, np.ndarray] = {
        "ts": np.datetime64("2026-02-01T10:00:00") + np.arange(n),
        "account": np.array(accounts, dtype=object),
        "item": np.array([f"i{k}" for k in range(n)]),
    }
    return made | {name: np.array(values, dtype=object) for name, values in columns.items()}


def csv_file(path: Path, rows: Rows, delimiter: str = ",") -> Path:
    """Write rows as separated values; a column that a row lacks is empty."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def joined(
    table: Path | ArrowData, accounts: Sequence[str] = ("ann", "bob"), zone: str = "UTC", **own: str
) -> tuple[dict[str, dict[str, Any]], AccountsTable]:
    """Return what is given for each account of a log, and the totals of the table."""
    configured = Settings.model_validate({"accounts": own, "events": {"time_zone": zone}})
    with small_ledger(events(accounts)) as context:
        engine = context.engine
        said = join_accounts_table(engine, table, configured)
        found = engine.records(
            "SELECT a.account, g.* EXCLUDE (account_key), "
            "(SELECT list_sort(list(device)) FROM account_devices AS d "
            "WHERE d.account_key = a.account_key) AS devices, "
            "(SELECT list_sort(list(payment)) FROM account_payments AS p "
            "WHERE p.account_key = a.account_key) AS payments "
            "FROM given_accounts AS g JOIN accounts AS a ON a.account_key = g.account_key"
        )
    return {row.pop("account"): row for row in found}, said


KNOWN = [
    {"account": "ann", "created": "2026-01-03T04:05:06Z", "plan": "gold", "country": "PT",
     "device": "d1", "display_name": "Ann; A.", "status": "active"},
    {"account": "bob", "created": "2026-01-03T04:05:06Z", "plan": "free", "country": "",
     "device": "d1", "display_name": "-", "status": "closed"},
    {"account": "nobody", "created": "", "plan": "free", "country": "FR", "device": "d9",
     "display_name": "x", "status": "x"},
]  # fmt: skip


def as_csv(folder: Path) -> Path:
    """Write the rows with commas."""
    return csv_file(folder / "a.csv", KNOWN)


def as_semicolons(folder: Path) -> Path:
    """Write the rows as spreadsheets in much of Europe do: semicolons and a byte order mark."""
    path = csv_file(folder / "a.csv", KNOWN, ";")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\r\n", b"\n"))
    return path


def as_tabs(folder: Path) -> Path:
    """Write the rows with tabs."""
    return csv_file(folder / "a.tsv", KNOWN, "\t")


def as_lines(folder: Path) -> Path:
    """Write the rows as JSON lines."""
    path = folder / "a.ndjson"
    path.write_text("".join(json.dumps(row) + "\n" for row in KNOWN), encoding="utf-8")
    return path


def as_array(folder: Path) -> Path:
    """Write the rows as one JSON array."""
    path = folder / "a.json"
    path.write_text(json.dumps(KNOWN, indent=1), encoding="utf-8")
    return path


def as_parquet(folder: Path) -> Path:
    """Write the rows as Parquet."""
    duckdb.sql(f"COPY (FROM '{as_lines(folder)}') TO '{folder / 'a.parquet'}'")
    return folder / "a.parquet"


def as_arrow(_: Path) -> pa.Table:
    """Return the rows as an Arrow table."""
    return pa.Table.from_pylist(KNOWN)


def as_frame(_: Path) -> pl.DataFrame:
    """Return the rows as a Polars frame."""
    return pl.DataFrame(KNOWN)


FORMS = (as_csv, as_semicolons, as_tabs, as_lines, as_array, as_parquet, as_arrow, as_frame)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__)
def test_every_form_says_the_same(form: Callable[[Path], Path | ArrowData], tmp_path: Path) -> None:
    """Separated values, JSON, Parquet and tables in memory give the same attributes."""
    found, said = joined(form(tmp_path))
    nothing = {"contradictory": False, "payments": None}
    assert found == {
        "ann": {"created": EPOCH, "plan": "gold", "country": "PT", "display_name": "Ann; A.",
                "status": "active", "devices": ["d1"], **nothing},
        "bob": {"created": EPOCH, "plan": "free", "country": None, "display_name": None,
                "status": "closed", "devices": ["d1"], **nothing},
    }  # fmt: skip
    assert (said.rows, said.known, said.logins, said.unread) == (3, 2, 2, 0)
    assert said.link_columns == {"signed_up", "device"}


def crowd(seed: int) -> dict[str, np.ndarray]:
    """Return events of users, and of a ring whose members share devices, cards and a sign-up."""
    rng = np.random.default_rng(seed)
    people = users(rng, 400)
    account, item = map(np.concatenate, zip(people, ring(people, 30, 70, rng), strict=True))
    number = np.unique(account, return_inverse=True)[1]
    accounts = int(number.max()) + 1
    together = np.arange(accounts) >= accounts - 30
    device = np.where(together, rng.integers(0, 4, accounts), np.arange(accounts) + 10)
    made = np.where(together, 1_760_000_000, rng.integers(1_700_000_000, 1_760_000_000, accounts))
    paid = np.where(together, rng.integers(0, 5, accounts), rng.integers(10, 900, accounts))
    return {
        "ts": np.datetime64("2026-02-01T00:00:00") + rng.integers(0, 20 * 86_400, account.size),
        "account": np.array([f"u{n}" for n in account]),
        "item": np.array([f"i{n}" for n in item]),
        "group": np.array([f"g{n // SIZE}" for n in item]),
        "device": np.array([f"d{device[n]}" for n in number]),
        "payment": np.array([f"tok{paid[n]}" for n in number]),
        "signed_up": made[number].astype("datetime64[s]"),
    }


ALL_LINKS = ("device", "payment", "signed_up")


@pytest.mark.slow
@pytest.mark.parametrize("lacking", [ALL_LINKS[:1], ALL_LINKS[1:], ALL_LINKS], ids="+".join)
def test_findings_are_those_of_attributes_in_the_events(
    lacking: Sequence[str], tmp_path: Path
) -> None:
    """It makes no difference whether the events or the accounts table has an attribute."""
    whole = crowd(1)
    _, first = np.unique(whole["account"], return_index=True)
    table = {name: whole[name][first] for name in ("account", *lacking)}
    bare = {name: column for name, column in whole.items() if name not in lacking}
    known = write_events(tmp_path / "accounts.parquet", table)
    by_events = ringfence.scan(write_events(tmp_path / "whole.parquet", whole))
    by_table = ringfence.scan(write_events(tmp_path / "bare.parquet", bare), accounts=known)
    without = ringfence.scan(write_events(tmp_path / "bare.parquet", bare))
    assert [one.ring.links for one in by_events.findings if one.ring] != []
    assert by_table.findings == by_events.findings
    rings = [[one.ring for one in each.findings] for each in (by_events, by_table, without)]
    assert rings[0] == rings[1] != rings[2]
    assert by_table.accounts.rows() == by_events.accounts.rows()


def test_events_come_first(tmp_path: Path) -> None:
    """An attribute of the events stays, account by account; the table fills in the others."""
    table = csv_file(tmp_path / "a.csv", [
        {"account": "ann", "device": "table", "created": "2020-01-01", "payment": "p"},
        {"account": "bob", "device": "table", "created": "2020-01-01", "payment": "p"},
    ])  # fmt: skip
    log = events(["ann", "bob"], device=["own", None], signed_up=[SIGNED_UP, None])
    with small_ledger(log, accounts=table) as context:
        rows = [
            dict(context.engine.rows(f"SELECT a.account, t.{column} FROM account_{column}s AS t "
                                     "JOIN accounts AS a USING (account_key)"))
            for column in ("device",)
        ]  # fmt: skip
        signups = dict(context.engine.rows(
            "SELECT account, signed_up FROM account_signups JOIN accounts USING (account_key)"
        ))  # fmt: skip
    assert rows == [{"ann": "own", "bob": "table"}]
    assert signups == {"ann": EPOCH, "bob": 1_577_836_800}
    assert context.columns >= {"device", "payment", "signed_up"}


def test_a_device_or_card_may_have_a_row_each(tmp_path: Path) -> None:
    """Several rows of an account are several devices, and say nothing against each other."""
    rows = [{"account": "ann", "plan": "x", "device": d, "payment": p}
            for d, p in (("d1", "p1"), ("d2", "p1"), ("d1", "p2"))]  # fmt: skip
    found, said = joined(csv_file(tmp_path / "a.csv", rows))
    assert found["ann"]["devices"] == ["d1", "d2"]
    assert len(found["ann"]["payments"]) == 2
    assert (said.contradictory, list(said.notes)) == (0, [])


@pytest.mark.parametrize("column", ["plan", "country", "status", "display_name"])
def test_contradictions_are_said_and_the_order_of_rows_plays_no_part(
    column: str, tmp_path: Path
) -> None:
    """Of several texts the first in alphabetical order counts, and a note says so."""
    rows = [{"account": "ann", column: "b"}, {"account": "ann", column: "a"}, {"account": "bob", column: "z"}]  # fmt: skip  # noqa: E501
    for number, order in enumerate((rows, rows[::-1])):
        found, said = joined(csv_file(tmp_path / f"{number}.csv", order))
        assert (found["ann"][column], found["bob"][column]) == ("a", "z")
        assert said.contradictory == 1
        assert "contradict each other: 1" in " ".join(said.notes)


@pytest.mark.slow
def test_the_means_of_payment_is_only_a_hash(tmp_path: Path) -> None:
    """The token is in no table and no file of the result, and has the hash that events give it."""
    token = "tok-4242-4242"  # noqa: S105 - made up
    table = csv_file(tmp_path / "a.csv", [{"account": "ann", "payment": token}])
    with small_ledger(events(["ann"], payment=[token])) as context:
        (of_events,) = context.engine.rows("SELECT payment FROM payments")
    found, _ = joined(table)
    assert found["ann"]["payments"] == [*of_events]
    ledger, out = tmp_path / "ledger.db", tmp_path / "out"
    log = write_events(tmp_path / "log.parquet", events(["ann"]))
    ringfence.scan(log, accounts=table, ledger=ledger, out=out)
    written = [ledger, *out.iterdir()]
    assert [path.name for path in written if token.encode() in path.read_bytes()] == []


@pytest.mark.slow
def test_the_table_is_not_kept_in_the_ledger(tmp_path: Path) -> None:
    """A later scan of the ledger without the table knows nothing of it."""
    table = csv_file(tmp_path / "a.csv", [{"account": "ann", "display_name": "Ann Onymous", "device": "d1"}])  # fmt: skip  # noqa: E501
    ledger = tmp_path / "ledger.db"
    log = write_events(tmp_path / "log.parquet", events(["ann"]))
    ringfence.scan(log, accounts=table, ledger=ledger)
    assert b"Ann Onymous" not in ledger.read_bytes()
    with ringfence.open_ledger(ledger) as reader:
        assert reader.sql("SELECT count(*) FROM devices").rows() == [(0,)]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("of_the_log", "of_the_table"),
    [("999001", 999001), ("999001", 999001.0), ("999001", "999001.0"), ("007", "007"),
     ("ann", " ann "), ("6F9619FF-8B86-D011-B42D-00C04FC964FF",) * 2, ("1e3", "1e3"),
     ("12345678901234567", 12345678901234567), ("9.50", "9.50")],
)  # fmt: skip
def test_ids_match_as_text(of_the_log: str, of_the_table: object, tmp_path: Path) -> None:
    """Whole numbers match with and without a fraction of zero, in a file and in memory."""
    rows = [{"account": of_the_table, "plan": "gold"}]
    lines = tmp_path / "a.ndjson"
    lines.write_text(json.dumps(rows[0]), encoding="utf-8")
    for table in (pa.Table.from_pylist(rows), csv_file(tmp_path / "a.csv", rows), lines):
        found, _ = joined(table, [of_the_log])
        assert found[of_the_log]["plan"] == "gold"


def test_a_key_matches_its_hash(tmp_path: Path) -> None:
    """The table has the key itself, and the ledger only the short hash that stands for it."""
    secret = "k-5f1c"  # noqa: S105 - made up
    hashed = f"key-{hashlib.sha256(secret.encode()).hexdigest()[:12]}"
    found, said = joined(csv_file(tmp_path / "a.csv", [{"account": secret, "plan": "x"}]), [hashed])
    assert (found[hashed]["plan"], said.known) == ("x", 1)


@pytest.mark.parametrize("pair", [("7", "07"), ("7", "7.5"), ("ann", "Ann"), ("1", "1.0.0")])
def test_other_ids_do_not_match(pair: tuple[str, str], tmp_path: Path) -> None:
    """Leading zeros, other fractions and another case are other accounts."""
    found, said = joined(
        csv_file(tmp_path / "a.csv", [{"account": pair[1], "plan": "x"}]), [pair[0]]
    )
    assert (found, said.known) == ({}, 0)


@pytest.mark.slow
def test_of_number_and_login_the_column_that_knows_most_accounts_counts(tmp_path: Path) -> None:
    """A table often has both; the log decides, unless a setting does."""
    rows = [{"user_id": n, "username": name, "plan": name} for n, name in enumerate(("ann", "bob"))]
    table = csv_file(tmp_path / "a.csv", rows)
    found, said = joined(table)
    assert (found.keys(), said.columns["account"]) == ({"ann", "bob"}, "username")
    found, said = joined(table, ["0", "1"])
    assert (found.keys(), said.columns["account"]) == ({"0", "1"}, "user_id")
    assert joined(table, account="user_id")[0] == {}


def test_columns_go_by_settings_and_by_usual_names(tmp_path: Path) -> None:
    """A set column comes before a usual one; signs and case of usual names do not matter."""
    rows = [{"E-Mail": "ann", "Display Name": "Ann", "Date-Joined": 1_767_413_106, "plan": "p",
             "tariff code": "t"}]  # fmt: skip
    found, said = joined(csv_file(tmp_path / "a.csv", rows), account="E-Mail", plan="tariff code")
    assert found["ann"]["display_name"] == "Ann"
    assert found["ann"]["created"] == EPOCH
    assert found["ann"]["plan"] == "t"
    assert [name for name, _, _ in said.assumptions] == ["accounts table", "accounts columns"]
    assert "account = E-Mail" in " ".join(value for _, value, _ in said.assumptions)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_date_stays_this_date_in_any_zone(tmp_path: Path, kind: str) -> None:
    """Only a time without a zone is in the zone of the settings."""
    rows = [
        {"account": "ann", "created": "2025-05-01"},
        {"account": "bob", "created": "2025-05-01"},
    ]
    table = csv_file(tmp_path / "a.csv", rows)
    if kind == "parquet":
        duckdb.sql(f"COPY (FROM read_csv('{table}')) TO '{tmp_path / 'a.parquet'}'")
        table = tmp_path / "a.parquet"
    else:
        rows[1]["created"] = "2025-05-01 00:00:00"
        csv_file(table, rows)
    found, _ = joined(table, zone="Europe/Berlin")
    midnight = 1_746_057_600
    assert found["ann"]["created"] == midnight
    assert found["bob"]["created"] == midnight - (7_200 if kind == "csv" else 0)


def test_times_that_cannot_be_read_are_counted(tmp_path: Path) -> None:
    """Text that is not a time, and impossible times, do not count; the scan says how many."""
    rows = [{"account": "ann", "created": "last spring"}, {"account": "bob", "created": "-"}]
    found, said = joined(csv_file(tmp_path / "a.csv", rows))
    assert [row["created"] for row in found.values()] == [None, None]
    assert said.unread == 1
    assert "cannot be read: 1" in " ".join(said.notes)
    future = [
        {"account": "ann", "created": "2999-01-01"},
        {"account": "bob", "created": "1970-01-01"},
    ]
    assert [r["created"] for r in joined(csv_file(tmp_path / "b.csv", future))[0].values()] == [
        None,
        None,
    ]


BROKEN = {
    "a.csv": ("id,name\n1,a\n2,b,c,d\n", "Line: 3"),
    "b.csv": ("", "is empty"),
    "c.csv": ("colour,size\nred,1\n", "no column is known to hold the account"),
    "d.json": ("[1, 2", "cannot be read"),
    "e.json": ('["a", "b"]', "has no objects"),
    "f.parquet": ("not parquet", "cannot be read"),
    "g.csv": ("id,name\n1,Andr\udce9\n", "UTF-8"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_table_that_cannot_be_read_is_one_clear_line(name: str, tmp_path: Path) -> None:
    """The error has the file, what is wrong with it and what to do, on one line."""
    text, said = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(text.encode("utf-8", "surrogateescape"))
    log = write_events(tmp_path / "log.parquet", events(["ann"]))
    with pytest.raises(AccountsTableError, match=re.escape(said)) as error:
        ringfence.scan(log, accounts=path)
    assert name in str(error.value)
    assert "\n" not in str(error.value)


def test_a_missing_file_and_a_wrong_object_are_refused() -> None:
    """A path without a file, and an object that is not a table, are named."""
    with pytest.raises(AccountsTableError, match="no such file"):
        joined(Path("nowhere.csv"))
    with pytest.raises(AccountsTableError, match="type int"):
        ringfence.scan("log", accounts=7)  # type: ignore[arg-type]


@pytest.mark.parametrize("column", list(Settings().accounts.model_dump()))
def test_a_named_column_that_does_not_exist_is_an_error(column: str, tmp_path: Path) -> None:
    """The error suggests the column that was meant, and names the setting."""
    rows = [{"account": "ann", "created": "", "plan": "", "colour": ""}]
    with pytest.raises(AccountsTableError, match="did you mean colour") as error:
        joined(csv_file(tmp_path / "a.csv", rows), **{column: "color"})
    assert f"accounts.{column}" in str(error.value)


def test_an_unknown_setting_is_refused() -> None:
    """A misspelt setting of the section is never taken for a default."""
    with pytest.raises(SettingsError, match="did you mean accounts"):
        Settings.model_validate({"accounts": {"acount": "x"}})


NAMES = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)


@pytest.mark.slow
@hypothesis_settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(NAMES, NAMES), min_size=1, max_size=5, unique_by=lambda pair: pair[0].strip()
    )
)
def test_any_text_comes_back_as_it_was(pairs: list[tuple[str, str]]) -> None:
    """Quotes, markup, escape sequences and other alphabets survive, and no text is run as SQL."""
    rows = [{"account": name, "display_name": said} for name, said in pairs if name != "-"]
    if rows:
        found, _ = joined(pa.Table.from_pylist(rows), [str(row["account"]) for row in rows])
        assert {name: one["display_name"] for name, one in found.items()} == {
            row["account"]: None if row["display_name"] == "-" else row["display_name"]
            for row in rows
        }


def test_hostile_column_names_are_only_names(tmp_path: Path) -> None:
    """A quote or a statement in a column's name is quoted."""
    name = 'x"; DROP TABLE accounts; --'
    rows = [{name: "ann", "pl'an": "gold"}]
    for table in (pa.Table.from_pylist(rows), csv_file(tmp_path / "a.csv", rows)):
        assert joined(table, account=name, plan="pl'an")[0]["ann"]["plan"] == "gold"


def test_a_log_in_slices_has_the_same_attributes(tmp_path: Path) -> None:
    """The join comes after the slices were merged, so an account counts once."""
    log = [write_events(tmp_path / f"{n}.parquet", events(["ann", "bob"])) for n in range(2)]
    table = csv_file(tmp_path / "a.csv", [{"account": "ann", "device": "d1"}])
    with ledger_of(log, accounts=table) as context:
        assert context.engine.rows("SELECT device FROM account_devices") == [("d1",)]
