"""Each source is folded exactly once, whatever its name and whatever happens in between."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
from tests.ledger.sample import SETTINGS, Click, fold_all, folded_tables, tables, write

from ringfence.engine import Statement
from ringfence.errors import SourceError
from ringfence.events import Source
from ringfence.ledger import Ledger, open_writable

BEGIN = 1_700_000_000
LOG = [
    Click(BEGIN + 17 * n, f"account {n // 7}", f"item {n // 6 % 4}", None, f"10.0.{n % 2}.1", "one",
          seconds=n % 5, surface="stream")
    for n in range(60)
]  # fmt: skip
"""Accounts stay with an item for some clicks, 17 s apart: double clicks lie across the cuts."""


@pytest.fixture
def days(tmp_path: Path) -> list[Source]:
    """Three days of a log."""
    return [write(LOG[i : i + 20], tmp_path / f"day{i // 20}.csv") for i in range(0, 60, 20)]


@pytest.fixture
def ledger() -> Iterator[Ledger]:
    """A ledger in memory."""
    one = open_writable(None, SETTINGS)
    yield one
    one.engine.close()


def test_the_same_file_twice_is_skipped_and_said(ledger: Ledger, days: list[Source]) -> None:
    """A second time a source adds nothing, and what comes back names the first."""
    first, again = fold_all(ledger, [days[0], days[0]])
    assert first.reading is not None
    assert first.folded_as == ""
    assert first.outcomes == {None: 20}
    assert (again.reading, again.folded_as, again.outcomes) == (None, "day0.csv", {})
    assert tables(ledger) == folded_tables(days[:1])


@pytest.mark.slow
def test_another_name_does_not_make_it_another_source(
    ledger: Ledger, days: list[Source], tmp_path: Path
) -> None:
    """A rotated file, the same content under a new name, is known by its content."""
    rotated = tmp_path / "day0.csv.1"
    shutil.copy(days[0].path, rotated)
    fold_all(ledger, days)
    (again,) = fold_all(ledger, [Source(rotated, "day0.csv.1")])
    assert (again.reading, again.folded_as) == (None, "day0.csv")
    assert tables(ledger) == folded_tables(days)


def test_an_empty_file_is_a_source_without_events(ledger: Ledger, tmp_path: Path) -> None:
    """An empty file folds to nothing and leaves a ledger that can be merged."""
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    (folded,) = fold_all(ledger, [Source(empty, "empty.log")])
    assert folded.outcomes == {}
    assert not any(tables(ledger).values())


def test_what_kind_of_log_it_was_lasts(days: list[Source], tmp_path: Path) -> None:
    """A scan that finds nothing new still knows which columns the ledger was folded from."""
    book = tmp_path / "book"
    for _ in range(2):
        one = open_writable(book, SETTINGS)
        fold_all(one, days)
        assert {"seconds", "client", "ip", "surface"} <= one.seen("column")
        one.engine.close()


class CrashError(Exception):
    """Stands for anything that goes wrong in the middle."""


def crash_at(ledger: Ledger, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the engine fail when it comes to a statement."""
    run = ledger.engine.run

    def failing(statement: Statement | str, parameters: Mapping[str, object] | None = None) -> None:
        if isinstance(statement, Statement) and statement.name == name:
            raise CrashError
        run(statement, parameters)

    monkeypatch.setattr(ledger.engine, "run", failing)


@pytest.mark.slow
@pytest.mark.parametrize("step", ["ledger.double_clicks", "ledger.fold_hours", "ledger.add_source"])
def test_a_failure_inside_a_file_folds_nothing_of_it(
    days: list[Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A fold that fails halfway leaves the ledger as before; the next run folds the file once."""
    book = tmp_path / "book"
    ledger = open_writable(book, SETTINGS)
    fold_all(ledger, days[:1])
    with monkeypatch.context() as patch:
        crash_at(ledger, step, patch)
        with pytest.raises(CrashError):
            ledger.fold(days[1])
    assert tables(ledger) == folded_tables(days[:1])
    ledger.engine.close()
    assert_completes(book, days, skipped=1)


@pytest.mark.slow
@pytest.mark.parametrize(
    "step", ["ledger.merge_holdings", "ledger.merge_surfaces", "ledger.show_merged_signups"]
)
def test_a_failure_inside_the_merge_merges_later(
    days: list[Source], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """A merge that fails takes back no seam twice when it is done again."""
    book = tmp_path / "book"
    ledger = open_writable(book, SETTINGS)
    with monkeypatch.context() as patch:
        crash_at(ledger, step, patch)
        with pytest.raises(CrashError):
            fold_all(ledger, days)
    ledger.engine.close()
    assert_completes(book, days, skipped=3)


KILLED = """
import os, sys
from pathlib import Path
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.events import Source
from ringfence.ledger import open_writable
from tests.ledger.sample import SETTINGS, fold_all

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
fold_all(open_writable(Path(book), SETTINGS), [Source(Path(p), Path(p).name) for p in paths])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "count", "skipped"),
    [("ledger.double_clicks", 2, 1), ("ledger.fold_surfaces", 3, 2), ("ledger.seams", 1, 3),
     ("ledger.merge_networks", 1, 3)],
)  # fmt: skip
def test_a_killed_process_loses_nothing_and_folds_nothing_twice(
    days: list[Source], tmp_path: Path, step: str, count: int, skipped: int
) -> None:
    """After a kill between or within files the same command completes the ledger exactly."""
    book = tmp_path / "book"
    paths = [str(day.path) for day in days]
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(book), step, str(count), *paths],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (9, b"")
    assert_completes(book, days, skipped=skipped)


def assert_completes(book: Path, days: list[Source], skipped: int) -> None:
    """Run all days again on the file that was left, and compare with a run without accident."""
    ledger = open_writable(book, SETTINGS)
    folded = fold_all(ledger, days)
    assert [one.reading is None for one in folded] == [n < skipped for n in range(len(days))]
    assert tables(ledger) == folded_tables(days)
    ledger.engine.close()


def test_a_source_that_vanishes_is_one_line(ledger: Ledger, tmp_path: Path) -> None:
    """A file deleted between listing and reading is an error that names it."""
    gone = Source(tmp_path / "gone.log", "gone.log")
    with pytest.raises(SourceError, match=r"^gone\.log: cannot be read: No such file"):
        ledger.fold(gone)
