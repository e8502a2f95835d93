"""Scans of a ledger that knows a file's name with other content, from Python and the shell."""

from __future__ import annotations

import json
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

import ringfence
from ringfence.cli.main import main
from ringfence.errors import SettingsError, SourceError

BEGIN = 1_772_323_200


def write(path: Path, *, taker: str, day: int = 0) -> Path:
    """Write a day of 30 users and one account that takes 900 items, as csv."""
    rows = [
        (8 * 3600 + 60 * n, f"user{n % 30}", f"item{n * n % 97}", 30.0 * (n % 4))
        for n in range(600)
    ]
    rows += [(60 * n, taker, f"new{day}-{n}", 5.0) for n in range(900)]
    with path.open("w", encoding="utf-8") as file:
        file.write("ts,account,item,seconds\n")
        for second, account, item, seconds in sorted(rows):
            moment = datetime.fromtimestamp(BEGIN + 86_400 * day + second, UTC)
            file.write(f"{moment:%Y-%m-%dT%H:%M:%SZ},{account},{item},{seconds}\n")
    return path


def result(scanned: ringfence.ScanResult) -> dict[str, Any]:
    """Return everything a scan found, without what it says about reading."""
    summary = scanned.to_json()
    summary["counts"] = {
        name: scanned.counts[name] for name in ("uses", "accounts", "items", "quarantined")
    }
    for name in ("notes", "files", "assumptions", "not_takes", "warnings"):
        summary.pop(name, None)
    return {**summary, "table": scanned.accounts.rows(), "rings": scanned.rings.rows()}


@pytest.mark.slow
def test_a_replaced_file_leads_to_the_findings_of_its_new_content(tmp_path: Path) -> None:
    """Findings, tables and numbers are those of a ledger that never saw the old content."""
    early, late = tmp_path / "day0.csv", write(tmp_path / "day1.csv", taker="mallory", day=1)
    write(early, taker="wrongly accused")
    book = tmp_path / "book"
    before = ringfence.scan(early, ledger=book)
    assert [one.id for one in before.findings] == ["wrongly accused"]
    ringfence.scan(early, late, ledger=book)
    write(early, taker="mallory")
    with pytest.raises(SourceError, match="38 % of what was folded is in it again"):
        ringfence.scan(early, late, ledger=book)
    replaced = ringfence.scan(early, late, ledger=book, replace=True)
    fresh = ringfence.scan(early, late, ledger=tmp_path / "fresh")
    assert result(replaced) == result(fresh) == result(ringfence.scan(early, late))
    assert "day0.csv: replaced the 1,500 records folded under this name" in replaced.notes[-1]
    assert "wrongly accused" not in json.dumps(replaced.to_json())


@pytest.mark.slow
def test_added_content_is_counted_beside_the_old(tmp_path: Path) -> None:
    """A log that is scanned under one name every day is the log of all days."""
    log, days = tmp_path / "access.csv", []
    for day in range(3):
        days.append(write(tmp_path / f"day{day}.csv", taker=f"taker{day}", day=day))
        write(log, taker=f"taker{day}", day=day)
        added = ringfence.scan(log, ledger=tmp_path / "book", add=True)
    assert "access.csv: its content was added to the 1,500 records" in added.notes[-1]
    assert result(added) == result(ringfence.scan(*days))


def test_both_are_refused(tmp_path: Path) -> None:
    """A scan cannot replace and add at the same time."""
    with pytest.raises(SettingsError, match="both --replace and --add are given"):
        ringfence.scan(tmp_path, replace=True, add=True)


@pytest.mark.slow
def test_the_command_stops_with_status_2(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an option the command fails in one line; each option makes it succeed."""
    monkeypatch.chdir(tmp_path)
    write(Path("access.csv"), taker="mallory")

    def command(*options: str) -> int:
        arguments = ["scan", "access.csv", "--ledger", "book", "--out", "out", *options]
        monkeypatch.setattr(sys, "argv", ["ringfence", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        return int(left.value.code or 0)

    assert command() == 0
    written = os.stat("out/findings.jsonl").st_mtime_ns  # noqa: PTH116 - of a relative path
    write(Path("access.csv"), taker="trent", day=1)
    assert command() == 2
    assert os.stat("out/findings.jsonl").st_mtime_ns == written  # noqa: PTH116 - as above
    assert command("--add") == 0
    write(Path("access.csv"), taker="peggy", day=1)
    assert command("--replace") == 0
    found = Path("out/findings.jsonl").read_text(encoding="utf-8")
    assert {json.loads(line)["id"] for line in found.splitlines()} == {"mallory", "peggy"}
