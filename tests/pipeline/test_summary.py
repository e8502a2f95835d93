"""The summary of a scan: five lines of text, and HTML for a notebook."""

from __future__ import annotations

import re
from pathlib import Path

import pyarrow as pa
import pytest

import ringfence
from ringfence.pipeline import ScanResult

HOSTILE = "</b><script>alert(1)</script>\x1b[31m"


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> ScanResult:
    """Scan a log in which one account of a hostile name takes 3,000 items."""
    path = tmp_path_factory.mktemp("summary") / "events.csv"
    rows = [f"2026-03-0{day}T{hour:02d}:{user:02d}:00Z,user{user},item{user * hour % 40}\n"
            for day in range(1, 6) for hour in range(8, 18) for user in range(25)]  # fmt: skip
    rows += [f"2026-03-0{1 + n // 1000}T{n % 1000 // 60:02d}:{n % 60:02d}:00Z,{HOSTILE},new{n}\n"
             for n in range(3_000)]  # fmt: skip
    path.write_text("ts,account,item\n" + "".join(rows), encoding="utf-8")
    return ringfence.scan(path)


def test_the_text_has_five_lines(result: ScanResult) -> None:
    """The summary says what was found, when, in what, and of how many items."""
    lines = repr(result).splitlines()
    assert len(lines) == 5
    assert lines[0] == "<ScanResult: 1 finding>"
    assert re.fullmatch(
        r"  verdicts   1 account (extracting|suspect); 26 accounts scored", lines[1]
    )
    assert lines[2] == "  period     2026-03-01 to 2026-03-05, UTC"
    assert lines[3] == "  read       4,250 lines from 1 source, 0 quarantined"
    assert lines[4].startswith(f"  catalogue  {result.catalogue.items:,} items, derived")
    assert max(map(len, lines)) <= 80


def test_an_empty_scan_has_a_summary(tmp_path: Path) -> None:
    """Without an event there are five lines, too, and no chart."""
    empty = tmp_path / "empty.log"
    empty.write_bytes(b"")
    result = ringfence.scan(empty)
    assert len(repr(result).splitlines()) == 5
    assert "verdicts   none; 0 accounts scored" in repr(result)
    assert "period     no use of an item" in repr(result)
    assert "<svg" not in result._repr_html_()


@pytest.mark.slow
def test_sources_in_the_ledger_are_skipped(tmp_path: Path) -> None:
    """The summary says what was skipped, instead of nothing read, also beside new sources."""
    frames = [
        pa.table({"ts": ["2026-03-01T00:00:00Z"], "account": [name], "item": ["x"]})
        for name in ("ann", "bob")
    ]
    book = tmp_path / "book"
    assert "1 line from 1 source, 0 quarantined\n" in repr(ringfence.scan(frames[0], ledger=book))
    again = repr(ringfence.scan(frames[0], ledger=book))
    assert "  read       nothing new: 1 source skipped, already in the ledger\n" in again
    assert "0 lines" not in again
    more = repr(ringfence.scan(frames, ledger=book))
    assert "1 line from 1 source, 0 quarantined; 1 skipped, already in the ledger\n" in more


def test_a_notebook_gets_the_chart(result: ScanResult) -> None:
    """The HTML has the same facts, and the coverage chart as SVG."""
    page = result._repr_html_()
    assert page.count("<svg") == 1
    assert "Coverage curve" in page
    assert "1 account" in page.replace("\N{NO-BREAK SPACE}", " ")
    assert "4,250 lines" in page.replace("\N{NO-BREAK SPACE}", " ")


def test_hostile_text_does_no_harm(result: ScanResult, tmp_path: Path) -> None:
    """No name of an account or a file reaches a notebook as markup, or a terminal as an escape."""
    catalogue = tmp_path / "<img src=x>\x1b]0;owned\x07.csv"
    catalogue.write_text("item\nnew1\n", encoding="utf-8")
    events = tmp_path / "events.csv"
    events.write_text("ts,account,item\n2026-03-01T00:00:00Z,a,new1\n", encoding="utf-8")
    for scan in (result, ringfence.scan(events, catalogue=catalogue)):
        page = scan._repr_html_()
        assert "<script" not in page
        assert "<img" not in page
        assert not set(repr(scan) + page) & {"\x1b", "\x07"}


@pytest.mark.slow
def test_a_scan_of_a_ledger_alone_counts_no_lines(tmp_path: Path) -> None:
    """A service reads lines before it scans, so neither summary nor report has a number of them."""
    frame = pa.table({"ts": ["2026-03-01T00:00:00Z"], "account": ["ann"], "item": ["x"]})
    book, out = tmp_path / "book", tmp_path / "out"
    ringfence.scan(frame, ledger=book)
    result = ringfence.scan(ledger=book, out=out)
    assert "  read       the ledger; its lines were read before\n" in repr(result)
    report = (out / "report.html").read_text("utf-8")
    assert ">lines<" not in report
    assert ">quarantined<" not in report
