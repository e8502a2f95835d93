"""Ledger files that must not be used: another making, no ledger at all, or in use."""

from __future__ import annotations

import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import duckdb
import pytest
from tests.ledger.sample import SETTINGS

from ringfence.errors import LedgerError
from ringfence.ledger import check_ledger, open_writable
from ringfence.settings import Settings


def made(tmp_path: Path) -> Path:
    """Make an empty ledger."""
    path = tmp_path / "book"
    open_writable(path, SETTINGS).engine.close()
    return path


def refusal(path: Path, settings: Settings = SETTINGS) -> str:
    """Open a ledger that cannot be opened and return the one line that says so."""
    with pytest.raises(LedgerError) as caught:
        open_writable(path, settings)
    line = str(caught.value)
    assert line.startswith(f"{path}: ")
    assert "\n" not in line
    assert line.endswith(")"), "every refusal has a hint"
    return line


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"uses": {"double_click_seconds": 10}}, "uses.double_click_seconds = 30, now it is 10"),
        ({"account": {"key": "address"}}, "account.key = auto, now it is address"),
    ],
)
def test_other_settings_are_refused(
    tmp_path: Path, change: dict[str, dict[str, object]], said: str
) -> None:
    """A setting that decides the counts cannot change under a ledger."""
    line = refusal(made(tmp_path), Settings.model_validate(change))
    assert f"was made with {said}" in line
    assert "start a new ledger file" in line


@pytest.mark.parametrize("fact", ["schema version", "hash"])
def test_another_making_is_refused(tmp_path: Path, fact: str) -> None:
    """A file of another schema or hash function would be misread, so it is not read."""
    path = made(tmp_path)
    with duckdb.connect(str(path)) as other:
        other.execute("UPDATE facts SET value = '0' WHERE name = $fact", {"fact": fact})
    line = refusal(path)
    assert f"was made with {fact} = 0, now it is " in line
    assert "this version cannot read it: start a new ledger file and scan the logs again" in line


def test_a_ledger_of_the_first_version_is_refused_as_that(tmp_path: Path) -> None:
    """A file without the tables added since then is a ledger, only too old, and stays as it is."""
    path = made(tmp_path)
    with duckdb.connect(str(path)) as other:
        for table in ("aged_devices", "recent_payments", "source_names", "rings"):
            other.execute(f"DROP TABLE {table}")
        other.execute("UPDATE facts SET value = '1' WHERE name = 'schema version'")
        tables = other.execute("SHOW TABLES").fetchall()
    assert "was made with schema version = 1, now it is 7" in refusal(path)
    with duckdb.connect(str(path)) as other:
        assert other.execute("SHOW TABLES").fetchall() == tables


def test_the_same_settings_are_accepted(tmp_path: Path) -> None:
    """Settings that decide no count, such as threads, may change."""
    path = made(tmp_path)
    open_writable(path, Settings.model_validate({"engine": {"threads": 2}})).engine.close()


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    """A text file is not overwritten."""
    path = tmp_path / "notes.txt"
    path.write_text("mine\n" * 1000)
    assert "is not a ledger (name another file, or one that does not exist yet)" in refusal(path)
    assert path.read_text() == "mine\n" * 1000


def test_a_database_of_somebody_else_is_refused(tmp_path: Path) -> None:
    """A DuckDB file with tables of the same names but other columns is left alone."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE accounts AS SELECT 1 AS id")
        other.execute("CREATE TABLE facts AS SELECT 1 AS fact, 2 AS other, 3 AS third")
    assert "ledger" in refusal(path)
    with duckdb.connect(str(path)) as other:
        assert other.execute("SHOW TABLES").fetchall() == [("accounts",), ("facts",)]


def test_a_database_without_any_ledger_table_is_refused(tmp_path: Path) -> None:
    """Nothing is added to a DuckDB file that somebody else filled."""
    path = tmp_path / "shop.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("CREATE TABLE orders AS SELECT 1 AS id")
    assert "ledger" in refusal(path)
    with duckdb.connect(str(path)) as other:
        assert other.execute("SHOW TABLES").fetchall() == [("orders",)]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("missing/book", "missing does not exist (create the folder first, or name a file in an"),
        (".", "is a folder, not a ledger file (name another file, or one that does not exist yet)"),
    ],
)
def test_a_place_that_holds_no_file_is_refused(tmp_path: Path, place: str, said: str) -> None:
    """A folder that is not there, or a folder instead of a file, is one line with advice."""
    assert said in refusal(tmp_path / place)


@pytest.mark.parametrize("name", ["events.csv", "events.parquet", "events.json"])
def test_a_file_that_the_engine_reads_as_a_table_is_refused(tmp_path: Path, name: str) -> None:
    """A csv, Parquet or JSON file is named as no ledger, and stays as it is."""
    path = tmp_path / name
    with duckdb.connect() as connection:
        one = connection.sql("SELECT 1 AS ts")
        if name.endswith("parquet"):
            one.write_parquet(str(path))
        elif name.endswith("csv"):
            one.write_csv(str(path))
        else:
            path.write_text('{"ts": 1}\n')
    before = path.read_bytes()
    line = refusal(path)
    assert line == f"{path}: is not a ledger (name another file, or one that does not exist yet)"
    assert path.read_bytes() == before


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    """A file without content is not a ledger, and nothing is written into it."""
    path = tmp_path / "book"
    path.touch()
    assert "is not a ledger (name another file" in refusal(path)
    assert path.stat().st_size == 0


HOLDER = """
import sys
from contextlib import nullcontext
import duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_ledger_in_use_is_refused(tmp_path: Path) -> None:
    """While another process holds the file, a scan says so and does not wait."""
    path = made(tmp_path)
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert f"is in use by process {holder.pid} (wait until" in refusal(path)
        holder.communicate("")


@pytest.mark.parametrize(
    ("fact", "value", "said"),
    [
        ("schema version", "4", ""),
        ("schema version", "5", ""),
        ("schema version", "6", ""),
        ("schema version", "1", "was made with schema version = 1, now it is 7"),
        ("schema version", "99", "was made with schema version = 99, now it is 7"),
        ("account.key", "visitor", "was made with account.key = visitor, now it is auto"),
    ],
)
def test_a_ledger_is_checked_before_it_is_used(
    tmp_path: Path, fact: str, value: str, said: str
) -> None:
    """A ledger that a scan would refuse is refused, an older one passes, and none is changed."""
    path = tmp_path / "book.ledger"
    open_writable(path, Settings()).engine.close()
    with duckdb.connect(path) as other:
        other.execute("UPDATE facts SET value = ? WHERE name = ?", [value, fact])
    before = path.read_bytes()
    with pytest.raises(LedgerError, match=said) if said else nullcontext():
        check_ledger(path, Settings())
    assert path.read_bytes() == before


def test_the_check_of_a_ledger_needs_no_ledger(tmp_path: Path) -> None:
    """A file that does not exist passes, and another file or database does not."""
    path = tmp_path / "book.ledger"
    check_ledger(path, Settings())
    assert not path.exists()
    with duckdb.connect(path) as other:
        other.execute("CREATE TABLE x (y INTEGER)")
    with pytest.raises(LedgerError, match="is a database, but not a ledger"):
        check_ledger(path, Settings())
    path.write_text("nonsense")
    with pytest.raises(LedgerError, match="is not a ledger"):
        check_ledger(path, Settings())
