"""Help, version, and wrong usage: what a newcomer meets first."""

from __future__ import annotations

import re
from importlib.metadata import version

import pytest
from tests.cli.conftest import Run


def plain(text: str) -> str:
    """Take colours and frames out of a help text and join its lines."""
    return " ".join(re.sub(r"\x1b\[[0-9;]*m|[│╭╮╰╯─]", " ", text).split())


def test_version(run: Run) -> None:
    """``--version`` prints the name and the number."""
    done = run("--version")
    assert (done.returncode, done.stdout) == (0, f"ringfence {version('ringfence')}\n")


def test_without_words_it_helps(run: Run) -> None:
    """The bare command names its sub-commands and where to start."""
    shown = plain(run().stdout)
    assert all(name in shown for name in ("scan", "demo", "doctor", "--version"))
    assert "Start with ringfence demo" in shown


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("scan", ("SOURCE...", "--format", "--catalogue", "--config", "--ledger", "--out", "--json",
                  "--fail-on-findings", "Nothing is done to anybody")),
        ("demo", ("--out", "--seed", "hide extractors in it")),
        ("doctor", ("--json", "which command adds it")),
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
