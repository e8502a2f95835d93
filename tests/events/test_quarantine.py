"""Bad lines are counted, kept, and cannot do harm."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ringfence.errors import OutputError
from ringfence.events import Quarantine


def test_records_are_kept_and_counted(tmp_path: Path) -> None:
    """File, line, reason and text come back, in order, text cut to 1,000 characters."""
    quarantine = Quarantine(tmp_path)
    quarantine.add("a.log", 3, "not-a-record", "x" * 5000)
    quarantine.add("a.log", 9, "unreadable-time", "y")
    quarantine.write_to(tmp_path / "out.jsonl")
    records = [json.loads(line) for line in (tmp_path / "out.jsonl").read_text().splitlines()]
    assert records == [
        {"file": "a.log", "line": 3, "reason": "not-a-record", "text": "x" * 1000},
        {"file": "a.log", "line": 9, "reason": "unreadable-time", "text": "y"},
    ]
    assert quarantine.counts == {"not-a-record": 1, "unreadable-time": 1}


def test_beyond_the_limit_lines_are_counted_and_it_is_said(tmp_path: Path) -> None:
    """Of five lines with a limit of two, two are kept and three told."""
    quarantine = Quarantine(tmp_path, keep=2)
    for number in range(5):
        quarantine.add("a", number, "bad", "x")
    quarantine.write_to(tmp_path / "out.jsonl")
    lines = (tmp_path / "out.jsonl").read_text().splitlines()
    assert quarantine.counts["bad"] == 5
    assert len(lines) == 3
    assert json.loads(lines[2])["text"].startswith("3 more")


def test_hostile_text_is_escaped(tmp_path: Path) -> None:
    """Terminal escapes, NUL and stray surrogates are written as ASCII."""
    quarantine = Quarantine(tmp_path)
    quarantine.add("a", 1, "bad", "\x1b[31m\x00\udcff\u202e")
    quarantine.write_to(tmp_path / "out.jsonl")
    written = (tmp_path / "out.jsonl").read_bytes()
    assert written.isascii()
    assert written.decode().strip().isprintable()


def test_an_empty_quarantine_is_an_empty_file(tmp_path: Path) -> None:
    """With nothing bad the file is there, and empty."""
    Quarantine(tmp_path).write_to(tmp_path / "out.jsonl")
    assert (tmp_path / "out.jsonl").read_bytes() == b""


def test_an_unwritable_target_is_an_error(tmp_path: Path) -> None:
    """A folder that is not there is refused in one line."""
    with pytest.raises(OutputError, match="cannot be written"):
        Quarantine(tmp_path).write_to(tmp_path / "nowhere" / "out.jsonl")
