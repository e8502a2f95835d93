"""Help, version, and wrong usage: what a newcomer meets first."""

from __future__ import annotations

import re
import subprocess
import sys
from importlib.metadata import version

import pytest
from tests.cli.conftest import Run

from ringfence.cli.commands import SUMMARIES


def plain(text: str) -> str:
    """Join the lines of a help text."""
    return " ".join(text.split())


def test_version(run: Run) -> None:
    """``--version`` prints the name and the number."""
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"ringfence {version('ringfence')}\n")


def test_without_words_it_helps(run: Run) -> None:
    """The bare command names its sub-commands and where to start."""
    done = run()
    shown = plain(done.stderr)
    assert (done.returncode, done.stdout) == (2, "")
    assert all(name in shown for name in ("scan", "demo", "doctor", "--version"))
    assert "Start with: ringfence demo" in shown


def test_the_help_lists_each_command_with_its_summary(run: Run) -> None:
    """Each sub-command stands on one line of 80 columns with its whole summary."""
    lines = run("--help").stdout.splitlines()
    width = max(map(len, SUMMARIES))
    for name, summary in SUMMARIES.items():
        assert f"  {name:<{width}}  {summary}" in lines
    assert max(map(len, lines)) <= 80


@pytest.mark.parametrize("name", SUMMARIES)
def test_every_listed_command_can_be_called(run: Run, name: str) -> None:
    """The list and the modules agree: each name loads a command with a help text."""
    done = run(name, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"Usage: ringfence {name} [OPTIONS]")


def test_a_misspelt_command_is_suggested(run: Run) -> None:
    """The error names the similar command."""
    assert "Did you mean 'scan'?" in run("scam").stderr


@pytest.mark.parametrize("name", ["scan", "simulate"])
def test_the_help_leaves_room_for_text(run: Run, name: str) -> None:
    """The column with the meanings begins in the first third of 80 columns."""
    text = run(name, "--help").stdout.partition("Options:\n")[2]
    starts = [re.match(r"  --\S+(?: [A-Z]+)?  +(?=\S)", line) for line in text.splitlines()]
    found = [len(start[0]) for start in starts if start]
    assert len(found) >= 5
    assert max(found) <= 27


def test_the_package_is_a_program() -> None:
    """``python -m ringfence`` is the same as ``ringfence``, also in its help."""
    done = subprocess.run(
        [sys.executable, "-m", "ringfence", "--help"], capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("Usage: ringfence [OPTIONS] COMMAND")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("scan", ("{SOURCE}...", "--format", "--catalogue", "--config", "--ledger", "--out",
                  "--json", "--fail-on-findings", "No account is blocked or changed")),
        ("trace", ("--ledger", "--item", "--address", "--time", "--within", "--for", "--account",
                   "--config", "--json", "Nothing is written")),
        ("demo", ("--out", "--seed", "with extractors in it")),
        ("doctor", ("--json", "which command adds")),
    ],
)  # fmt: skip
def test_each_command_explains_itself(run: Run, command: str, words: tuple[str, ...]) -> None:
    """Every option is in the help, and the help fits 80 columns."""
    done = run(command, "--help")
    shown = plain(done.stdout)
    assert done.returncode == 0
    assert [word for word in words if word not in shown] == []
    assert max(map(len, done.stdout.splitlines())) <= 80


@pytest.mark.parametrize(
    "words", [("scan",), ("steal",), ("scan", "x.log", "--colour"), ("demo", "--seed", "many")]
)
def test_wrong_usage_ends_with_two(run: Run, words: tuple[str, ...]) -> None:
    """A missing source, an unknown command or option, a word for a number: status 2."""
    done = run(*words)
    assert done.returncode == 2
    assert "Usage: " in done.stderr
    assert "Traceback" not in done.stderr
