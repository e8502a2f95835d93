"""A program of the operator gets the effect, and its status says what became of it."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

import pytest
from tests.enforcement.effects import effect

from ringfence.enforcement import SinkError
from ringfence.enforcement.running import run_command
from ringfence.enforcement.sinks.command import CommandSink


def test_the_program_gets_json(tmp_path: Path) -> None:
    """Its standard input is the effect; a hostile name is only a value."""
    out = tmp_path / "out"
    code = f"import sys; open({str(out)!r}, 'w').write(sys.stdin.read())"
    hostile = "$(touch x); `id` \n\"'"
    CommandSink("hook", (sys.executable, "-c", code)).apply(effect(account=hostile))
    assert json.loads(out.read_text()) == {
        "number": 7, "key": "k" * 32, "account": hostile, "effect": "suspend", "decision": 3,
        "made": "2026-03-03T00:00:00Z", "until": "2026-03-11T00:00:00Z", "ground": "terms 5.2",
    }  # fmt: skip


def test_there_is_no_shell_and_no_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Arguments are passed as they are, and the environment of the caller is not passed on."""
    out = tmp_path / "out"
    monkeypatch.setenv("RINGFENCE_SECRET", "hunter2")
    code = "import os, sys; open(sys.argv[1], 'w').write(repr((sys.argv[2], sorted(os.environ))))"
    CommandSink("hook", (sys.executable, "-c", code, str(out), "$HOME; exit 1")).apply(effect())
    argument, names = eval(out.read_text())  # noqa: S307 - of the program above
    assert argument == "$HOME; exit 1"
    assert set(names) <= {"LANG", "PATH", "LC_CTYPE"}


@pytest.mark.parametrize(("status", "retry"), [(1, True), (75, True), (65, False)])
def test_the_status_decides(status: int, retry: bool) -> None:
    """Status 65 refuses for good; every other one but 0 is tried again."""
    with pytest.raises(SinkError, match=f"status {status}") as caught:
        CommandSink("hook", ("sh", "-c", f"exit {status}")).apply(effect())
    assert caught.value.retry is retry


def test_a_program_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    """At the time-out, the program and the process that it has started end."""
    pid = tmp_path / "pid"
    begun = time.monotonic()
    with pytest.raises(SinkError, match=r"longer than 0\.5 seconds"):
        run_command(("sh", "-c", f"sleep 60 & echo $! > {pid}; wait"), b"", 0.5, "hook")
    assert time.monotonic() - begun < 10
    time.sleep(0.1)
    # A killed process may wait for its new parent to notice.
    stat = Path(f"/proc/{int(pid.read_text())}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("/nothing/here",), "cannot run"),
        (("a\0b",), "cannot run"),
        (("sh", "-c", "kill -9 $$"), "signal 9"),
    ],
)
def test_a_program_that_does_not_run_is_tried_again(command: tuple[str, ...], said: str) -> None:
    """A missing program and one that was killed are errors that may pass."""
    with pytest.raises(SinkError, match=said) as caught:
        CommandSink("hook", command).apply(effect())
    assert caught.value.retry


def test_a_program_that_does_not_read_is_no_error() -> None:
    """A program that ignores its input, however long, has succeeded if its status is 0."""
    CommandSink("hook", ("true",)).apply(effect(account="a" * 1_000_000))
