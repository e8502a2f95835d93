"""A source that replaces another one: the ledger is that of the new content alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.ledger.sample import SETTINGS, Click, fold_all, tables, write
from tests.ledger.test_slices import clicks_of

from ringfence.engine import Statement
from ringfence.events import Source
from ringfence.ledger import Ledger, OnChange, open_writable
from ringfence.ledger.tables import SLICED
from ringfence.settings import LedgerSettings, Settings

BEGIN = 1_700_000_000
EXAMPLES = settings(max_examples=12, deadline=None, derandomize=True)

STORED = ("sources", "source_facts", "source_names", "rings", "facts")
"""Tables of the file that are the same as in a ledger that never saw the old content."""


def scan_into(
    ledger: Ledger, sources: Sequence[Source], on_change: OnChange = "stop"
) -> list[bool]:
    """Fold sources as a scan does; return whether each of them was read."""
    folded = [ledger.fold(plan.source, plan=plan) for plan in ledger.plan(sources, on_change)]
    ledger.compact()
    return [one.reading is not None for one in folded]


def everything(ledger: Ledger) -> dict[str, list[tuple[Any, ...]]]:
    """Return the sorted rows of all tables, those by source too."""
    stored = (*STORED, *(f"{part}_{name}" for name in SLICED for part in ("recent", "aged")))
    rows = {name: sorted(ledger.engine.rows(f"FROM {name}"), key=repr) for name in stored}
    return {**tables(ledger), **rows}


def opened(path: Path | None = None, recent: int = 31) -> Ledger:
    """Open a ledger that keeps some sources apart."""
    chosen = SETTINGS.model_copy(update={"ledger": LedgerSettings(recent_sources=recent)})
    return open_writable(path, chosen)


logs = st.lists(clicks_of(st.integers(BEGIN, BEGIN + 400)), min_size=1, max_size=12)


@pytest.mark.slow
@EXAMPLES
@given(
    before=st.lists(logs, min_size=2, max_size=5),
    after=st.lists(logs, min_size=5, max_size=5),
    changed=st.lists(st.booleans(), min_size=5, max_size=5),
    cut=st.integers(0, 5),
    rounds=st.integers(1, 2),
)
def test_replacing_is_never_having_seen_the_old_content(
    before: list[list[Click]], after: list[list[Click]], changed: list[bool], cut: int, rounds: int
) -> None:
    """Files that overlap in time, some of them replaced once or twice, are the new files alone."""
    with TemporaryDirectory() as name:
        files = [
            write([mark(number, 0), *log], Path(name) / f"{number}.csv")
            for number, log in enumerate(before)
        ]
        ledger = opened(Path(name) / "book")
        scan_into(ledger, files[:cut])
        scan_into(ledger, files)
        for turn in range(1, 1 + rounds):
            for number, file in enumerate(files):
                if changed[number]:
                    write([mark(number, turn), *after[(number + turn) % 5]], file.path)
            assert scan_into(ledger, files, "replace") == changed[: len(files)]
        got = everything(ledger)
        ledger.engine.close()
        fresh = opened(Path(name) / "fresh")
        scan_into(fresh, files)
        want = everything(fresh)
        fresh.engine.close()
    assert got == want


def mark(number: int, turn: int) -> Click:
    """Return a click that makes the content of a file different from that of every other file."""
    return Click(BEGIN, "ada", f"file {number}, turn {turn}")


@pytest.fixture
def days(tmp_path: Path) -> list[Source]:
    """Four days of a log, whose accounts and double clicks lie across the cuts."""
    log = [
        Click(BEGIN + 17 * n, f"account {n // 7}", f"item {n // 6 % 4}", client="one", seconds=n)
        for n in range(80)
    ]
    return [write(log[i : i + 20], tmp_path / f"day{i // 20}.csv") for i in range(0, 80, 20)]


def corrected(source: Source) -> list[Click]:
    """Write a corrected file in place of a source, and return its content."""
    number = int(source.path.stem.removeprefix("day"))
    log = [Click(BEGIN + 17 * 20 * number + 17 * n, f"new {n // 3}", "item 1") for n in range(9)]
    write(log, source.path)
    return log


@pytest.mark.slow
def test_old_sources_are_merged_and_recent_ones_replaced(
    days: list[Source], tmp_path: Path
) -> None:
    """With three sources of which two are kept apart, the last two can still be replaced."""
    ledger = opened(tmp_path / "book", recent=2)
    for day in days:
        scan_into(ledger, [day])
    assert [row[0] for row in ledger.engine.rows("SELECT recent FROM sources ORDER BY id")] == [
        False, False, True, True
    ]  # fmt: skip
    corrected(days[2])
    scan_into(ledger, days, "replace")
    got = tables(ledger)
    ledger.engine.close()
    fresh = opened()
    fold_all(fresh, days)
    assert got == tables(fresh)
    fresh.engine.close()


def test_a_replaced_source_takes_its_columns_and_rings_with_it(
    days: list[Source], tmp_path: Path
) -> None:
    """Columns that only the old content had are not seen any more, and its rings are forgotten."""
    ledger = opened(tmp_path / "book")
    scan_into(ledger, days[:1])
    assert {"client", "seconds"} <= ledger.seen("column")
    ledger.engine.run("INSERT INTO rings VALUES ('ring-1', 7)")
    days[0].path.write_text("ts,account,item\n2026-01-01T10:00:00Z,ada,x\n", encoding="utf-8")
    scan_into(ledger, days[:1], "replace")
    assert ledger.seen("column") == frozenset()
    assert ledger.engine.rows("FROM rings") == []
    ledger.engine.close()


KILLED = """
import os, sys
from pathlib import Path
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.events import Source
from tests.ledger.test_replacing import opened, scan_into

book, name, count, *paths = sys.argv[1:]
left, run = int(count), DuckDBEngine.run

def dying(self, statement, parameters=None):
    global left
    if getattr(statement, "name", "") == name:
        left -= 1
        if not left:
            os._exit(9)
    run(self, statement, parameters)

DuckDBEngine.run = dying
files = [Source(Path(p), Path(p).name) for p in paths]
scan_into(opened(Path(book), 1), files, "replace")
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "count"),
    [("ledger.remove_holdings", 1), ("ledger.add_source", 1), ("ledger.fold_hours", 2),
     ("ledger.merge_items", 1), ("ledger.age_hours", 1), ("ledger.remove_aged_items", 1)],
)  # fmt: skip
def test_a_kill_leaves_the_old_content_or_the_new(
    days: list[Source], tmp_path: Path, step: str, count: int
) -> None:
    """After a kill while files are replaced, the same command completes the ledger exactly."""
    book = tmp_path / "book"
    ledger = opened(book, recent=4)
    scan_into(ledger, days[:3])
    ledger.engine.close()
    for day in days[1:3]:
        corrected(day)
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(book), step, str(count), *(str(d.path) for d in days)],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (9, b"")
    ledger = opened(book)
    scan_into(ledger, days, "replace")
    got = tables(ledger)
    ledger.engine.close()
    fresh = opened()
    fold_all(fresh, days)
    assert got == tables(fresh)
    fresh.engine.close()


class CrashError(Exception):
    """An error that the test raises in the middle of a fold."""


@pytest.mark.slow
def test_a_failure_keeps_the_old_content(
    days: list[Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """If the new content cannot be folded, the ledger still has the old one, and its name."""
    ledger = opened(tmp_path / "book")
    scan_into(ledger, days)
    before = everything(ledger)
    corrected(days[1])
    run = ledger.engine.run

    def failing(statement: Statement | str, parameters: Mapping[str, object] | None = None) -> None:
        if isinstance(statement, Statement) and statement.name == "ledger.fold_networks":
            raise CrashError
        run(statement, parameters)

    with monkeypatch.context() as patch:
        patch.setattr(ledger.engine, "run", failing)
        with pytest.raises(CrashError):
            scan_into(ledger, days, "replace")
    assert everything(ledger) == before
    ledger.engine.close()


def test_settings_say_how_many_sources_stay_apart() -> None:
    """The default keeps a month of daily logs."""
    assert Settings().ledger.recent_sources == 31
