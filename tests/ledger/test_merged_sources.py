"""A ledger of many small sources keeps one record of the old ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.events import Source
from ringfence.ledger import Ledger, lines_of, open_writable, quarantined_lines
from ringfence.testing.small_ledger import ONE_THREAD


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Return a ledger file that lasts."""
    book = open_writable(tmp_path / "ledger.duckdb", ONE_THREAD)
    yield book
    book.engine.close()


def fold(ledger: Ledger, folder: Path, number: int, *, named: bool = False, **more: str) -> None:
    """Fold a source with one access and two lines that cannot be read."""
    path = folder / f"{number}.ndjson"
    record = {"ts": 1_793_000_000 + 100 * number, "account": "ana", "item": f"i{number}", **more}
    path.write_text(f"{json.dumps(record)}\nbad {number}\nworse {number}\n" + json.dumps(record))
    ledger.fold(Source(path, path.name, named=named))


@pytest.mark.slow
def test_old_sources_become_one(ledger: Ledger, tmp_path: Path) -> None:
    """Sums, facts and unreadable lines stay, and so do the holdings."""
    fold(ledger, tmp_path, 1, client="app")
    for number in (2, 3):
        fold(ledger, tmp_path, number)
    before = ledger.seen("column")
    ledger.age()
    rows = ledger.engine.rows("SELECT id, lines, takes, bytes, recent FROM sources")
    assert rows == [(3, 6, 6, 0, False)]
    assert ledger.seen("column") == before
    assert lines_of(ledger.engine, 3).quarantined == 6
    texts = [one.text for one in quarantined_lines(ledger.engine, 3, most=2)]
    assert sorted(texts) == sorted(f"{word} {n}" for n in (1, 2, 3) for word in ("bad", "worse"))
    ledger.compact()
    assert ledger.engine.rows("SELECT count(*), sum(uses) FROM holdings") == [(3, 3)]


@pytest.mark.slow
def test_sources_that_come_later_are_merged_in_turn(ledger: Ledger, tmp_path: Path) -> None:
    """The number of the merged source rises, so no later source gets a number twice."""
    for number in (1, 2):
        fold(ledger, tmp_path, number)
    ledger.age()
    fold(ledger, tmp_path, 3)
    assert [row[0] for row in ledger.engine.rows("SELECT id FROM sources ORDER BY id")] == [2, 3]
    ledger.age()
    fold(ledger, tmp_path, 4)
    assert ledger.engine.rows("SELECT id, takes FROM sources ORDER BY id") == [(3, 6), (4, 2)]


@pytest.mark.slow
def test_files_stay_recognised(ledger: Ledger, tmp_path: Path) -> None:
    """A source with a lasting name is not merged, and is not read again."""
    fold(ledger, tmp_path, 1, named=True)
    fold(ledger, tmp_path, 2)
    fold(ledger, tmp_path, 3)
    ledger.age()
    assert [row[0] for row in ledger.engine.rows("SELECT id FROM sources ORDER BY id")] == [1, 3]
    path = tmp_path / "1.ndjson"
    assert ledger.fold(Source(path, path.name)).reading is None
