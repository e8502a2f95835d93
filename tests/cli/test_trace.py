"""``ringfence trace`` on the terminal and as JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.pipeline.complaints import write_ledger, write_log


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Write the small service's log."""
    return write_log(tmp_path / "access.log")


def test_the_terminal_shows_the_answer_in_80_columns(run: Run, log: Path) -> None:
    """Answer, accounts, numbers for each set of criteria, growth, and disclosure."""
    done = run("trace", log, "--item", "101", "--address", "192.0.2.11",
               "--time", "2026-03-09T08:02:00+01:00")  # fmt: skip
    assert done.returncode == 0
    assert done.stdout.startswith("One account took this item at this address")
    shown = done.stdout.splitlines()
    assert [len(line) for line in shown if len(line) > 80] == []
    rows = [line.split() for line in shown]
    assert ["ann", "1", "2026-03-09", "07:00", "2026-03-09", "07:00", "192.0.2.11"] in rows
    assert ["item", "+", "address", "+", "time", "1", "1"] in rows
    assert ["±", "1", "minute", "0", "0"] in rows
    assert any(line.startswith("authority") for line in shown)


def test_json_has_everything(run: Run, log: Path) -> None:
    """One document, with the criteria as they were understood."""
    done = run("trace", log, "--item", "101", "--time", "2026-03-09T07:02:00", "--within", "1h",
               "--json")  # fmt: skip
    said = json.loads(done.stdout)
    assert done.returncode == 0
    assert (said["outcome"], said["accounts"], said["identified"]) == ("several", 2, False)
    assert said["criteria"] == {
        "item": "101", "address": None, "within": 3_600,
        "time": {"first": "2026-03-09T07:02:00Z", "last": "2026-03-09T07:02:00Z"},
    }  # fmt: skip
    assert [one["account"] for one in said["candidates"]] == ["ann", "bob"]


@pytest.mark.slow
def test_a_ledger_alone_is_enough(run: Run, log: Path, tmp_path: Path) -> None:
    """No log is named, and nothing is written."""
    ledger = write_ledger(log, tmp_path / "small.ledger")
    before = sorted(tmp_path.iterdir()), ledger.read_bytes()
    done = run("trace", "--ledger", ledger, "--item", "101", "--time", "2026-03-09")
    assert done.returncode == 0
    assert "(from ledger)" in done.stdout
    assert (sorted(tmp_path.iterdir()), ledger.read_bytes()) == before


@pytest.mark.slow
def test_only_the_text_for_a_reader_is_printed(run: Run, log: Path) -> None:
    """The complainant's document has no other field, and the holder's text no other account."""
    done = run("trace", log, "--item", "101", "--for", "complainant", "--json")
    assert json.loads(done.stdout).keys() == {"for", "text"}
    assert "ann" not in done.stdout.replace("cannot", "")
    done = run("trace", log, "--item", "101", "--for", "holder", "--account", "bob")
    assert done.stdout.startswith("A complaint led us to look at the use of your account bob.")
    assert "192.0.2.11" not in done.stdout
    assert "What may" not in run("trace", log, "--item", "101", "--for", "complainant").stdout


def test_status_1_if_nobody_fits(run: Run, log: Path) -> None:
    """The answer says first that the time is outside, how many accesses there are, and when."""
    done = run("trace", log, "--time", "2020-01-01")
    assert done.returncode == 1
    shown = " ".join(done.stdout.split())
    assert shown.startswith(
        "The time is outside of the logs (7 accesses from 2026-03-09 07:00 to 2026-03-09 20:00 UTC)"
    )
    assert run("trace", log, "--time", "2020-01-01", "--for", "complainant").returncode == 1


def test_status_2_if_a_log_cannot_be_read(run: Run, log: Path) -> None:
    """The other logs are searched, and the error is on standard error."""
    done = run("trace", log, "missing.log", "--item", "101")
    assert done.returncode == 2
    assert "3 accounts took this item." in done.stdout
    assert "missing.log" in done.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "nothing to search for is given"),
        (("--item", "999999"), "is in none of the accesses"),
        (("--address", "example.org"), "is not an address"),
        (("--time", "noon"), "is not a time"),
        (("--item", "101", "--within", "soon"), "is not a span of time"),
        (("--item", "101", "--for", "press"), "there is no text for 'press'"),
        (("--item", "101", "--for", "holder"), "3 accounts fit"),
    ],
)
def test_bad_input_is_one_line(run: Run, log: Path, words: tuple[str, ...], message: str) -> None:
    """Status 2, nothing on standard output, one line with the reason on standard error."""
    done = run("trace", log, *words)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert message in done.stderr


def test_no_source_and_no_ledger(run: Run) -> None:
    """Without anything to search, the command says so in one line."""
    done = run("trace", "--item", "101")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_hostile_names_do_no_harm(run: Run, tmp_path: Path) -> None:
    """Control characters of accounts, items and clients do not reach the terminal."""
    name, item = "\x1b[31mann\u202e", "\x1b]0;owned\x07song"
    log = tmp_path / "a.csv"
    log.write_text(
        "ts,account,item,client\n" + f"2026-03-09T08:00:00Z,{name},{item},\x1b[2Jclient\n" * 2
    )
    words = ("trace", log, "--item", item)
    for more in ((), ("--for", "holder"), ("--for", "complainant")):
        shown = run(*words, *more).stdout
        assert shown
        assert all(line.isprintable() for line in shown.splitlines()), more
