"""The fate of each line is stored with the rows of its source, and survives a crash."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import duckdb
import pytest
from tests.ledger.sample import SETTINGS, fold_all

from ringfence.events import LINES_KEPT, Source
from ringfence.ledger import Ledger, lines_of, open_ledger, open_writable, quarantined_lines
from ringfence.pipeline.quarantine_file import write_quarantine
from ringfence.settings import Settings

HEADER = "ts,account,item\n"
GOOD = "2026-03-01T00:00:00Z,ann,x\n"
BAD_TIME = "yesterday,ann,x\n"
NO_ITEM = "2026-03-01T00:00:00Z,ann,\n"


def source(path: Path, lines: str) -> Source:
    """Write a log and return it as a source."""
    path.write_text(HEADER + lines, encoding="utf-8")
    return Source(path, path.name)


@pytest.fixture
def logs(tmp_path: Path) -> list[Source]:
    """Three logs with good and bad lines."""
    return [
        source(tmp_path / f"{n}.csv", GOOD + BAD_TIME * 2 + NO_ITEM + f"bad time {n},bob,y\n")
        for n in range(3)
    ]


def fold_and_write(ledger: Ledger, sources: Sequence[Source], path: Path) -> bytes:
    """Fold sources as a scan does and return the file of bad lines."""
    folded = fold_all(ledger, sources)
    write_quarantine(ledger.engine, {one.number: one.source.name for one in folded}, path)
    return path.read_bytes()


@pytest.mark.slow
def test_the_ledger_knows_what_became_of_each_line(logs: list[Source], tmp_path: Path) -> None:
    """Counts and lines can be read from the file later, by scans and by readers."""
    ledger = open_writable(tmp_path / "book", SETTINGS)
    first = fold_all(ledger, logs)
    ledger.engine.close()
    ledger = open_writable(tmp_path / "book", SETTINGS)
    again = fold_all(ledger, logs)
    assert [one.lines for one in again] == [one.lines for one in first]
    assert again[0].lines.quarantine == {"unreadable-time": 3}
    assert again[0].lines.total == 5
    assert [one.line for one in quarantined_lines(ledger.engine, 2, most=2)] == [3, 4, 6]
    ledger.engine.close()
    with open_ledger(tmp_path / "book") as reader:
        rows = reader.sql("SELECT source, line, text FROM quarantined_lines ORDER BY ALL").rows()
        assert rows[2] == (1, 6, "bad time 0,bob,y")
        quarantined = "SELECT sum(lines) AS n FROM line_counts WHERE quarantined"
        assert reader.sql(quarantined).rows() == [(9,)]


def left_in(ledger: Ledger) -> int:
    """Return the number of bad lines that a ledger has kept."""
    return int(ledger.engine.rows("SELECT count(*) FROM quarantined_lines")[0][0])


KILLED = """
import os, signal, sys
from pathlib import Path
from ringfence.engine.duckdb import DuckDBEngine
from ringfence.events import Source
from ringfence.ledger import open_writable
from tests.ledger.sample import SETTINGS
from tests.ledger.test_source_lines import fold_and_write

book, name, count, out, *paths = sys.argv[1:]
left = int(count)

def dying(method):
    def step(self, statement, parameters=None):
        global left
        if getattr(statement, "name", "") == name:
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)
        return method(self, statement, parameters)
    return step

DuckDBEngine.run, DuckDBEngine.rows = dying(DuckDBEngine.run), dying(DuckDBEngine.rows)
ledger = open_writable(Path(book), SETTINGS)
fold_and_write(ledger, [Source(Path(p), Path(p).name) for p in paths], Path(out))
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("step", "count"),
    [("ledger.add_quarantined_lines", 2), ("ledger.quarantined_lines_of", 4)],
    ids=["within a fold", "while writing the file"],
)
def test_a_killed_process_loses_no_bad_line(
    logs: list[Source], tmp_path: Path, step: str, count: int
) -> None:
    """The same command after kill -9 writes the file of an undisturbed run, byte by byte."""
    book, out, paths = tmp_path / "book", tmp_path / "out.jsonl", [str(one.path) for one in logs]
    out.write_text("of an earlier scan")
    died = subprocess.run(
        [sys.executable, "-c", KILLED, str(book), step, str(count), str(out), *paths],
        cwd=Path(__file__).parents[2], check=False, capture_output=True,
    )  # fmt: skip
    assert (died.returncode, died.stderr) == (-signal.SIGKILL, b"")
    assert out.read_text() == "of an earlier scan"
    ledger = open_writable(book, SETTINGS)
    assert left_in(ledger) == 3 * len(ledger.engine.rows("FROM sources"))
    undisturbed = open_writable(None, SETTINGS)
    expected = fold_and_write(undisturbed, logs, tmp_path / "expected.jsonl")
    undisturbed.engine.close()
    assert fold_and_write(ledger, logs, out) == expected
    assert expected.count(b"\n") == 9
    ledger.engine.close()


@pytest.mark.slow
def test_a_replaced_source_takes_its_bad_lines_along(logs: list[Source], tmp_path: Path) -> None:
    """Counts and lines of the old content are removed; those of other sources stay."""
    ledger = open_writable(tmp_path / "book", SETTINGS)
    fold_all(ledger, logs)
    source(logs[1].path, GOOD * 2 + "never,bob,z\n")
    for plan in ledger.plan(logs, "replace"):
        ledger.fold(plan.source, plan=plan)
    assert lines_of(ledger.engine, 2).quarantine == {"unreadable-time": 1}
    assert [one.text for one in quarantined_lines(ledger.engine, 2)] == ["never,bob,z"]
    assert lines_of(ledger.engine, 1).quarantined == 3
    ledger.engine.close()


def test_many_bad_lines_are_counted_and_some_are_kept(tmp_path: Path) -> None:
    """However many lines are bad, the ledger stays small, and the file says how many are left."""
    more = 7
    log = source(tmp_path / "a.csv", GOOD + BAD_TIME * (LINES_KEPT + more))
    ledger = open_writable(None, SETTINGS)
    written = fold_and_write(ledger, [log], tmp_path / "out.jsonl").splitlines()
    assert lines_of(ledger.engine, 1).quarantined == LINES_KEPT + more
    assert len(written) == LINES_KEPT + 1
    assert b'"text": "7 more with this reason were counted but not kept"' in written[-1]
    ledger.engine.close()


def test_hostile_text_and_secrets_go_through_the_ledger(tmp_path: Path) -> None:
    """Control characters are escaped in the file, and keys are hidden in the ledger itself."""
    hostile = "\x1b[31m\u202e?apikey=hunter2,bob,x\n"
    settings = Settings.model_validate(
        {"engine": {"threads": 1}, "account": {"parameters": ["licence"]}}
    )
    ledger = open_writable(tmp_path / "book", settings)
    log = source(tmp_path / "a.csv", GOOD + hostile + "?licence=hunter2,bob,x\n")
    written = fold_and_write(ledger, [log], tmp_path / "out.jsonl")
    ledger.engine.close()
    assert written.isascii()
    assert b"\x1b" not in written
    assert written.count(b"\n") == 2
    assert b"hunter2" not in written
    assert b"hunter2" not in (tmp_path / "book").read_bytes()


@pytest.mark.slow
def test_a_ledger_of_the_version_before_is_brought_up_to_date(
    logs: list[Source], tmp_path: Path
) -> None:
    """A file without the tables of lines is read as it is, and gets them from the next scan."""
    book = tmp_path / "book"
    ledger = open_writable(book, SETTINGS)
    fold_all(ledger, logs[:1])
    ledger.engine.close()
    with duckdb.connect(str(book)) as other:
        other.execute("DROP TABLE line_counts")
        other.execute("DROP TABLE quarantined_lines")
        other.execute("DROP TABLE aged_failures")
        other.execute("DROP TABLE recent_failures")
        other.execute("DROP TABLE aged_page_loads")
        other.execute("DROP TABLE recent_page_loads")
        other.execute("UPDATE facts SET value = '4' WHERE name = 'schema version'")
    with open_ledger(book) as reader:
        assert reader.sql("FROM quarantined_lines").rows() == []
        assert reader.sql("FROM failures").rows() == []
        assert reader.sql("FROM page_loads").rows() == []
        assert reader.sql("SELECT count(*) AS n FROM holdings").rows() == [(1,)]
    ledger = open_writable(book, SETTINGS)
    folded = fold_all(ledger, logs)
    assert [one.lines.quarantined for one in folded] == [0, 3, 3]
    facts = dict(ledger.engine.rows("SELECT name, value FROM facts"))
    assert facts["schema version"] == "7"
    ledger.engine.close()
