"""``ringfence leak assess``: tables fit a terminal, files are whole, and text is harmless."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests.leaks.leaked_catalogue import items, most_used, write_catalogue, write_listing

import ringfence

HOSTILE = "<script>alert(1)</script>\x1b[31m=cmd|'x'!A1"


def assess(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a folder."""
    return subprocess.run(
        [sys.executable, "-m", "ringfence", "leak", "assess", *words],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.slow
def test_tables_and_files(tmp_path: Path) -> None:
    """The terminal shows 80 columns; the folder has the report, JSON and two tables that agree."""
    catalogue = items(1_500)
    write_catalogue(catalogue, tmp_path / "catalogue.csv")
    write_listing(most_used(catalogue, 500), tmp_path / "files.txt")
    done = assess(tmp_path, "files.txt", "--catalogue", "catalogue.csv", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "files of 500 of 1,500 items" in done.stdout.replace("\n", " ")
    document = json.loads((tmp_path / "out" / "leak.json").read_text("utf-8"))
    assert document["files"]["items"] == 500
    said = " ".join(document["sentence"].split())
    assert said in " ".join(done.stdout.split())
    table = (tmp_path / "out" / "coverage.csv").read_text("utf-8")
    rows = list(csv.DictReader(table.splitlines()))
    bands = [row for row in rows if row["by"] == "band"]
    assert sum(int(row["items"]) for row in bands) == 1_500
    assert sum(float(row["share_of_use"]) for row in bands) > 0.999
    missing = (tmp_path / "out" / "missing.csv").read_text("utf-8").splitlines()
    assert len(missing) == 1 + 1_000
    page = (tmp_path / "out" / "leak.html").read_text("utf-8")
    assert "<script" not in page
    assert not re.search(r"(src|href)=\"(?!#)", page)


@pytest.mark.slow
def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    """Markup, escape sequences and formulas in ids and titles stay text everywhere."""
    rows = [["item", "title", "popularity", "genre"]]
    rows += [[f"{HOSTILE}{n}", f"={HOSTILE}{n * 7}", str(n), HOSTILE] for n in range(60)]
    for name in ("catalogue.csv", "dump.csv"):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(rows if name == "catalogue.csv" else [*rows[:40], [HOSTILE]])
    done = assess(tmp_path, "dump.csv", "--catalogue", "catalogue.csv", "--out", "out")
    assert done.returncode == 0, done.stderr
    assert "1 record could not be read. The first: <script>" in " ".join(done.stdout.split())
    assert "\x1b" not in done.stdout
    page = (tmp_path / "out" / "leak.html").read_text("utf-8")
    assert "<script" not in page
    assert "\x1b" not in page
    missing = (tmp_path / "out" / "missing.csv").read_text("utf-8")
    assert not re.search(r"(^|,)=", missing)
    assert "\x1b" not in missing
    assert r"<script>alert(1)</script>\u{1b}[31m" in missing


@pytest.mark.slow
def test_status_and_errors(tmp_path: Path) -> None:
    """Status 1 without relation, 2 with one line for a file that cannot be used."""
    write_catalogue(items(400), tmp_path / "catalogue.csv")
    write_listing(items(300, seed=8), tmp_path / "other.txt")
    done = assess(tmp_path, "other.txt", "--catalogue", "catalogue.csv", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["related"] is False
    (tmp_path / "bad.db").write_bytes(b"SQLite format 3\0" + b"x" * 100)
    done = assess(tmp_path, "bad.db", "--catalogue", "catalogue.csv")
    assert done.returncode == 2
    assert len(done.stderr.strip().splitlines()) == 1
    assert "damaged or unfinished SQLite file" in done.stderr


@pytest.mark.slow
def test_a_ledger_says_what_known_accounts_took(tmp_path: Path) -> None:
    """Of the items in the dump, the share that accounts of the ledger took is exact."""
    log = [f"2026-03-0{1 + n % 5}T{n % 24:02d}:00:00Z,a{n % 7},i{n}X{n * 37}" for n in range(300)]
    (tmp_path / "log.csv").write_text("ts,account,item\n" + "\n".join(log), "utf-8")
    ringfence.scan(tmp_path / "log.csv", ledger=tmp_path / "small.ledger")
    with ringfence.open_ledger(tmp_path / "small.ledger") as ledger:
        taken = [row[0] for row in ledger.sql("SELECT DISTINCT item FROM items").rows()]
    others = [f"nobody-took-this-{n}" for n in range(50)]
    (tmp_path / "catalogue.csv").write_text("item\n" + "\n".join([*taken, *others]), "utf-8")
    (tmp_path / "dump.csv").write_text("id\n" + "\n".join([*taken[:60], *others[:40]]), "utf-8")
    done = assess(
        tmp_path, "dump.csv", "--catalogue", "catalogue.csv", "--ledger", "small.ledger", "--json"
    )
    assert done.returncode in {0, 1}, done.stderr
    document = json.loads(done.stdout)
    assert document["taken"]["items"] == len(taken)
    assert document["dumps"][0]["extent"]["items"] == 100
    assert document["leaked_and_taken"]["items"] == (60 if document["related"] else 0)
