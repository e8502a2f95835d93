"""Test ``ringfence evaluate``: tables, documents, files, and errors."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.lab.evaluate.ring_in_a_crowd import MEMBERS, ring_in_a_crowd

from ringfence.testing import users, write_events

pytestmark = pytest.mark.xdist_group("evaluate command")


@pytest.fixture(scope="module")
def listeners(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of sixty users over eight days."""
    folder = tmp_path_factory.mktemp("listeners")
    return write_events(folder / "users.parquet", users(60, days=8, uses=60))


@pytest.mark.slow
def test_one_table_per_attack(run: Run, listeners: Path) -> None:
    """The greedy account is found, no user is accused, and all lines fit in 80 columns."""
    done = run("evaluate", "--population", listeners, "--attack", "greedy", "--days", "1")
    assert (done.returncode, done.stderr) == (0, "")
    assert "60 accounts" in done.stdout
    assert "Users alone: 0 of 60 accused, 0 in rings, " in done.stdout
    lines = iter(done.stdout.splitlines())
    head = next(line for line in lines if line.startswith("detector"))
    assert head.endswith("each first at ring got of use work accused")
    row = next(lines).split()
    assert row[:2] == ["ringfence", "100%"]
    each, first, got = (int(cell.replace(",", "")) for cell in row[3:6])
    assert 0 < each == first == got
    assert row[-1] == "0"
    assert next(lines).startswith("ringfence, with rings")
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if str(listeners) not in line)


@pytest.mark.slow
def test_files_and_json(run: Run, listeners: Path, tmp_path: Path) -> None:
    """The document on standard output equals the file, and the page is beside it."""
    words = ("--attack", "greedy", "--days", "1", "--every", "day", "--seeds", "3")
    done = run("evaluate", "--population", listeners, *words, "--json", "--out", "o")
    made = json.loads(done.stdout)
    assert made == json.loads((tmp_path / "o/evaluation.json").read_text())
    assert len(made["attacks"][0]["detectors"][0]["runs"]) == 3
    assert "greedy" in (tmp_path / "o/evaluation.html").read_text()


@pytest.mark.slow
def test_a_situation_has_users_of_its_own(run: Run, listeners: Path, tmp_path: Path) -> None:
    """The table, the document and the page have the situation, and nobody honest is accused."""
    words = ("--attack", "none", "--situation", "archives-800", "--out", "o")
    done = run("evaluate", "--population", listeners, *words)
    assert (done.returncode, done.stderr) == (0, "")
    row = next(line for line in done.stdout.splitlines() if line.startswith("archives-800"))
    assert row.split()[:4] == ["archives-800", "1", "100.0%", "100.0%"]
    assert row.split()[-1] == "0"
    (one,) = json.loads((tmp_path / "o/evaluation.json").read_text())["situations"]
    assert (one["name"], one["found"]["mean"], one["honest_accused"]) == ("archives-800", 1.0, 0)
    assert "archives-800" in (tmp_path / "o/evaluation.html").read_text()


@pytest.mark.slow
def test_situations_need_no_population(run: Run, tmp_path: Path) -> None:
    """A situation alone has its table, document and page, and nothing about a replay."""
    done = run("evaluate", "--situation", "archives-800", "--json", "--out", "o")
    assert (done.returncode, done.stderr) == (0, "")
    made = json.loads(done.stdout)
    assert made == json.loads((tmp_path / "o/evaluation.json").read_text())
    assert set(made) == {"version", "seeds", "false_accusation_rate", "situations"}
    assert [one["name"] for one in made["situations"]] == ["archives-800"]
    assert "archives-800" in (tmp_path / "o/evaluation.html").read_text()


@pytest.mark.slow
def test_leave_one_out(run: Run, listeners: Path) -> None:
    """Every evidence test is left out in turn, with a row per test."""
    words = ("--attack", "greedy", "--days", "1", "--every", "day", "--leave-one-out", "--json")
    made = json.loads(run("evaluate", "--population", listeners, *words).stdout)
    names = [one["detector"] for one in made["attacks"][0]["detectors"]]
    assert names[0] == "ringfence"
    assert "ringfence without volume" in names


def test_users_alone(run: Run, listeners: Path) -> None:
    """Without an attack only users are judged; months can be accounts of their own."""
    words = ("--population", listeners, "--attack", "none", "--account-months", "--json")
    made = json.loads(run("evaluate", *words).stdout)
    assert made["attacks"] == []
    assert made["population"]["account_months"] is True
    assert made["users_alone"]["users"] == 60
    assert made["users_alone"]["in_rings"] == []


@pytest.mark.slow
def test_users_in_rings_are_counted_and_named(run: Run, tmp_path: Path) -> None:
    """Users in a ring are counted and named, whatever the verdict on the ring."""
    log = write_events(tmp_path / "log.parquet", ring_in_a_crowd())
    done = run("evaluate", "--population", log, "--attack", "none", "--json", "--out", "o")
    alone = json.loads(done.stdout)["users_alone"]
    assert [one["account"] for one in alone["in_rings"]] == list(MEMBERS)
    assert "users in a ring: 20" in (tmp_path / "o/evaluation.html").read_text()
    said = run("evaluate", "--population", log, "--attack", "none").stdout
    assert " accused, 20 in rings, " in said


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--attack", "greedly"), "there is no attack 'greedly'"),
        (("--attack", "none", "--attack", "greedy"), "none cannot be combined with other attacks"),
        (("--attack", "greedy", "--every", "weekly"), "--every: there is no 'weekly'"),
        (("--attack", "none", "--situation", "ids-3600"), "there is no situation 'ids-3600'"),
    ],
)
def test_wrong_usage_is_one_line(
    run: Run, listeners: Path, words: tuple[str, ...], said: str
) -> None:
    """Wrong usage gives status 2 and one line with the cause."""
    done = run("evaluate", "--population", listeners, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "--population: is missing"),
        (("--attack", "greedy"), "--population: is missing"),
        (("--population", "small"), "--attack: is missing"),
        (("--situation", "ids-36000", "--attack", "none"), "--population: is missing"),
        (("--situation", "ids-36000", "--days", "3"), "--days, --account-months and"),
        (("--situation", "ids-36000", "--every", "day"), "need users"),
    ],
)
def test_missing_users_are_one_line(run: Run, words: tuple[str, ...], said: str) -> None:
    """Without a population only situations are measured, and options of a replay are refused."""
    done = run("evaluate", *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert said in done.stderr


def test_settings_beside_the_user(run: Run, listeners: Path, tmp_path: Path) -> None:
    """A ringfence.toml beside the user counts for an evaluation as it does for a scan."""
    (tmp_path / "ringfence.toml").write_text("[uses]\ndouble_clicks = 3\n")
    done = run("evaluate", "--population", listeners, "--attack", "none")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "ringfence.toml: uses.double_clicks: " in done.stderr


def test_a_population_that_is_not_there(run: Run) -> None:
    """A missing file gives status 2 and one line."""
    done = run("evaluate", "--population", "nowhere.parquet", "--attack", "none")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert "nowhere.parquet: no such file" in done.stderr
