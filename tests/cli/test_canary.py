"""``ringfence canary`` and a scan with canaries, from the list to the finding."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Run

from ringfence.testing import account, together, users, write_events

DAY = 86_400


@pytest.fixture
def planted(run: Run, tmp_path: Path) -> list[str]:
    """Make a catalogue and a list of canaries; return their ids."""
    rows = [f"item-{number:07d},group-{number // 10:06d},Song {number}" for number in range(400)]
    (tmp_path / "catalogue.csv").write_text("\n".join(["item,group,title", *rows]) + "\n")
    made = run("canary", "make", "canaries.jsonl", "--catalogue", "catalogue.csv", "--count", "30")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("30 canaries are in canaries.jsonl.")
    (tmp_path / "ringfence.toml").write_text('[canaries]\nfile = "canaries.jsonl"\n')
    shown = run("canary", "rows", "canaries.jsonl").stdout
    return [row["item"] for row in csv.DictReader(io.StringIO(shown))]


def test_a_list_is_made_once_and_checked(run: Run, planted: list[str], tmp_path: Path) -> None:
    """A list is never overwritten, and exports that show a canary are named with status 1."""
    words = ("canary", "make", "canaries.jsonl", "--catalogue", "catalogue.csv")
    assert "exists already" in run(*words).stderr
    export = tmp_path / "search.txt"
    export.write_text("item-0000001\nitem-0000002\n")
    clean = run("canary", "check", "canaries.jsonl", export)
    assert (clean.returncode, clean.stdout) == (0, "No file shows a canary.\n")
    export.write_text(f"song {planted[0]}\nsong {planted[1]}\x1b[2J\n")
    shown = run("canary", "check", "canaries.jsonl", export)
    assert shown.returncode == 1
    assert "song{item} shows 2 canaries in 2 lines, first in line 1" in shown.stdout
    assert "\x1b" not in shown.stdout
    document = json.loads(run("canary", "check", "canaries.jsonl", export, "--json").stdout)
    assert document[0]["lines"] == 2


@pytest.mark.slow
def test_a_scan_accuses_by_canaries(run: Run, planted: list[str], tmp_path: Path) -> None:
    """A light account that uses canaries on four days is a finding with the test's sentence."""
    light = account("thief", np.arange(40) * 7 * 3_600, np.arange(40))
    touch = account("thief", np.arange(4) * 3 * DAY + 40_000, np.arange(4))
    touch["item"] = np.array(planted[:4], dtype=object)
    events = together(users(150, days=28, uses=120), light, touch)
    log = write_events(tmp_path / "log.parquet", events)
    done = run("scan", log, "--ledger", "a.ledger", "--out", "out")
    assert done.returncode == 0, done.stderr
    lines = (tmp_path / "out" / "findings.jsonl").read_text().splitlines()
    findings = {one["id"]: one for one in map(json.loads, lines)}
    assert findings["thief"]["verdict"] == "extracting"
    assert findings["thief"]["evidence"][0]["sentence"].startswith("Used 4 canary items")
    dump = tmp_path / "dump.csv"
    dump.write_text("\n".join(["item", "item-0000003", *planted[:2]]) + "\n")
    leaked = run("leak", "canaries", dump, "--ledger", "a.ledger")
    assert leaked.returncode == 0, leaked.stderr
    assert leaked.stdout.splitlines() == [
        "2 of 30 canaries are among the 3 items of the copy.",
        "The copy was made from this catalogue: a canary exists nowhere else.",
        "thief took 2 of them.",
    ]
    dump.write_text("item\nitem-0000003\n")
    assert run("leak", "canaries", dump).returncode == 1
