"""``ringfence pseudonym``, and real names typed into every command that takes an account."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Run
from tests.pipeline.pseudonymous import EXTRACTOR, KEY, SECRETS, USERS, private, write_service
from tests.test_pseudonym_key import SECRET, key_file

import ringfence

KNOWN = KEY.pseudonym(EXTRACTOR)


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    """Write a key and the settings file of the current folder."""
    key_file(tmp_path / "key")
    path = tmp_path / "ringfence.toml"
    path.write_text('[privacy]\npseudonym_key = "key"\n[cases]\nurl = "cases.sqlite"\n')
    return path


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Scan the service once into a ledger, a case store and a folder."""
    folder = tmp_path_factory.mktemp("service")
    ringfence.scan(
        write_service(folder / "a.csv"), settings=private(folder), ledger=folder / "a.ledger",
        cases=folder / "cases.sqlite", out=folder / "out",
    )  # fmt: skip
    return folder


@pytest.fixture
def scanned(service: Path, tmp_path: Path, settings: Path) -> Path:
    """Return the current folder, with a copy of the scan."""
    assert settings.exists()
    shutil.copytree(service, tmp_path, dirs_exist_ok=True)
    return tmp_path


def test_names_become_pseudonyms(run: Run, settings: Path) -> None:
    """One per line, in order, from arguments or from standard input; JSON has both."""
    assert settings.exists()
    names = (EXTRACTOR, "Zoë O'Brien")
    expected = "".join(f"{KEY.pseudonym(name)}\n" for name in names)
    assert run("pseudonym", *names).stdout == expected
    assert run("pseudonym", text=f"{names[0]}\r\n\n{names[1]}\n").stdout == expected
    lines = run("pseudonym", "--json", *names).stdout.splitlines()
    assert [json.loads(line) for line in lines] == [
        {"name": name, "pseudonym": KEY.pseudonym(name)} for name in names
    ]


def test_without_a_usable_key_it_is_one_line(run: Run, tmp_path: Path) -> None:
    """No setting, no file, a short key and a key of everybody: status 2 and a hint each."""
    assert "set privacy.pseudonym_key" in run("pseudonym", "ada").stderr
    (tmp_path / "ringfence.toml").write_text('[privacy]\npseudonym_key = "key"\n')
    assert "cannot be read: No such file" in run("pseudonym", "ada").stderr
    for content, mode, said in ((SECRET[:9], 0o600, "too short"), (SECRET, 0o644, "other users")):
        key_file(tmp_path / "key", content, mode)
        for words in (("pseudonym", "ada"), ("check", "log"), ("scan", "log")):
            (tmp_path / "log").write_text("ts,account,item\n2026-03-09T08:00:00Z,ada,1\n")
            done = run(*words)
            assert (done.returncode, done.stdout) == (2, "")
            assert said in done.stderr
            assert done.stderr.count("\n") == 1
            assert SECRET[:9].hex() not in done.stderr


@pytest.mark.slow
@pytest.mark.parametrize("typed", [EXTRACTOR, KNOWN])
def test_every_command_takes_both_names(run: Run, scanned: Path, typed: str) -> None:
    """Explain, list, show, dismiss, export, grant, trace and both ways to forget."""
    assert json.loads(run("explain", "out", typed, "--json").stdout)["id"] == KNOWN
    assert len(json.loads(run("case", "list", "--account", typed, "--json").stdout)) == 1
    assert json.loads(run("case", "show", typed, "--json").stdout)["subject"] == KNOWN
    done = run("case", "dismiss", typed, "--reason", "an archive", "--json")
    assert json.loads(done.stdout)["state"] == "dismissed"
    assert json.loads(run("case", "export", typed).stdout)["account"] == KNOWN
    done = run("grant", "add", typed, "--until", "2030-01-01", "--reason", "an archive",
               "--contact", "the library", "--json")  # fmt: skip
    assert [one["account"] for one in json.loads(done.stdout)] == [KNOWN]
    done = run("trace", scanned / "a.csv", "--ledger", "a.ledger", "--item", "item 7000",
               "--for", "holder", "--account", typed)  # fmt: skip
    assert KNOWN in done.stdout
    done = run("case", "forget", typed, "--reason", f"{typed} asked by mail")
    assert (done.returncode, "the reason names the account" in done.stderr) == (2, True)
    done = run("case", "forget", typed, "--reason", "request 17", "--json")
    assert json.loads(done.stdout)["cases"] == 1
    done = run("ledger", "forget", "a.ledger", "--account", typed, "--json")
    assert json.loads(done.stdout)["accounts"] == 1
    for name in ("a.ledger", "cases.sqlite"):
        content = (scanned / name).read_bytes()
        assert not [one for one in (*SECRETS, KNOWN) if one.encode() in content]


@pytest.mark.slow
def test_a_grant_by_the_real_name_exempts_the_account(
    run: Run, tmp_path: Path, settings: Path
) -> None:
    """The next scan counts the use and does not accuse."""
    assert settings.exists()
    log = write_service(tmp_path / "a.csv")
    run("grant", "add", EXTRACTOR, "--from", "2025-01-01", "--until", "2030-01-01",
        "--reason", "an archive", "--contact", "the library")  # fmt: skip
    done = run("scan", log, "--json")
    assert json.loads(done.stdout)["findings"] == []
    assert not [one for one in SECRETS if one in done.stdout + done.stderr]


def test_an_unknown_name_is_not_repeated_as_known(run: Run, scanned: Path) -> None:
    """A name that was never seen is one line with status 2 in each command."""
    assert scanned.exists()
    for words in (("explain", "out", "nobody"), ("case", "show", "nobody"),
                  ("ledger", "forget", "a.ledger", "--account", "nobody")):  # fmt: skip
        done = run(*words)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr.count("\n") == 1


def test_forgetting_needs_the_key_of_the_ledger(run: Run, scanned: Path) -> None:
    """With another key, the account would not be found; the line says that the key is another."""
    key_file(scanned / "key", SECRET[::-1])
    done = run("ledger", "forget", "a.ledger", "--account", USERS[0])
    assert done.returncode == 2
    assert "pseudonyms of another key" in done.stderr
