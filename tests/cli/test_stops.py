"""Whatever ends a command, it ends with the right status and at most one line."""

from __future__ import annotations

import errno
import signal
import time
from collections.abc import Callable
from contextlib import suppress

import pytest
from tests.cli.conftest import Run

from ringfence.cli.process import run_process
from ringfence.errors import OutputError

WORDS = {
    signal.SIGINT: (130, "ringfence: stopped by the keyboard\n"),
    signal.SIGTERM: (143, "ringfence: stopped by another process\n"),
    signal.SIGHUP: (129, "ringfence: stopped because the terminal was closed\n"),
}


def as_library(number: int) -> None:
    """Turn the interrupt into an error of its own, as libraries written in C do."""
    try:
        signal.raise_signal(number)
    except KeyboardInterrupt as error:
        raise ImportError("initialization failed") from error


def swallowed(number: int) -> None:
    """Drop the interrupt and go on."""
    with suppress(BaseException):
        signal.raise_signal(number)


def in_a_finaliser(number: int) -> None:
    """Receive the signal where Python drops exceptions."""

    class Dying:
        def __del__(self) -> None:
            signal.raise_signal(number)

    dying = Dying()
    del dying
    end = time.monotonic() + 10
    while time.monotonic() < end:
        pass
    raise AssertionError("the interrupt was not repeated")


def twice(number: int) -> None:
    """Receive a second signal while the first one is handled."""
    try:
        signal.raise_signal(number)
    finally:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("number", WORDS, ids=lambda number: signal.Signals(number).name)
@pytest.mark.parametrize("way", [signal.raise_signal, as_library, swallowed, in_a_finaliser, twice])
def test_a_signal_is_one_line_and_its_status(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    way: Callable[[int], None],
    number: signal.Signals,
) -> None:
    """No library can hide that a signal has stopped the command; the first signal counts."""
    before = [signal.getsignal(one) for one in WORDS]
    monkeypatch.setattr("ringfence.cli.app.run_app", lambda: way(number) or 0)
    assert (run_process(), capsys.readouterr().err) == WORDS[number]
    assert [signal.getsignal(one) for one in WORDS] == before


def test_an_ignored_signal_stays_ignored(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command under ``nohup`` goes on when the terminal is closed."""
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        monkeypatch.setattr(
            "ringfence.cli.app.run_app", lambda: signal.raise_signal(signal.SIGHUP) or 0
        )
        assert run_process() == 0
    finally:
        signal.signal(signal.SIGHUP, before)


FAILURES = {
    "unexpected ZeroDivisionError: a": ZeroDivisionError("a\nb"),
    "unexpected RuntimeError: \N{REPLACEMENT CHARACTER}[31m": RuntimeError("\x1b[31mred\udcff"),
    "unexpected UnicodeEncodeError": UnicodeEncodeError("ascii", "x", 0, 1, "no"),
    "unexpected RecursionError": RecursionError(),
    "there is not enough memory": MemoryError(),
    "/x/y: No space left on device (free some": OSError(
        errno.ENOSPC, "No space left on device", "/x/y"
    ),
    "Permission denied": PermissionError(errno.EACCES, "Permission denied"),
    "o: cannot be written (do)": OutputError("cannot be written", where="o", hint="do"),
    "only words": SystemExit("only words"),
}  # fmt: skip


@pytest.mark.parametrize("said", FAILURES)
def test_every_exception_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    """An exception that no part of Ringfence expects prints no traceback, and is not status 1."""

    def failing() -> int:
        raise FAILURES[said]

    monkeypatch.setattr("ringfence.cli.app.run_app", failing)
    assert run_process() == 2
    line = capsys.readouterr().err
    assert line.startswith(f"ringfence: {said}")
    assert line.count("\n") == 1


@pytest.mark.parametrize(("code", "status"), [(None, 0), (0, 0), (3, 3)])
def test_a_status_that_a_library_asks_for(
    monkeypatch: pytest.MonkeyPatch, code: int | None, status: int
) -> None:
    """A part that ends the process by itself decides its status."""

    def ending() -> int:
        raise SystemExit(code)

    monkeypatch.setattr("ringfence.cli.app.run_app", ending)
    assert run_process() == status


LOADING = """
import os, signal, sys
class Interrupting:
    def find_spec(self, name, path=None, target=None):
        if name == wanted:
            sys.meta_path.remove(self)
            os.kill(os.getpid(), signal.SIGINT)
wanted = sys.argv.pop(1)
sys.meta_path.insert(0, Interrupting())
from ringfence.cli import main
main()
"""


@pytest.mark.parametrize(
    "module",
    ["ringfence.cli.process", "ringfence.cli.app", "typer", "numpy", "duckdb", "rich.table"],
)
def test_the_keyboard_while_libraries_are_loaded(run_code: Run, module: str) -> None:
    """An interrupt from the first line of the command on is one line, and status 130."""
    words = ("doctor",) if module == "rich.table" else ("check", "gone.log")
    ended = run_code(LOADING, module, *words)
    assert ended == (130, "", "ringfence: stopped by the keyboard\n")
