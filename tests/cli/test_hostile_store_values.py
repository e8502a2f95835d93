"""Every argument and option of the commands on a case store, with values that nobody means."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from tests.cases.findings import finding, moment
from tests.cli.conftest import Outcome, Run
from tests.cli.test_hostile_values import VALUES, folder, says_at_most_one_line

from ringfence.cases import open_store, record
from ringfence.catalogue.canary_list import CanaryItem, write_canaries
from ringfence.cli.commands import SUMMARIES, load_command
from ringfence.leaks.marks import create_mark_keys

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
}
"""A value that is meant for each argument, and for each option that a command requires."""


SHARED = {"--cases", "--config"}
"""Options that all commands share. One command is enough for them."""


def parameters() -> Iterator[ParameterSet]:
    """Yield the words of each command with each argument, and each option that takes a value."""
    for group in SUMMARIES:
        for name, command in getattr(load_command(group), "commands", {}).items():
            for one in command.params:
                value = one.name if one.param_type_name == "argument" else one.opts[0]
                shared = value in SHARED and (group, name) != ("case", "list")
                if not shared and not getattr(one, "is_flag", False):
                    yield pytest.param(group, name, value, id=f"{group}-{name}-{value}")


def words(group: str, name: str, parameter: str, value: str) -> list[str]:
    """Return the words of a command in which one parameter has a value, and only it is unusual."""
    values = {"--cases": "store.sqlite"} | NEEDED | {parameter: value}
    if group == "canary" and parameter != "file" and name != "make":
        values["file"] = "canary.list"
    options, arguments = [], []
    for one in load_command(group).commands[name].params:
        if one.param_type_name == "argument":
            arguments.append(values[one.name])
        elif one.opts[0] in {"--cases", parameter} or one.required:
            options.append(f"{one.opts[0]}={values[one.opts[0]]}")
    return [group, name, *options, "--", *arguments]


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
