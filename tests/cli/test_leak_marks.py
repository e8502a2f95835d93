"""``ringfence leak marks``: from a marked copy to the names of accounts."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.ledger.sample import SETTINGS, Click, fold_all, write

from ringfence.leaks.marks import Marker, open_mark_keys
from ringfence.ledger import open_writable

ITEMS = [f"t{number}" for number in range(80)]
TRUE = {item: 100_000 + 1_237 * number for number, item in enumerate(ITEMS)}


def write_table(path: Path, header: list[str], rows: list[list[object]]) -> Path:
    """Write a csv file."""
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return path


@pytest.fixture
def copy(run: Run, tmp_path: Path) -> Path:
    """Make a key, a ledger of 30 accounts, a catalogue and the copy that u3 was given."""
    assert run("leak", "mark-key", "marks.key").returncode == 0
    takes = [
        Click(1_767_225_600 + 3_607 * number, f"u{account}", f"t{number}")
        for account in range(30)
        for number in range(80)
        if account == 3 or number % 30 == account
    ]
    ledger = open_writable(tmp_path / "a.ledger", SETTINGS)
    fold_all(ledger, [write(takes, tmp_path / "log.csv")])
    ledger.engine.close()
    write_table(
        tmp_path / "catalogue.csv",
        ["item", "duration_ms"],
        [[item, TRUE[item]] for item in ITEMS],
    )
    marker = Marker(open_mark_keys(tmp_path / "marks.key"), "duration_ms")
    marked = marker.mark_all("u3", ITEMS, [TRUE[item] for item in ITEMS])
    rows = [[item, (value or 0) / 1000] for item, value in zip(ITEMS, marked, strict=True)]
    return write_table(tmp_path / "copy.csv", ["track", "seconds"], rows[::-1])


NAMES = ("--value-column", "seconds", "--keys", "marks.key")


def test_a_copy_names_its_account_by_ledger_and_by_list(run: Run, copy: Path) -> None:
    """Both ways name u3 alone, though the copy is sorted otherwise and in seconds."""
    text = copy.read_text().replace("track,", "item,", 1)
    copy.write_text(text)
    by_ledger = run("leak", "marks", copy, *NAMES, "--ledger", "a.ledger", "--json")
    assert by_ledger.returncode == 0, by_ledger.stderr
    found = json.loads(by_ledger.stdout)
    assert [one["account"] for one in found["named"]] == ["u3"]
    assert (found["accounts"], found["rows"], found["keys"]) == (30, 80, 1)
    write_table(copy.parent / "accounts.csv", ["account"], [[f"u{n}"] for n in range(500)])
    by_list = run(
        "leak", "marks", copy, *NAMES, "--accounts", "accounts.csv", "--catalogue", "catalogue.csv"
    )
    assert by_list.returncode == 0, by_list.stderr
    first, *_, last = by_list.stdout.splitlines()
    assert first.startswith("u3: 80 of 80 marks agree, 2.0 expected by chance; error at most 1e-")
    assert last == "The chance that any account is named that took no part is at most 1e-09."


def test_a_copy_without_marks_names_nobody_and_says_so(run: Run, copy: Path) -> None:
    """The catalogue itself, as the owner publishes it, ends with status 1."""
    plain = run(
        "leak", "marks", copy.parent / "catalogue.csv", "--keys", "marks.key",
        "--ledger", "a.ledger",
    )  # fmt: skip
    assert plain.returncode == 1
    assert plain.stdout.startswith("0 of 30 accounts are named")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "dump copy.csv: has no column 'item', only track, seconds"),
        (("--item-column", "track"), "no accounts are given to compare with"),
        (("--item-column", "track", "--unit", "hours"), "'hours' is not a unit"),
        (("--item-column", "track", "--accounts", "copy.csv"), "has no column 'account'"),
        (("--item-column", "track", "--ledger", "none.ledger"), "there is no such file"),
    ],
)
def test_wrong_usage_is_one_line(run: Run, copy: Path, words: tuple[str, ...], said: str) -> None:
    """Missing columns and files are refused with what and where."""
    refused = run("leak", "marks", copy, *NAMES, *words)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert refused.stderr.count("\n") == 1


def test_keys_rotate_and_are_not_printed(run: Run, copy: Path) -> None:
    """A rotation adds a key, prints its id only, and the older marks are still found."""
    rotated = run("leak", "mark-key", "marks.key", "--rotate")
    keys = open_mark_keys(copy.parent / "marks.key")
    assert rotated.stdout == f"Key {keys.current.id} is in use; the file has 2 in total.\n"
    found = run(
        "leak", "marks", copy, *NAMES, "--item-column", "track", "--ledger", "a.ledger", "--json"
    )
    assert json.loads(found.stdout)["named"][0]["key"] == keys.keys[0].id
    assert run("leak", "mark-key", "marks.key").returncode == 2


def test_hostile_names_are_printed_safely(run: Run, copy: Path) -> None:
    """An account with terminal escapes in its name is named without them."""
    name = "u3\x1b[2J"
    marker = Marker(open_mark_keys(copy.parent / "marks.key"), "duration_ms")
    marked = marker.mark_all(name, ITEMS, [TRUE[item] for item in ITEMS])
    write_table(
        copy, ["item", "duration_ms"], [list(one) for one in zip(ITEMS, marked, strict=True)]
    )
    accounts = write_table(copy.parent / "accounts.csv", ["account"], [[name], ["=1+1"]])
    found = run("leak", "marks", copy, "--keys", "marks.key", "--accounts", accounts)
    assert found.returncode == 0, found.stderr
    assert "\x1b" not in found.stdout
