"""A ledger whose making is killed leaves nothing that a later scan refuses."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.ledger.sample import SETTINGS, Click, fold_all, write

from ringfence.errors import LedgerError
from ringfence.ledger import open_writable

KILLED = """
import os, signal, sys
from pathlib import Path
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.ledger import open_writable
from tests.ledger.sample import SETTINGS

book, place = sys.argv[1:]

def killed(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def killed_before(method):
    return lambda *args, **named: killed()

def killed_after(method):
    def run(*args, **named):
        method(*args, **named)
        killed()
    return run

if place == "table":
    run = DuckDBEngine.run
    def dying(self, statement, parameters=None):
        killed() if getattr(statement, "name", "") == "ledger.create_aged_hours" else None
        run(self, statement, parameters)
    DuckDBEngine.run = dying
else:
    when, name = place.split()
    owner = {"close": DuckDBEngine, "hardlink_to": Path}[name]
    change = {"before": killed_before, "after": killed_after}[when]
    setattr(owner, name, change(getattr(owner, name)))
open_writable(Path(book), SETTINGS)
"""


@pytest.mark.parametrize(
    "place", ["table", "before close", "after close", "before hardlink_to", "after hardlink_to"]
)
def test_the_next_scan_makes_the_ledger(tmp_path: Path, place: str) -> None:
    """After kill -9 at any step the file is whole or missing, and the next scan cleans up."""
    folder = tmp_path / "state"
    folder.mkdir()
    book = folder / "book"
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(book), place],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (-signal.SIGKILL, b"")
    assert book.exists() == (place == "after hardlink_to")
    day = write([Click(1_700_000_000, "ann", "x")], tmp_path / "day.csv")
    ledger = open_writable(book, SETTINGS)
    assert fold_all(ledger, [day])[0].lines.takes == 1
    ledger.engine.close()
    assert [one.name for one in folder.iterdir()] == ["book"]


@pytest.mark.parametrize("size", [100, 4096, 8192])
def test_a_file_that_was_cut_off_while_it_was_created_is_made_again(
    tmp_path: Path, size: int
) -> None:
    """A file with a part of the headers of a database has no content that could be lost."""
    book = tmp_path / "book"
    open_writable(book, SETTINGS).engine.close()
    book.write_bytes(book.read_bytes()[:size])
    day = write([Click(1_700_000_000, "ann", "x")], tmp_path / "day.csv")
    ledger = open_writable(book, SETTINGS)
    assert fold_all(ledger, [day])[0].lines.takes == 1
    ledger.engine.close()


def test_a_ledger_is_not_made_beside_the_log_of_another(tmp_path: Path) -> None:
    """If only the ledger was removed and not its log, the error says so, and no file is made."""
    (tmp_path / "book.wal").write_bytes(b"of another ledger")
    with pytest.raises(LedgerError, match=r"there is book\.wal .* remove this file"):
        open_writable(tmp_path / "book", SETTINGS)
    assert [one.name for one in tmp_path.iterdir()] == ["book.wal"]
