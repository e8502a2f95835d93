"""Every argument and option of every command, with values that nobody means: one line, status 2."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from tests.cli.conftest import Outcome, Run

from ringfence.cli.commands import SUMMARIES, load_command
from ringfence.service_settings import ServiceSettings

VALUES = {
    "nothing": "",
    "a space": " ",
    "a name that is too long": "x" * 300,
    "a path that is too long": "x/" * 3_000,
    "a full device": "/dev/full",
    "the empty device": "/dev/null",
    "an endless device": "/dev/zero",
    "a folder": "folder",
    "a link to itself": "loop",
    "a pipe without a writer": "pipe",
    "below a file": "small.csv/x",
    "below a link to itself": "loop/x",
    "not UTF-8": "sealed\udcff",
    "control signs": "a\nb\x1b[31m\u202e",
    "a pattern": "*?[",
    "a number with too many digits": "9" * 6_000,
    "a missing file": "missing",
    "a zero byte": "x\0y",
    "a table of another database": "s3://x/y",
}
"""Numbers and words that no option takes, and names of everything but a file."""

ENDS_SOON = {
    "scan": ["small.csv", "--out=out"],
    "check": ["small.csv"],
    "explain": ["out", "x"],
    "trace": ["small.csv", "--item=item 1"],
    "simulate": ["folder"],
    "evaluate": ["--population=small.csv", "--attack=none"],
    "demo": ["--out=small.csv"],
    "pseudonym": ["reader"],
    "doctor": [],
    "serve": [],
    "backup": ["folder"],
    "restore": ["folder"],
}
"""Arguments of each command, of which one is replaced. Only a scan does some work with them."""


WORKS = {"scan": {"--config"}, "evaluate": {"--population", "--attack"}, "demo": {"--seed"}}
"""Commands that do some work until they meet most of the values, and their other options."""


def parameters() -> Iterator[ParameterSet]:
    """Yield each command with each of its options that take a value, and its arguments."""
    for command in SUMMARIES:
        for one in load_command(command).params:
            name = one.name if one.param_type_name == "argument" else one.opts[0]
            if name == one.name or not one.is_flag:
                slow = name.startswith("-") and name not in WORKS.get(command, {name})
                yield pytest.param(command, name, marks=[pytest.mark.slow] if slow else [])


@pytest.fixture
def folder(tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder, a link to itself and a pipe beside a small log, and guard what is beside."""
    inside = tmp_path / "inside"
    inside.mkdir()
    small.rename(inside / small.name)
    (inside / "folder").mkdir()
    (inside / "loop").symlink_to("loop")
    os.mkfifo(inside / "pipe")
    for variable in ("HOME", "TMPDIR", "XDG_CACHE_HOME"):
        (tmp_path / variable).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "TMPDIR"))
    monkeypatch.setattr("ringfence.small_files._PATIENCE", 10)
    monkeypatch.setattr("ringfence.events.streams._UNOPENED", 0.01)
    return inside


@pytest.mark.slow
@pytest.mark.parametrize(("command", "parameter"), list(parameters()))
def test_any_value_ends_with_one_line(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, command: str, parameter: str
) -> None:
    """No value makes a traceback, raw control signs, a long line, or a file somewhere else."""
    monkeypatch.chdir(folder)
    # An empty file is a settings file, with which the service would run.
    with occupied(ServiceSettings().port) if command == "serve" else nullcontext():
        _try_values(run, folder, command, parameter)


def _try_values(run: Run, folder: Path, command: str, parameter: str) -> None:
    """Give a parameter each of the values."""
    for kind, value in VALUES.items():
        if (command, parameter) == ("demo", "--out") and could_be_made(value):
            continue
        done = run(command, *words(command, parameter, value))
        assert done.returncode in {0, 2, 3}, (kind, done.stderr)
        says_at_most_one_line(kind, done)
        beside = [*(folder.parent / "HOME").iterdir(), *(folder.parent / "TMPDIR").iterdir()]
        assert not beside, kind
        assert sorted(one.name for one in folder.parent.iterdir()) == [
            "HOME", "TMPDIR", "XDG_CACHE_HOME", "inside",
        ], kind  # fmt: skip


@contextmanager
def occupied(port: int) -> Iterator[None]:
    """Use a port, unless something else does already."""
    with socket.socket() as listening:
        with suppress(OSError):
            listening.bind(("127.0.0.1", port))
            listening.listen()
        yield


def test_a_source_without_a_name_is_refused(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A variable of a script that is not set does not make a scan read the current folder."""
    monkeypatch.chdir(folder)
    for command in ("scan", "check"):
        done = run(command, "")
        assert done.returncode == 2
        assert done.stderr.startswith("ringfence: a source has no name (name files, ")


def says_at_most_one_line(kind: str, done: Outcome) -> None:
    """Check that a command reported a value in one line that is safe to print."""
    status, shown, said = done
    assert status or not said, kind
    assert "Traceback" not in shown + said, kind
    assert "please report" not in said, (kind, said)
    for line in said.splitlines():
        assert line.isprintable(), kind
        assert line.startswith("ringfence: "), kind
        assert len(line) < 2_500, kind
    assert said.count("\n") <= 1 + (status == 3), (kind, said)


def words(command: str, parameter: str, value: str) -> list[str]:
    """Return the arguments of a command in which one parameter has a value."""
    usual = ENDS_SOON[command]
    if parameter.startswith("-"):
        return [*(one for one in usual if not one.startswith(f"{parameter}=")),
                f"{parameter}={value}"]  # fmt: skip
    names = [one.name for one in load_command(command).params if one.param_type_name == "argument"]
    return [
        "--",
        *(value if name == parameter else old for name, old in zip(names, usual, strict=False)),
    ]


def could_be_made(value: str) -> bool:
    """Return whether a folder can have the name, so that a demonstration would run."""
    taken = {"too long", "device", "itself", "writer", "below a file", "UTF-8", "digits", "zero"}
    kind = next(kind for kind, one in VALUES.items() if one == value)
    return not any(word in kind for word in taken)
