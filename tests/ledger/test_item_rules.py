"""Item rules are remembered: tomorrow's log is read as today's was."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ringfence.events import Source
from ringfence.ledger import Ledger, open_writable
from ringfence.settings import Settings

LINE = (
    '192.0.2.{account} - - [{day:02d}/Mar/2026:08:{minute:02d}:00 +0000] "GET {url} HTTP/1.1" '
    '200 9 "-" "x"\n'
)


def log(path: Path, urls: list[str], day: int) -> Source:
    """Write a log in which five accounts ask for these URLs in turn."""
    path.write_text(
        "".join(
            LINE.format(account=n % 5, day=day, minute=n % 60, url=url)
            for n, url in enumerate(urls)
        )
    )
    return Source(path, path.name)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """A ledger in a file."""
    one = open_writable(tmp_path / "book.ledger", Settings())
    yield one
    one.engine.close()


def names(ledger: Ledger) -> set[str]:
    """Return the names of all items."""
    return {name for (name,) in ledger.engine.rows("SELECT item FROM items")}


def fold(ledger: Ledger, source: Source) -> None:
    """Fold a source, and show its rows."""
    ledger.fold(source)
    ledger.compact()


RECORDS = [f"/record/{n}" for n in range(40)]
ESSAYS = [f"/essay/{n}" for n in reversed(range(40))]


def test_rules_of_the_first_day_read_the_second(ledger: Ledger, tmp_path: Path) -> None:
    """A day on which another kind has most pages does not rename the items of the day before."""
    fold(ledger, log(tmp_path / "one.log", RECORDS, 1))
    assert names(ledger) == {str(n) for n in range(40)}
    fold(ledger, log(tmp_path / "two.log", [*ESSAYS, *RECORDS[:5]], 2))
    assert names(ledger) == {str(n) for n in range(40)} | {f"essay/{n}" for n in range(40)}
    assert ledger.mixed_items == frozenset()


def test_rules_survive_in_the_file(ledger: Ledger, tmp_path: Path) -> None:
    """A ledger that is opened again has its rules, in their order and only once."""
    fold(ledger, log(tmp_path / "one.log", [*RECORDS, "/search?q=red+Fox"], 1))
    fold(ledger, log(tmp_path / "two.log", RECORDS[3:], 2))
    stored = ledger.engine.rows("SELECT * FROM item_rules ORDER BY position")
    assert [row[0] for row in stored] == [0, 1]
    assert [row[2:] for row in stored] == [("metadata", "", False), ("search", "search: ", True)]
    ledger.engine.close()
    again = open_writable(tmp_path / "book.ledger", Settings())
    assert again.engine.rows("SELECT * FROM item_rules ORDER BY position") == stored
    fold(again, log(tmp_path / "three.log", [*ESSAYS, *RECORDS[:2]], 3))
    assert "search: red fox" in names(again)
    assert "essay/7" in names(again)
    again.engine.close()


def test_a_preset_is_remembered_too(ledger: Ledger, tmp_path: Path) -> None:
    """A second day that fits a preset badly is still read by it, and its items keep their names."""
    streams = [f"/stream/{n}" for n in range(30)]
    fold(ledger, log(tmp_path / "one.log", streams, 1))
    fold(ledger, log(tmp_path / "two.log", [*streams[:9], *(["/about"] * 40)], 2))
    assert names(ledger) == {str(n) for n in range(30)}
    assert ledger.seen("items") == {"stream"}
