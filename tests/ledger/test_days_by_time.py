"""The past days of a ledger whose sources are merged, by the times in it."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from tests.policy.days import write_days
from tests.policy.test_replay import SETTINGS, folded, rows

from ringfence.errors import LedgerError
from ringfence.events import Source
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.days_by_time import days_by_time

FIRST_TIMES = "SELECT account_key, item_key, first FROM holdings ORDER BY ALL"


@pytest.fixture(scope="module")
def merged(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Path]]:
    """Return a ledger in which nothing tells its four sources apart, and these sources."""
    folder = tmp_path_factory.mktemp("days")
    files = write_days(folder, days=4)
    path = folder / "merged.ledger"
    with closing((book := open_writable(path, SETTINGS)).engine):
        for file in files:
            book.fold(Source(file, file.name))
        book.age()
    return path, files


def first_times(book: Ledger) -> list[tuple[int, ...]]:
    """Return who took what first when."""
    return book.engine.rows(FIRST_TIMES)


@pytest.mark.slow
def test_a_day_is_as_it_was(merged: tuple[Path, list[Path]]) -> None:
    """Accounts, items, first takes and hours are those of a ledger that ended on that day."""
    path, files = merged
    seen = []
    for number, (day, book) in enumerate(days_by_time(path, SETTINGS, last=2), 3):
        seen.append(day)
        with closing((expected := folded(files[:number])).engine):
            for table in ("accounts", "items", "hours"):
                assert rows(book, table) == rows(expected, table), table
            assert first_times(book) == first_times(expected)
            uses = "SELECT sum(uses) FROM holdings"
            own, true = (one.engine.rows(uses)[0][0] for one in (book, expected))
            assert own == pytest.approx(true, rel=0.05)
            # Nothing is cut off at the end of the last day.
            if number == len(files):
                assert rows(book, "holdings") == rows(expected, "holdings")
    assert seen == [date(2025, 6, 4), date(2025, 6, 5)]


def test_an_empty_ledger_has_no_days(tmp_path: Path) -> None:
    """It is refused with a line that says what to do."""
    open_writable(tmp_path / "empty.ledger", SETTINGS).engine.close()
    with pytest.raises(LedgerError, match="has no use yet"):
        list(days_by_time(tmp_path / "empty.ledger", SETTINGS, last=1))
