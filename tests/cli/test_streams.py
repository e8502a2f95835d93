"""Standard streams that are full, closed, without a reader, or of another encoding."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run

PROGRAM = f"{sys.executable} -m ringfence"
FULL = "ringfence: standard output: cannot be written: No space left on device"


def shell(line: str, folder: Path, **environment: str) -> tuple[int, str, str]:
    """Run a line in which ``RF`` is the command; return status, output and errors."""
    done = subprocess.run(
        ["/bin/sh", "-c", line.replace("RF", PROGRAM)], cwd=folder, capture_output=True,
        env={**os.environ, **environment}, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize("words", ["--version", "scan --help", "doctor", "simulate --list --json"])
def test_a_full_disk_behind_standard_output_is_one_line(tmp_path: Path, words: str) -> None:
    """Output that cannot be written is an error of status 2."""
    status, _, said = shell(f"RF {words} > /dev/full", tmp_path)
    assert (status, said.count("\n")) == (2, 1)
    assert said.startswith(FULL)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("RF doctor --json >&-", 0),
        ("RF doctor > /dev/null 2>&-", 0),
        ("RF doctor <&- >&- 2>&-", 0),
        ("RF check gone.log >&- 2>&-", 2),
        ("RF check gone.log 2> /dev/full", 2),
        ("RF steal 2>&-", 2),
    ],
)
def test_a_stream_that_nobody_reads_changes_no_status(
    tmp_path: Path, line: str, status: int
) -> None:
    """A command whose streams are closed does its work and ends with its own status."""
    assert shell(line, tmp_path) == (status, "", "")


def test_closed_standard_input_is_no_empty_log(tmp_path: Path) -> None:
    """A scan of closed standard input says so."""
    status, _, said = shell("RF check - <&-", tmp_path)
    assert (status, said) == (2, "ringfence: stdin: is closed (pipe a log into the command)\n")


@pytest.mark.slow
@pytest.mark.parametrize("words", ["--help", "doctor --json", "simulate --list"])
def test_a_reader_that_goes_away_is_no_error(tmp_path: Path, words: str) -> None:
    """The command ends with status 0 and says nothing when its output is cut off."""
    ended = shell(f"{{ RF {words}; echo $? >&2; }} | true", tmp_path, PYTHONUNBUFFERED="1")
    assert ended == (0, "", "0\n")


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1:strict"},
     {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=str,
)  # fmt: skip
def test_a_sign_that_the_terminal_lacks_is_shown_as_its_number(
    tmp_path: Path, environment: dict[str, str]
) -> None:
    """A name that the encoding of the terminal lacks appears as an escape, and stops nothing."""
    status, _, said = shell("RF check '≤ 音楽.log'", tmp_path, **environment)
    assert status == 2
    assert said.isascii()
    assert "no such file" in said


@pytest.mark.parametrize("columns", ["0", "1", "-5", "many", "999999999"])
def test_any_width_of_the_terminal_will_do(tmp_path: Path, columns: str) -> None:
    """An absurd width neither stops a command nor makes it write gigabytes."""
    status, shown, said = shell("RF doctor", tmp_path, COLUMNS=columns)
    assert (status, said) == (0, "")
    assert 100 < len(shown) < 100_000


def test_a_folder_that_was_deleted_is_named(tmp_path: Path) -> None:
    """A command in a folder that somebody has deleted says so."""
    line = "mkdir gone && cd gone && rmdir ../gone && RF check ../x.csv"
    (tmp_path / "x.csv").write_text("ts,account,item\n2025-06-02T00:00:00Z,a,i\n")
    status, shown, said = shell(line, tmp_path)
    assert (status, shown) == (2, "")
    assert said == "ringfence: the current folder does not exist any more (cd to another one)\n"


@pytest.mark.parametrize("option", ["--out", "--ledger", "--config", "--catalogue", "--accounts"])
def test_a_name_that_is_not_utf_8_is_one_line(run: Run, small: Path, option: str) -> None:
    """A scan takes logs with any name, and refuses other such names before it reads anything."""
    done = run("scan", small, option, "l\udcff")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "unexpected" not in done.stderr
    assert done.stderr.startswith("ringfence: l\N{REPLACEMENT CHARACTER}: ")
