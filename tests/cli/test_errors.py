"""An error is one line with what, where and a hint, and the exit status is 2."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Run


def one_line(run: Run, *words: str | Path) -> str:
    """Run a command that must fail with status 2 and one line; return the line."""
    done = run(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("\n") == 1, done.stderr
    assert done.stderr.startswith("ringfence: ")
    assert "\x1b" not in done.stderr
    return done.stderr.removeprefix("ringfence: ").rstrip("\n")


@pytest.mark.parametrize("name", ["gone.log", "logs/*.log", "\x1b[31mred.log"])
def test_no_such_source(run: Run, name: str) -> None:
    """A missing file and a glob without a match are named; a hostile name does no harm."""
    said = "no such file (name files, folders, globs, or - for standard input)"
    if "*" in name:
        said = "no file matches this pattern (check the folder, and quote the pattern)"
    shown = name.replace("\x1b", "\N{REPLACEMENT CHARACTER}")
    assert one_line(run, "scan", name) == f"{shown}: {said}"


def test_unknown_setting(run: Run, small: Path, tmp_path: Path) -> None:
    """A misspelt setting is an error that suggests the right name."""
    (tmp_path / "ringfence.toml").write_text("[uses]\ndouble_clicks = 3\n")
    line = one_line(run, "scan", small)
    assert line.startswith("ringfence.toml: uses.double_clicks: there is no such setting")
    assert "did you mean uses.double_click_seconds?" in line
    assert "docs/reference/settings.md" in line


def test_a_config_that_is_none(run: Run, small: Path, tmp_path: Path) -> None:
    """A settings file that is missing, or no TOML, is named."""
    assert one_line(run, "scan", small, "--config", "gone.toml").startswith(
        "gone.toml: cannot be read"
    )
    (tmp_path / "bad.toml").write_text("[uses\n")
    assert one_line(run, "scan", small, "--config", "bad.toml").startswith("bad.toml: is not TOML")


def test_unknown_format(run: Run, small: Path) -> None:
    """The hint lists the formats, or suggests the similar one."""
    line = one_line(run, "scan", small, "--format", "nonsense")
    assert line.startswith("--format: there is no format 'nonsense' (one of auto, parquet, ")
    assert all(f" {name}," in line for name in ("combined", "vhost_combined", "alb", "csv"))
    assert "(did you mean parquet?)" in one_line(run, "scan", small, "--format", "parkett")


def test_a_format_that_does_not_fit(run: Run, tmp_path: Path) -> None:
    """Binary content is refused with the formats looked for."""
    (tmp_path / "noise.log").write_bytes(bytes(range(256)) * 40)
    assert one_line(run, "scan", "noise.log").startswith("noise.log: is binary, not an access log")


def test_a_missing_column_lists_those_there_are(run: Run, tmp_path: Path) -> None:
    """The error lists the columns of the file and the setting that names one."""
    (tmp_path / "x.csv").write_text("when,who,what\n1,2,3\n")
    line = one_line(run, "scan", "x.csv", "--format", "csv")
    assert "the columns are when, who, what" in line
    assert "events.columns.ts" in line


@pytest.mark.parametrize("option", ["--catalogue", "--ledger"])
def test_files_beside_the_source(run: Run, small: Path, tmp_path: Path, option: str) -> None:
    """A missing catalogue, and a file that is not a ledger, are named."""
    (tmp_path / "notes").write_text("mine\n" * 2000)
    name = "gone.csv" if option == "--catalogue" else "notes"
    assert one_line(run, "scan", small, option, name).startswith(f"{name}: ")


def test_a_folder_that_cannot_be_made(run: Run, small: Path, tmp_path: Path) -> None:
    """Where a file stands there can be no folder; said before any work is done."""
    (tmp_path / "taken").write_text("")
    line = one_line(run, "scan", small, "--out", "taken/out")
    assert (
        line == "taken/out: cannot be written: Not a directory (choose another folder with --out)"
    )


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_may_not_be_written(run: Run, small: Path, tmp_path: Path) -> None:
    """A folder without permission is named."""
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o555)
    assert one_line(run, "scan", small, "--out", "locked").startswith("locked: cannot be written")


LIMITED = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
from ringfence.cli import main
main()
"""
"""A limit on the size of files fails in the same place as a full disk does, wherever tests run."""


@pytest.mark.slow
@pytest.mark.parametrize("size", [100, 20_000])
def test_a_full_disk_is_one_line_and_leaves_no_half_file(
    run_code: Run, greedy: Path, tmp_path: Path, size: int
) -> None:
    """The error names the file. No part of it is left, and the old report stays."""
    folder = tmp_path / "o"
    folder.mkdir()
    (folder / "report.html").write_text("yesterday")
    line = one_line(run_code, LIMITED.format(size=size), "scan", greedy, "--out", "o")
    assert "cannot be written: " in line
    assert line.endswith(")")
    left = {path.name for path in folder.iterdir()}
    assert left <= {
        "findings.jsonl",
        "accounts.parquet",
        "rings.parquet",
        "quarantine.jsonl",
        "report.html",
    }
    assert (folder / "report.html").read_text() == "yesterday"


@pytest.mark.slow
def test_the_keyboard_is_one_line_and_status_130(tmp_path: Path) -> None:
    """A scan that is interrupted while it reads prints one line and leaves no folder."""
    out = tmp_path / "out"
    command = [sys.executable, "-c", "from ringfence.cli import main; main()"]
    with subprocess.Popen(
        [*command, "scan", "-", "--format", "combined", "--out", str(out)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as scan:  # fmt: skip
        assert scan.stdin is not None
        # More than a pipe holds: when it is written, the scan is reading.
        scan.stdin.write(b"x" * 1_000_000)
        scan.send_signal(signal.SIGINT)
        printed, error = scan.communicate(timeout=60)
    assert scan.returncode == 130
    assert error.decode().strip() == "ringfence: stopped by the keyboard"
    assert not printed
    assert not out.exists()
