"""``ringfence simulate``, run as a user runs it."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from tests.cli.conftest import Run

from ringfence.lab.simulate import read_truth

OWN = """
seed = 3
days = 3
[catalogue]
items = 5000
[users]
accounts = 80
[[attack]]
name = "greedy"
[attack.parameters]
per_day = 400
days = 2
"""


def test_files_and_table(run: Run, tmp_path: Path) -> None:
    """A short table in 80 columns says what was made, and the files hold it."""
    (tmp_path / "own.toml").write_text(OWN)
    done = run("simulate", "own.toml", "--out", "made")
    assert done.returncode == 0, done.stderr
    lines = [line.strip() for line in done.stdout.splitlines()]
    assert lines[0] == "own"
    rows = dict(line.split(maxsplit=1) for line in lines[1:])
    assert rows["accounts"].strip() == "81, 1 of them extractors"
    assert rows["items"].strip() == "5,000"
    counted = duckdb.execute(f"SELECT count(*) FROM '{tmp_path / rows['events'].strip()}'")
    assert len(counted.fetchall()) == 1
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert {path.name for path in (tmp_path / "made").iterdir()} == {
        "events", "catalogue.parquet", "truth.parquet", "scenario.toml",
    }  # fmt: skip


@pytest.mark.slow
def test_log(run: Run, tmp_path: Path) -> None:
    """With --log the folder has an access log too, which a scan reads without settings."""
    (tmp_path / "own.toml").write_text(OWN)
    done = run("simulate", "own.toml", "--out", "made", "--log", "--json")
    files = json.loads(done.stdout)["files"]
    assert files["log"] == "made/access.log"
    described = duckdb.execute(f"DESCRIBE FROM '{tmp_path / files['events']}'").fetchall()
    assert [column[0] for column in described] == [
        "ts", "account", "item", "group", "seconds", "surface", "ip", "client",
    ]  # fmt: skip
    scanned = json.loads(run("scan", "made/access.log", "--json").stdout)
    truth = read_truth(tmp_path / "made" / "truth.parquet")
    assert {one["id"] for one in scanned["findings"]} == truth.extractors


def test_json_and_seed(run: Run, tmp_path: Path) -> None:
    """The same for machines; another seed makes other events, the same seed the same."""
    (tmp_path / "own.toml").write_text(OWN)
    events = [
        json.loads(run("simulate", "own.toml", "--out", f"{n}", "--seed", seed, "--json").stdout)
        for n, seed in enumerate(("3", "4", "3"))
    ]
    assert events[0].keys() == {
        "scenario", "accounts", "extractors", "events", "items", "files", "notes",
    }  # fmt: skip
    assert events[0]["events"] == events[2]["events"] != events[1]["events"]
    paths = [event["files"]["events"] for event in events]
    assert duckdb.execute(f"FROM '{paths[0]}' EXCEPT ALL FROM '{paths[2]}'").fetchall() == []


def test_list(run: Run) -> None:
    """Every scenario and attack is listed with a sentence, within 80 columns."""
    done = run("simulate", "--list")
    assert done.returncode == 0
    assert max(len(line.rstrip()) for line in done.stdout.splitlines()) <= 80
    listed = json.loads(run("simulate", "--list", "--json").stdout)
    assert {"small", "billion"} <= listed["scenarios"].keys()
    assert {"greedy", "mimic"} <= listed["attacks"].keys()
    words = [line.split()[0] for line in done.stdout.splitlines() if line[:1].strip()]
    assert {*listed["scenarios"], *listed["attacks"]} <= set(words)


def test_wrong_usage_is_one_line(run: Run, tmp_path: Path) -> None:
    """No scenario, an unknown one, a broken one: status 2 and one line each."""
    (tmp_path / "broken.toml").write_text("days = 3\nitems = 3\n")
    for words, said in (
        ((), "a scenario is missing"),
        (("smal",), "there is no scenario 'smal'"),
        (("broken.toml",), "broken.toml: items: there is no such key"),
    ):
        done = run("simulate", *words)
        assert done.returncode == 2
        assert said in done.stderr
        assert len(done.stderr.splitlines()) == 1
