"""Forgetting: the ledger is that of the logs without the account, or of the remaining days."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.sample import SETTINGS, Click, tables, write
from tests.ledger.test_replacing import opened, scan_into
from tests.ledger.test_slices import clicks_of

from ringfence.errors import LedgerError
from ringfence.events import Source
from ringfence.ledger.forgetting import (
    ForgetResult,
    forget_account,
    forget_before,
    keep_last_days,
)
from ringfence.ledger.tables import STORED_TABLES

DAY = 86_400
BEGIN = 1_700_000_000 // DAY * DAY
EXAMPLES = settings(max_examples=8, deadline=None, derandomize=True)
GROUPS = {"a/1": "g1", "b 2": "g2"}

Rows = dict[str, list[tuple[Any, ...]]]


def day_of(number: int) -> date:
    """Return the date of a day of the tests."""
    return datetime.fromtimestamp(BEGIN + number * DAY, UTC).date()


def in_groups(log: list[Click]) -> list[Click]:
    """Give every item one group, as catalogues do."""
    return [click._replace(group=GROUPS.get(click.item)) for click in log]


def days_of(log: list[Click], folder: Path, number: int = 4) -> list[Source]:
    """Write one file per day. Each has a line of its own, so that no two are equal."""
    folder.mkdir(exist_ok=True)
    return [
        write(
            [Click(BEGIN + day * DAY, "always", f"daily {day}"),
             *(click for click in log if (click.moment - BEGIN) // DAY == day)],
            folder / f"day{day}.csv",
        )
        for day in range(number)
    ]  # fmt: skip


def folded(path: Path, files: list[Source], recent: int = 31) -> Path:
    """Fold files one by one, as a daily scan does, and return the ledger's path."""
    ledger = opened(path, recent)
    for file in files:
        scan_into(ledger, [file])
    ledger.engine.close()
    return path


def merged(path: Path) -> Rows:
    """Return the merged rows of a ledger file."""
    ledger = opened(path)
    ledger.compact()
    try:
        return tables(ledger)
    finally:
        ledger.engine.close()


def stored(path: Path) -> Rows:
    """Return all stored rows, with sources numbered from 1 in their order."""
    ledger = opened(path)
    numbers = [row[0] for row in ledger.engine.rows("SELECT id FROM sources ORDER BY id")]
    numbered = {number: place for place, number in enumerate(numbers, 1)}
    rows = {}
    for name in STORED_TABLES:
        first = "id" if name == "sources" else "source"
        found = ledger.engine.records(f"FROM {name}")
        rows[name] = sorted(
            (tuple(numbered[v] if k == first else v for k, v in row.items()) for row in found),
            key=repr,
        )
    ledger.engine.close()
    return rows


logs = st.lists(
    clicks_of(st.integers(BEGIN, BEGIN + 4 * DAY - 1) | st.sampled_from([BEGIN + DAY - 1])),
    min_size=1, max_size=40,
).map(in_groups)  # fmt: skip


@pytest.mark.slow
@EXAMPLES
@given(log=logs, account=st.sampled_from(["ada", "=cmd()", "zoë"]), recent=st.integers(1, 4))
def test_a_forgotten_account_was_never_there(log: list[Click], account: str, recent: int) -> None:
    """All tables equal those of the logs without the account, in recent and in merged rows."""
    log = [*log, Click(BEGIN, account, "its own")]
    with TemporaryDirectory() as name:
        book = folded(Path(name) / "book", days_of(log, Path(name) / "all"), recent)
        result = forget_account(book, account, SETTINGS)
        rest = [click for click in log if click.account != account]
        fresh = folded(Path(name) / "fresh", days_of(rest, Path(name) / "rest"), recent)
        got, want = stored(book), stored(fresh)
        assert merged(book) == merged(fresh)
    # The sources are those that were folded, so that the next scan skips them.
    differ = {"sources", "source_names", "line_counts", "quarantined_lines", "source_facts"}
    assert {n: got[n] for n in got.keys() - differ} == {n: want[n] for n in want.keys() - differ}
    assert len(got["sources"]) == 4
    assert result.accounts == 1


@pytest.mark.slow
@EXAMPLES
@given(log=logs, first=st.integers(0, 4))
def test_by_date_the_remaining_days_remain(log: list[Click], first: int) -> None:
    """If sources are days, every stored table equals that of a ledger of the remaining days."""
    with TemporaryDirectory() as name:
        files = days_of(log, Path(name) / "all")
        book = folded(Path(name) / "book", files)
        result = forget_before(book, day_of(first), SETTINGS)
        fresh = folded(Path(name) / "fresh", files[first:])
        got, want = stored(book), stored(fresh)
        if first < 4:
            assert merged(book) == merged(fresh)
    assert got == want
    assert (result.sources, result.divided) == (first, 0)


@pytest.mark.slow
@EXAMPLES
@given(log=logs, days=st.integers(1, 4))
def test_the_last_days_remain(log: list[Click], days: int) -> None:
    """If sources are days, every stored table equals that of a ledger of the last days."""
    with TemporaryDirectory() as name:
        files = days_of(log, Path(name) / "all")
        book = folded(Path(name) / "book", files)
        result = keep_last_days(book, days, SETTINGS)
        assert stored(book) == stored(folded(Path(name) / "fresh", files[-days:]))
    assert (result.sources, result.divided) == (4 - days, 0)


@pytest.mark.slow
@EXAMPLES
@given(log=logs, first=st.integers(1, 3), recent=st.integers(1, 2))
def test_merged_rows_are_forgotten_as_far_as_they_have_dates(
    log: list[Click], first: int, recent: int
) -> None:
    """Accounts, items, hours and last takes are exact; other counts still have earlier events."""
    with TemporaryDirectory() as name:
        files = days_of(log, Path(name) / "all")
        book = folded(Path(name) / "book", files, recent)
        forget_before(book, day_of(first), SETTINGS)
        got, want = merged(book), merged(folded(Path(name) / "fresh", files[first:]))
    assert names(got["accounts"]) == names(want["accounts"])
    assert names(got["items"]) == names(want["items"])
    assert lasts(got["holdings"]) == lasts(want["holdings"])
    assert {row[:2] for row in got["hours"]} == {row[:2] for row in want["hours"]}
    for table in ("clients", "networks", "surfaces", "devices", "payments"):
        kept = {row[:2]: row[2] for row in got[table]}
        assert all(kept[row[:2]] >= row[2] for row in want[table])


def names(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Return keys and names."""
    return {row[:2] for row in rows}


def lasts(rows: list[tuple[Any, ...]]) -> set[tuple[Any, ...]]:
    """Return account, item and last take of each holding."""
    return {(row[0], row[1], row[4]) for row in rows}


LOG = [
    Click(BEGIN + hour * 3600, f"account-number-{hour % 5}", f"item {hour % 12}", client="one",
          ip="192.0.2.7")
    for hour in range(96)
]  # fmt: skip
NAME = "account-number-3"


@pytest.fixture
def files(tmp_path: Path) -> list[Source]:
    """Four days of a log."""
    return days_of(LOG, tmp_path / "logs")


@pytest.mark.slow
@pytest.mark.parametrize("recent", [1, 31])
def test_the_file_has_no_byte_of_the_name(tmp_path: Path, files: list[Source], recent: int) -> None:
    """A forgotten name is neither in the file nor beside it, also not in lines that failed."""
    extra = tmp_path / "logs" / "extra.ndjson"
    write([Click(BEGIN + n, "ada", "item 1") for n in range(40)], extra)
    with extra.open("a", encoding="utf-8") as file:
        file.write(f'{{"account": "{NAME}", "broken"\n{{"account": "somebody else", "broken"\n')
    book = folded(tmp_path / "book", [Source(extra, extra.name), *files], recent)
    assert NAME.encode() in book.read_bytes()
    forget_account(book, NAME, SETTINGS)
    for left in tmp_path.rglob("*"):
        if left.is_file() and left.parent.name != "logs":
            assert NAME.encode() not in left.read_bytes(), left
    assert b"somebody else" in book.read_bytes()
    assert b"account-number-4" in book.read_bytes()
    assert book.stat().st_mode & 0o777 == 0o600


@pytest.mark.slow
def test_a_forgotten_account_does_not_come_back_with_known_logs(
    tmp_path: Path, files: list[Source]
) -> None:
    """The next scan of the same logs skips them."""
    book = folded(tmp_path / "book", files)
    forget_account(book, NAME, SETTINGS)
    before = stored(book)
    folded(book, files)
    assert stored(book) == before


@pytest.mark.slow
def test_rings_lose_the_account_and_stay(tmp_path: Path, files: list[Source]) -> None:
    """The other members of a ring keep its id."""
    book = folded(tmp_path / "book", files)
    ledger = opened(book)
    ledger.engine.run("INSERT INTO rings SELECT 'ring-1', account_key FROM recent_accounts")
    others = ledger.engine.rows(
        "SELECT DISTINCT * FROM rings WHERE account_key <> hash($name) ORDER BY ALL",
        {"name": NAME},
    )
    ledger.engine.close()
    forget_account(book, NAME, SETTINGS)
    assert sorted(set(stored(book)["rings"])) == others


@pytest.mark.slow
def test_accounts_on_both_sides_of_the_date_are_counted(
    tmp_path: Path, files: list[Source]
) -> None:
    """Of merged rows, the result says how many accounts keep counts of earlier events."""
    book = folded(tmp_path / "book", files, recent=1)
    result = forget_before(book, day_of(1), SETTINGS)
    assert result == ForgetResult(sources=0, accounts=0, holdings=13, divided=6)


@pytest.mark.slow
def test_nothing_to_forget_leaves_the_file(tmp_path: Path, files: list[Source]) -> None:
    """A date before the first record changes no byte."""
    book = folded(tmp_path / "book", files)
    before = book.read_bytes()
    assert not forget_before(book, day_of(0), SETTINGS).changed
    assert not forget_before(book, date(1901, 1, 1), SETTINGS).changed
    assert book.read_bytes() == before


@pytest.mark.slow
def test_everything_can_be_forgotten(tmp_path: Path, files: list[Source]) -> None:
    """A date after the last record leaves an empty ledger, which scans can go on with."""
    book = folded(tmp_path / "book", files)
    assert forget_before(book, date(2150, 1, 1), SETTINGS).sources == 4
    assert {name: rows for name, rows in stored(book).items() if rows}.keys() == {"facts"}
    folded(book, files)
    assert merged(book) == merged(folded(tmp_path / "fresh", files))


@pytest.mark.slow
def test_an_unknown_account_is_refused(tmp_path: Path, files: list[Source]) -> None:
    """A part of a name or other capitals forget nothing."""
    book = folded(tmp_path / "book", files)
    before = book.read_bytes()
    for name in ("account-number", NAME.upper(), ""):
        with pytest.raises(LedgerError, match="knows no account of this name"):
            forget_account(book, name, SETTINGS)
    assert book.read_bytes() == before


def test_a_file_that_is_no_ledger_is_refused(tmp_path: Path) -> None:
    """No file is created, and another file stays as it is."""
    with pytest.raises(LedgerError, match="no such file"):
        forget_account(tmp_path / "none", "ada", SETTINGS)
    other = tmp_path / "other"
    other.write_text("a text", encoding="utf-8")
    with pytest.raises(LedgerError, match="is not a ledger"):
        forget_account(other, "ada", SETTINGS)
    assert [one.name for one in tmp_path.iterdir()] == ["other"]
    assert other.read_text(encoding="utf-8") == "a text"


@pytest.mark.slow
def test_a_ledger_in_use_is_refused(tmp_path: Path, files: list[Source]) -> None:
    """While a reader has the ledger open, nothing is forgotten behind its back."""
    book = folded(tmp_path / "book", files)
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(book)], cwd=Path(__file__).parents[2],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout is not None
    assert holder.stdout.readline() == "open\n"
    with pytest.raises(LedgerError, match="is in use by process"):
        forget_account(book, NAME, SETTINGS)
    holder.communicate("")


HOLDING = """
import sys
from ringfence.ledger import open_ledger
with open_ledger(sys.argv[1]):
    print("open", flush=True)
    sys.stdin.read()
"""

KILLED = """
import os, signal, sys
from pathlib import Path
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.ledger.forgetting import forget_account
from tests.ledger.sample import SETTINGS

book, name, count = sys.argv[1:]
left, run = int(count), DuckDBEngine.run

def dying(self, statement, parameters=None):
    global left
    run(self, statement, parameters)
    left -= 1
    if not left:
        os.kill(os.getpid(), signal.SIGKILL)

DuckDBEngine.run = dying
forget_account(Path(book), name, SETTINGS)
"""


@pytest.mark.slow
@pytest.mark.parametrize("step", [2, 40, 60])
def test_a_kill_leaves_the_old_ledger(tmp_path: Path, files: list[Source], step: int) -> None:
    """After a kill at any statement the ledger is whole, and the same command forgets."""
    book = folded(tmp_path / "book", files)
    before = stored(book)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(book), NAME, str(step)],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (-9, b"")
    assert stored(book) == before
    forget_account(book, NAME, SETTINGS)
    assert NAME.encode() not in book.read_bytes()
    assert sorted(one.name for one in tmp_path.iterdir()) == ["book", "logs"]
