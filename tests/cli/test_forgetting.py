"""``ringfence ledger forget``, and the commands about one person's data, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cases.findings import finding, moment
from tests.cli.conftest import Run
from tests.ledger.test_forgetting import LOG, NAME, days_of, folded

from ringfence.cases import open_store, record
from ringfence.cli.case_privacy import export, forget, prune


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Write the ledger of four days."""
    return folded(tmp_path / "book", days_of(LOG, tmp_path / "logs"))


def test_an_account_is_forgotten(run: Run, book: Path) -> None:
    """One line says so; the second time the account is not known."""
    done = run("ledger", "forget", book, "--account", NAME)
    assert (done.returncode, done.stdout) == (0, f"Forgot {NAME} and its 19 items.\n")
    again = run("ledger", "forget", book, "--account", NAME)
    assert again.returncode == 2
    assert "knows no account of this name" in again.stderr


def test_days_are_forgotten_as_json(run: Run, book: Path) -> None:
    """The numbers of what was removed."""
    done = run("ledger", "forget", book, "--before", "2023-11-15", "--json")
    said = json.loads(done.stdout)
    assert (said["sources"], said["accounts"], said["divided"]) == (1, 0, 0)
    done = run("ledger", "forget", book, "--before", "2023-11-15")
    assert done.stdout == "The ledger holds nothing that ends before 2023-11-15.\n"


@pytest.mark.parametrize(
    ("words", "error"),
    [(["--before", "yesterday\x1b[31m"], "is not a date"), ([], "--before or --account"),
     (["--before", "2023-11-15", "--account", "ada"], "--before or --account")],
)  # fmt: skip
def test_a_wrong_command_changes_nothing(
    run: Run, book: Path, words: list[str], error: str
) -> None:
    """One line without control characters, and the same file."""
    before = book.read_bytes()
    done = run("ledger", "forget", book, *words)
    assert done.returncode == 2
    assert error in done.stderr
    assert "\x1b" not in done.stderr
    assert book.read_bytes() == before


def test_export_and_erasure_of_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The export is one document; after the erasure there is nothing to prune."""
    store = str(tmp_path / "cases.sqlite")
    with open_store(store) as opened, opened.writing() as connection:
        record(connection, [finding("ann")], moment(0))
    export("ann", cases=store)
    assert json.loads(capsys.readouterr().out)["cases"][0]["subject"] == "ann"
    forget("ann", reason="request 17", author="bo", cases=store)
    assert capsys.readouterr().out.startswith("Erased ann: 1 cases, 0 decisions, ")
    prune(author="bo", cases=store, as_json=True)
    assert json.loads(capsys.readouterr().out) == {"cases": 0, "messages": 0, "audit_rows": 0}


def test_unread_lines_with_the_name_are_exported_until_it_is_forgotten(
    run: Run, tmp_path: Path
) -> None:
    """The command prints the document. After ``ledger forget`` it knows no such account."""
    log = tmp_path / "log.csv"
    log.write_text(
        "ts,account,item\nno time,zoë,b\nno time,bob,c\n"
        + "".join(
            f"2025-06-01T{hour:02}:00:00Z,{who},item {hour % 3}\n"
            for hour in range(24)
            for who in ("zoë", "bob", "cy", "dee", "eli")
        ),
        encoding="utf-8",
    )
    assert run("scan", "log.csv", "--ledger", "l.ledger", "--out", "out").returncode == 0
    found = json.loads(run("ledger", "export", "l.ledger", "--account", "zoë").stdout)
    (line,) = found["lines"]
    assert (line["source"], line["number"]) == ("log.csv", 0)
    assert "bob" not in json.dumps(found)
    assert run("ledger", "forget", "l.ledger", "--account", "zoë").returncode == 0
    refused = run("ledger", "export", "l.ledger", "--account", "zoë")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "knows no account of this name" in refused.stderr
