"""Run the installed command as an operator runs it."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest

from ringfence.cli import main

HEAD = "ts,account,item\n"


class Outcome(NamedTuple):
    """The exit status of a command, and its output."""

    returncode: int
    stdout: str
    stderr: str


Run = Callable[..., Outcome]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``ringfence`` in a folder of its own, 80 columns wide, without a terminal."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("FORCE_COLOR", raising=False)

    def command(*words: str | Path, text: str = "") -> Outcome:
        monkeypatch.setattr(sys, "argv", ["ringfence", *map(str, words)])
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(text.encode())))
        with pytest.raises(SystemExit) as left:
            main()
        return Outcome(int(left.value.code or 0), *capsys.readouterr())

    return command


@pytest.fixture
def run_code(tmp_path: Path) -> Run:
    """Run a Python program that calls the command, in a new process."""

    def process(code: str, *words: str | Path) -> Outcome:
        done = subprocess.run(
            [sys.executable, "-c", code, *map(str, words)], cwd=tmp_path, capture_output=True,
            env={**os.environ, "COLUMNS": "80"}, text=True, check=False,
        )  # fmt: skip
        return Outcome(done.returncode, done.stdout, done.stderr)

    return process


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Write a log of three accounts with three uses each."""
    path = tmp_path / "small.csv"
    rows = [f"2025-06-02T0{n}:00:00Z,account {n % 3},item {n}\n" for n in range(9)]
    path.write_text(HEAD + "".join(rows))
    return path


@pytest.fixture
def greedy(tmp_path: Path) -> Path:
    """Write a log in which one account with a hostile name takes 8,000 items with hostile names.

    Forty users take some of these items, near each other and in no order. So they are witnesses
    that it is rare to go from one id to the next. They also take seven items that it does not have.
    """
    path = tmp_path / "greedy.csv"
    name = "\x1b[31m=cmd|' /C calc'!A0<script>alert(1)</script>\u202e"
    item = "\x1b]0;owned\x07<img src=x>"
    rows = [f"2025-06-{2 + n // 1440:02d}T{n // 60 % 24:02d}:{n % 60:02d}:00Z,{name},{item}{n}\n"
            for n in range(8_000)]  # fmt: skip
    rows += [f"2025-06-0{2 + day}T{8 + user % 8:02d}:{(5 + user % 3) * n:02d}:00Z,r{user},"
             f"{f'{item}{199 * user + 7 * n * (user + day) % 41}' if n else user % 7}\n"
             for day in range(5) for user in range(40) for n in range(9)]  # fmt: skip
    path.write_text(HEAD + "".join(rows))
    return path
