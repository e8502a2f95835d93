"""Every argument and option of the commands on a case store, with values that nobody means."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark import ParameterSet
from tests.cases.findings import finding, moment
from tests.cli.conftest import Outcome, Run
from tests.cli.test_hostile_values import VALUES, folder, says_at_most_one_line
from tests.leaks.notices_sample import write_assessment, write_claim

from ringfence.cases import open_store, record
from ringfence.catalogue.canary_list import CanaryItem, write_canaries
from ringfence.cli.commands import SUMMARIES, load_command
from ringfence.leaks.marks import create_mark_keys
from ringfence.leaks.notices import create_notice_key
from ringfence.leaks.register import open_register

__all__ = ["folder"]

NEEDED = {
    "case": "1",
    "account": "reader",
    "effect": "1",
    "grant": "1",
    "sink": "door",
    "dump": "small.csv",
    "dumps": "small.csv",
    "exports": "small.csv",
    "file": "small.csv",
    "ledger": "small.csv",
    "name": "mia",
    "--scope": "ingest",
    "--account": "reader",
    "--action": "observe",
    "--answer": "upheld",
    "--statement": "I read it.",
    "--to": "ocsf",
    "--until": "2030-01-01",
    "--ledger": "small.csv",
    "--catalogue": "small.csv",
    "--keys": "mark.keys",
    "--key": "notice.key",
    "--assessment": "leak",
    "--out": "pack",
    "links": "links.txt",
    "folder": "pack",
}
"""A value that is meant for each argument, and for each option that a command requires."""


LINK_VALUES = {"register": "register", "files": "links.txt", "file": "links.txt"}
"""Values that are meant for commands on a register of links."""

SHARED = {"--cases", "--config"}
"""Options that all commands share. One command is enough for them."""


def parameters() -> Iterator[ParameterSet]:
    """Yield the words of each command with each argument, and each option that takes a value."""
    for group in SUMMARIES:
        for name, command in leaves(load_command(group)):
            for one in command.params:
                value = one.name if one.param_type_name == "argument" else one.opts[0]
                shared = value in SHARED and (group, name) != ("case", "list")
                if not shared and not getattr(one, "is_flag", False):
                    words = name.replace(" ", "-")
                    yield pytest.param(group, name, value, id=f"{group}-{words}-{value}")


def leaves(group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer brings its own Click
    """Yield the words and the object of each command in a group, and in the groups within it."""
    for name, command in getattr(group, "commands", {}).items():
        if hasattr(command, "commands"):
            yield from ((f"{name} {word}", one) for word, one in leaves(command))
        else:
            yield name, command


def words(group: str, name: str, parameter: str, value: str) -> list[str]:
    """Return the words of a command in which one parameter has a value, and only it is unusual."""
    values = {"--cases": "store.sqlite"} | NEEDED | {parameter: value}
    if name.startswith("links "):
        values |= LINK_VALUES | {parameter: value}
    if group == "canary" and parameter != "file" and name != "make":
        values["file"] = "canary.list"
    # Without a claim, the answer to any value would be that the claim is missing.
    options, arguments = ["--config=notices.toml"] if name == "notice" else [], []
    for one in dict(leaves(load_command(group)))[name].params:
        if one.param_type_name == "argument":
            arguments.append(values[one.name])
        elif one.opts[0] in {"--cases", parameter} or one.required:
            options.append(f"{one.opts[0]}={values[one.opts[0]]}")
    if parameter == "--register":
        # It takes the place of the file of links.
        arguments.remove(values["links"])
    return [group, *name.split(), *options, "--", *arguments]


@pytest.fixture(scope="module")
def one_case(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the file of a store with one open case."""
    path = tmp_path_factory.mktemp("one-case") / "store.sqlite"
    with open_store(path) as store, store.writing() as connection:
        record(connection, [finding("reader")], moment(0), "out/report.html")
    return path


@pytest.fixture
def store(run: Run, folder: Path, one_case: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Return a function that runs a command beside a new copy of the store."""

    def command(*words: str | Path, text: str = "") -> Outcome:
        shutil.copy(one_case, folder / "store.sqlite")
        # A refused file of keys or list of canaries would hide the answers about the other values.
        if not (folder / "mark.keys").exists():
            create_mark_keys(folder / "mark.keys")
            write_canaries(
                folder / "canary.list", [CanaryItem("c-1", {"item": "c-1"}, "2026-11-29")]
            )
            create_notice_key(folder / "notice.key")
            write_assessment(folder / "leak")
            write_claim(folder / "notices.toml")
            (folder / "links.txt").write_text("https://a.example.com/1\n")
            with open_register(folder / "register", create=True) as register:
                register.add(folder / "links.txt", datetime(2026, 1, 1, tzinfo=UTC))
        shutil.rmtree(folder / "pack", ignore_errors=True)
        return run(*words, text=text)

    monkeypatch.chdir(folder)
    return command


@pytest.mark.slow
@pytest.mark.parametrize(("group", "name", "parameter"), list(parameters()))
def test_any_value_ends_with_one_line(store: Run, group: str, name: str, parameter: str) -> None:
    """No value makes a traceback, raw control signs or a long line."""
    for kind, value in VALUES.items():
        done = store(*words(group, name, parameter, value))
        # leak says by status 1 that a copy has nothing to do with the catalogue, or names nobody.
        assert done.returncode in {0, 2, 3} | ({1} if group == "leak" else set()), done.stderr
        says_at_most_one_line(kind, done)
        # A share has a narrow space before its sign.
        printed = done.stdout.replace("\u202f%", "%")
        assert all(one.isprintable() or one == "\n" for one in printed), (kind, done.stdout)
