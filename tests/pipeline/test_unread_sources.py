"""A source that cannot be read is reported, and the others are scanned."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import ringfence
from ringfence.errors import EngineError, SourceError
from ringfence.pipeline.unread import SOURCES_SHOWN, UnreadSources, unread_warnings

HEADER = "ts,account,item\n"


@pytest.fixture
def logs(tmp_path: Path) -> list[Path]:
    """Two good logs of one line each."""
    paths = [tmp_path / "a.csv", tmp_path / "z.csv"]
    for path in paths:
        path.write_text(f"{HEADER}2026-03-01T00:00:00Z,{path.stem},x\n")
    return paths


def link_to_itself(path: Path) -> None:
    """Make a link that leads in a circle."""
    path.symlink_to(path)


UNREADABLE: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: path.parent.exists(),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 20),
    "no Parquet": lambda path: path.write_bytes(b"PAR1 and nothing else"),
    "unknown text": lambda path: path.write_text("to whom it may concern\n" * 20),
    "no account": lambda path: path.write_text("ts,item\n2026-03-01T00:00:00Z,x\n"),
    "empty folder": lambda path: path.mkdir(),
    "circle": link_to_itself,
}


@pytest.mark.slow
@pytest.mark.parametrize("first", [True, False], ids=["first", "last"])
def test_the_other_sources_are_scanned(logs: list[Path], tmp_path: Path, *, first: bool) -> None:
    """Each source that cannot be read is named with its reason; the accounts of others count."""
    broken = [tmp_path / f"broken-{number}" for number in range(len(UNREADABLE))]
    for make, path in zip(UNREADABLE.values(), broken, strict=True):
        make(path)
    named = [*broken, *logs] if first else [*logs, *broken]
    result = ringfence.scan(*named, ledger=tmp_path / "book", out=tmp_path / "out")
    assert sorted(one.source for one in result.unread) == [str(path) for path in broken]
    assert all(one.why and one.hint for one in result.unread)
    assert (result.counts["sources"], result.counts["accounts"]) == (2, 2)
    assert [one["source"] for one in result.to_json()["unread"]] == [
        one.source for one in result.unread
    ]
    page = (tmp_path / "out" / "report.html").read_text()
    assert all(path.name in page for path in broken)
    checked = ringfence.check(*named)
    assert {one.source for one in checked.unread} == {one.source for one in result.unread}
    assert checked.counts["accounts"] == 2
    again = ringfence.scan(*named, ledger=tmp_path / "book")
    assert (again.unread, again.counts["skipped"]) == (result.unread, 2)


@pytest.mark.slow
def test_strict_stops_at_the_first_one(logs: list[Path], tmp_path: Path) -> None:
    """With strict, the first source that cannot be read is an error, in a scan and in a check."""
    broken = tmp_path / "m.csv"
    broken.write_bytes(bytes(range(256)) * 20)
    for job in (ringfence.scan, ringfence.check):
        with pytest.raises(SourceError, match=r"m\.csv"):
            job(logs[0], broken, logs[1], strict=True)
        assert len(job(logs[0], broken, logs[1]).unread) == 1


@pytest.mark.slow
def test_without_any_readable_source_there_is_an_error(logs: list[Path], tmp_path: Path) -> None:
    """If no source can be read, nothing is written, and one reason is the error."""
    broken = tmp_path / "broken"
    broken.write_bytes(bytes(range(256)) * 20)
    ringfence.scan(logs[0], ledger=tmp_path / "book")
    for job in (ringfence.scan, ringfence.check):
        with pytest.raises(SourceError, match=r"missing\.log"):
            job(broken, tmp_path / "missing.log")
    with pytest.raises(SourceError, match="broken"):
        ringfence.scan(broken, ledger=tmp_path / "book", out=tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_changed_file_that_cannot_be_read_stops_nobody(logs: list[Path], tmp_path: Path) -> None:
    """A known name with unreadable content is reported; the ledger keeps what it had."""
    book = tmp_path / "book"
    ringfence.scan(*logs, ledger=book)
    logs[0].write_bytes(bytes(range(256)) * 20)
    new = tmp_path / "new.csv"
    new.write_text(f"{HEADER}2026-03-02T00:00:00Z,new,x\n")
    result = ringfence.scan(*logs, new, ledger=book)
    assert [one.source for one in result.unread] == [str(logs[0])]
    assert result.counts["accounts"] == 3
    replaced = ringfence.scan(*logs, ledger=book, replace=True)
    assert replaced.counts["accounts"] == 3


def test_a_full_disk_is_no_fault_of_the_source() -> None:
    """An error of the engine about the disk ends the scan, whatever the option says."""
    unread = UnreadSources(strict=False)
    with pytest.raises(SourceError, match="cannot be read"), unread.recorded():
        raise SourceError("cannot be read", where="a.log") from EngineError("full", fault="disk")
    with unread.recorded():
        raise SourceError("cannot be read", where="a.log") from EngineError("bad", fault="other")
    assert [one.source for one in unread.found] == ["a.log"]


def test_many_unread_sources_do_not_fill_the_report() -> None:
    """The first twenty have a warning each; one more says how many there are beyond them."""
    unread = UnreadSources(strict=False)
    for number in range(SOURCES_SHOWN + 5):
        unread.add(SourceError("cannot be read", where=f"{number}.log"))
    warnings = unread_warnings(unread.found)
    assert len(warnings) == SOURCES_SHOWN + 1
    assert warnings[-1].text.startswith("5 more sources")


@pytest.mark.slow
def test_the_command_ends_with_status_2(logs: list[Path], tmp_path: Path) -> None:
    """The result is printed as one JSON document, and standard error has one line per source."""
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "scan", *map(str, logs), "none.log", "--json",
         "--fail-on-findings"],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 2
    assert json.loads(done.stdout)["unread"][0]["source"] == "none.log"
    assert done.stderr.splitlines()[-1].startswith("ringfence: none.log: no such file (")
    assert "Traceback" not in done.stderr
