"""``ringfence ledger forget``, and the commands about one person's data, on the terminal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.cases.findings import finding, moment
from tests.cli.conftest import Run
from tests.leaks.leak_folders import attribution
from tests.ledger.test_forgetting import LOG, NAME, days_of, folded

from ringfence.cases import open_store, record
from ringfence.cli.case_privacy import export, forget, prune
from ringfence.errors import CasesError


@pytest.fixture
def book(tmp_path: Path) -> Path:
    """Write the ledger of four days."""
    return folded(tmp_path / "book", days_of(LOG, tmp_path / "logs"))


@pytest.mark.slow
def test_an_account_is_forgotten(run: Run, book: Path) -> None:
    """One line says so; the second time the account is not known."""
    done = run("ledger", "forget", book, "--account", NAME)
    assert (done.returncode, done.stdout) == (0, f"Forgot {NAME} and its 19 items.\n")
    again = run("ledger", "forget", book, "--account", NAME)
    assert again.returncode == 2
    assert "knows no account of this name" in again.stderr


@pytest.mark.slow
def test_days_are_forgotten_as_json(run: Run, book: Path) -> None:
    """The numbers of what was removed."""
    done = run("ledger", "forget", book, "--before", "2023-11-15", "--json")
    said = json.loads(done.stdout)
    assert (said["sources"], said["accounts"], said["divided"]) == (1, 0, 0)
    done = run("ledger", "forget", book, "--before", "2023-11-15")
    assert done.stdout == "The ledger holds nothing that ends before 2023-11-15.\n"


@pytest.mark.slow
def test_the_last_days_are_kept(run: Run, book: Path) -> None:
    """The last of the days is that of the last event, so nothing else is old."""
    done = run("ledger", "forget", book, "--keep", "3", "--json")
    assert json.loads(done.stdout)["sources"] == 1
    done = run("ledger", "forget", book, "--keep", "3")
    assert done.stdout == "The ledger holds nothing that ends before the last 3 days.\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "error"),
    [(["--before", "yesterday\x1b[31m"], "is not a date"),
     ([], "one of --before, --keep and --account"),
     (["--before", "2023-11-15", "--account", "ada"], "--keep and --account"),
     (["--before", "2023-11-15", "--keep", "3"], "--keep and --account"),
     (["--keep", "-1"], "greater than or equal to 0")],
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


def attributed(folder: Path) -> dict[str, Any]:
    """Write three attributions: of ann and a ring with her, of others, and a damaged one."""
    ring = {**attribution("ring-1")["sources"][0], "kind": "ring", "accounts": ["ann", "bob"]}
    document = attribution("ann", "anna")
    document["sources"].append(ring)
    for name, text in (
        ("one", json.dumps(document)), ("two", json.dumps(attribution("anna"))), ("three", "{"),
    ):  # fmt: skip
        (folder / name).mkdir(parents=True)
        (folder / name / "attribution.json").write_text(text)
    return document


def test_an_erasure_reaches_the_attributions_of_leaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The name goes and the numbers stay; others keep theirs, and a damaged file is listed."""
    store, leaks = str(tmp_path / "cases.sqlite"), tmp_path / "leaks"
    config = tmp_path / "ringfence.toml"
    config.write_text(f'[leaks]\nassessments = "{leaks}"\n')
    before = attributed(leaks)
    written = [(leaks / name / "attribution.json").stat().st_mtime_ns for name in ("one", "two")]
    open_store(store, create=True).close()
    forget("ann", reason="request 17", author="bo", cases=store, config=config)
    said = capsys.readouterr().out
    assert "It was erased from 1 attributions of leaks." in said
    assert str(leaks / "three" / "attribution.json") in said.replace("\n", "")
    after = json.loads((leaks / "one" / "attribution.json").read_text())
    assert [one["id"] for one in after["sources"]] == ["[erased]", "anna", "ring-1"]
    assert after["sources"][2]["accounts"] == ["[erased]", "bob"]
    for source, old in zip(after["sources"], before["sources"], strict=True):
        assert {**source, "id": 0, "accounts": 0} == {**old, "id": 0, "accounts": 0}
    assert {**after, "sources": 0} == {**before, "sources": 0}
    assert json.loads((leaks / "two" / "attribution.json").read_text()) == attribution("anna")
    now = [(leaks / name / "attribution.json").stat().st_mtime_ns for name in ("one", "two")]
    assert now == written
    with pytest.raises(CasesError, match="holds nothing about it"):
        forget("dan", reason="request 18", author="bo", cases=store, config=config)


def test_a_refused_erasure_leaves_attributions_as_they_are(tmp_path: Path) -> None:
    """Without a usable reason, neither the store nor a file changes."""
    store, leaks = str(tmp_path / "cases.sqlite"), tmp_path / "leaks"
    config = tmp_path / "ringfence.toml"
    config.write_text(f'[leaks]\nassessments = "{leaks}"\n')
    before = attributed(leaks)
    open_store(store, create=True).close()
    with pytest.raises(CasesError, match="names the account"):
        forget("ann", reason="ann asked", author="bo", cases=store, config=config)
    assert json.loads((leaks / "one" / "attribution.json").read_text()) == before


@pytest.mark.slow
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
