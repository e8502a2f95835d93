"""A ledger that is opened for questions only."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import numpy as np
import pytest
from tests.ledger.sample import SETTINGS

from ringfence.errors import LedgerError
from ringfence.events import Source
from ringfence.ledger import open_ledger, open_writable
from ringfence.ledger.tables import LEDGER_TABLES
from ringfence.testing.small_ledger import write_events


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """A ledger file with three takes of two accounts."""
    times = np.array(["2026-01-01T10", "2026-01-01T11", "2026-01-02T10"], "datetime64[us]")
    columns = {"ts": times, "account": np.array(["a", "b", "b"]), "item": np.array(["x", "x", "y"])}
    events = write_events(tmp_path / "events.parquet", columns)
    path = tmp_path / "book"
    ledger = open_writable(path, SETTINGS)
    ledger.fold(Source(events, "events"))
    ledger.compact()
    ledger.engine.close()
    return path


def test_queries_of_the_documented_tables(book: Path) -> None:
    """Rows, NumPy columns and Arrow streams come from one SELECT, with parameters."""
    query = (
        "SELECT a.account, count(*) AS items FROM holdings AS h "
        "JOIN accounts AS a ON a.account_key = h.account_key WHERE a.account <> $but "
        "GROUP BY a.account ORDER BY a.account"
    )
    with open_ledger(book) as ledger:
        assert ledger.sql(query, {"but": "nobody"}).rows() == [("a", 1), ("b", 2)]
        assert ledger.sql(query, {"but": "a"}).column("items").tolist() == [2]
        result = ledger.sql(query, {"but": "a"})
        pa = pytest.importorskip("pyarrow", reason="pip install pyarrow")
        assert pa.table(result).to_pylist() == [{"account": "b", "items": 2}]
        assert pa.table(result).num_rows == 1


@pytest.mark.parametrize(
    "select", ["SELECT * FROM read_csv('{file}')", "SELECT * FROM '{file}'", "FROM glob('/*')"]
)
def test_files_cannot_be_read(book: Path, tmp_path: Path, select: str) -> None:
    """A query over a file is refused, and the message lists the tables instead."""
    file = tmp_path / "secrets.csv"
    file.write_text("password\nhunter2\n")
    with open_ledger(book) as ledger:
        with pytest.raises(LedgerError, match="cannot be run") as caught:
            ledger.sql(select.format(file=file))
        assert "over these tables: accounts" in caught.value.hint
        assert "disabled" in caught.value.what
        assert ledger.sql("SELECT count(*) FROM holdings").rows() == [(3,)]


def test_a_result_outlives_its_ledger(book: Path) -> None:
    """The rows are in memory, so that they can be read after the ledger is closed."""
    with open_ledger(book) as ledger:
        result = ledger.sql("SELECT account FROM accounts ORDER BY account")
    assert result.rows() == [("a",), ("b",)]


def test_tables_are_those_in_the_file(book: Path) -> None:
    """Every documented table can be read and has the documented columns."""
    with open_ledger(book) as ledger:
        assert ledger.tables == LEDGER_TABLES
        for name, table in ledger.tables.items():
            described = ledger.sql(f"DESCRIBE {name}").rows()
            assert table.differences({column: kind for column, kind, *_ in described}) == []


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM holdings",
        "SELECT 1; SELECT 2",
        "CREATE TABLE mine AS SELECT 1",
        "COPY holdings TO 'x.parquet'",
        "ATTACH 'other.db'",
        "SELEC 1",
        "SELECT nothing FROM nowhere",
        "SELECT CAST(account AS INTEGER) FROM accounts",
        "",
    ],
)
def test_anything_but_one_select_is_refused(
    book: Path, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A statement that could change something, or cannot run, is one line that names the tables."""
    monkeypatch.chdir(tmp_path)
    files = sorted(tmp_path.iterdir())
    with open_ledger(book) as ledger:
        with pytest.raises(LedgerError, match="the query cannot be run: ") as caught:
            ledger.sql(text)
        assert "accounts, items, holdings" in caught.value.hint
        assert "\n" not in str(caught.value)
    assert sorted(tmp_path.iterdir()) == files


def test_a_variable_of_the_program_is_no_table(book: Path) -> None:
    """A query cannot pick up an object of the calling program by its name."""
    frame = {"n": np.arange(3)}
    with open_ledger(book) as ledger, pytest.raises(LedgerError, match="frame does not exist"):
        ledger.sql("SELECT * FROM frame").rows()
    assert len(frame) == 1


def test_several_readers_at_a_time(book: Path) -> None:
    """Readers do not exclude each other."""
    with open_ledger(book) as one, open_ledger(book) as other:
        query = "SELECT count(*) FROM holdings"
        assert one.sql(query).rows() == other.sql(query).rows() == [(3,)]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    """A missing file is not created."""
    with pytest.raises(LedgerError, match="there is no such file"):
        open_ledger(tmp_path / "book")
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_not_a_ledger(tmp_path: Path) -> None:
    """Neither a text file nor another database is taken for a ledger."""
    text, shop = tmp_path / "notes.txt", tmp_path / "shop"
    text.write_text("mine\n" * 1000)
    with duckdb.connect(str(shop)) as other:
        other.execute("CREATE TABLE orders AS SELECT 1 AS id")
    table = tmp_path / "events.csv"
    table.write_text("ts,account,item\n")
    for path in (text, shop, table):
        with pytest.raises(LedgerError, match="is not a ledger") as caught:
            open_ledger(path)
        assert caught.value.where == str(path)
        assert caught.value.hint == "name a file that ringfence scan --ledger has written"


def test_a_folder_is_not_a_ledger(tmp_path: Path) -> None:
    """A folder is called one."""
    with pytest.raises(LedgerError, match="is a folder, not a ledger file"):
        open_ledger(tmp_path)


def test_the_text_form_names_the_file(book: Path) -> None:
    """A reader is one line, and its tables are one line each with their columns."""
    with open_ledger(book) as ledger:
        assert repr(ledger) == f"<LedgerReader: {book}; {len(LEDGER_TABLES)} tables>"
        lines = repr(ledger.tables).splitlines()
    assert len(lines) == len(LEDGER_TABLES)
    described = dict(line.split(" ", 1) for line in lines)
    assert all(column.name in described["holdings"] for column in LEDGER_TABLES["holdings"].columns)


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_ledger_that_would_be_misread(book: Path, version: int) -> None:
    """A ledger of an old version is refused, with what to do instead."""
    said = rf"schema version {version}, and .* \(start a new ledger file and scan the logs again\)"
    with duckdb.connect(str(book)) as other:
        other.execute(f"UPDATE facts SET value = '{version}' WHERE name = 'schema version'")
    with pytest.raises(LedgerError, match=said):
        open_ledger(book)


def test_a_reader_merges_what_a_scan_had_no_time_to_merge(book: Path, tmp_path: Path) -> None:
    """After a scan that folded and then died, a reader sees one row per account and item."""
    columns = {
        "ts": np.array(["2026-01-01T10:00:10", "2026-01-03T10"], "datetime64[us]"),
        "account": np.array(["a", "b"]),
        "item": np.array(["x", "x"]),
    }
    events = write_events(tmp_path / "more.parquet", columns)
    ledger = open_writable(book, SETTINGS)
    ledger.fold(Source(events, "more"))
    ledger.engine.close()
    with open_ledger(book) as reader:
        query = (
            "SELECT account, item, uses FROM holdings JOIN accounts USING (account_key) "
            "JOIN items USING (item_key) ORDER BY account, item"
        )
        # The second click of a on x comes 10 s after the first: it is the same use.
        assert reader.sql(query).rows() == [("a", "x", 1), ("b", "x", 2), ("b", "y", 1)]
        assert reader.sql("SELECT CAST(sum(uses) AS INT) FROM hours").rows() == [(4,)]


HOLDER = """
import sys
import duckdb
held = duckdb.connect(sys.argv[1])
print("held", flush=True)
sys.stdin.read()
"""


def test_a_ledger_that_a_scan_writes(book: Path) -> None:
    """The message names the process that has the file open, and what to do."""
    with subprocess.Popen([sys.executable, "-c", HOLDER, str(book)], stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE, text=True) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(LedgerError) as caught:
            open_ledger(book)
        holder.communicate("")
    assert f"is in use by process {holder.pid} (wait until that scan" in str(caught.value)


def test_a_ledger_that_this_process_writes(book: Path) -> None:
    """A ledger that is open for a scan in the same process is in use, too."""
    said = "is in use by this process or another one"
    with open_writable(book, SETTINGS).engine, pytest.raises(LedgerError, match=said):
        open_ledger(book)
