"""Run the command as an operator does, measure it, and compare its output."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import duckdb

RINGFENCE: Final = (sys.executable, "-m", "ringfence")
DONE: Final = 0
ERROR: Final = 2

STABLE: Final = ("findings.jsonl", "quarantine.jsonl")
"""Outputs that are the same, byte by byte, in every run over the same sources."""


@dataclass(frozen=True)
class Run:
    """One run of the command.

    Attributes:
        status: its exit status; negative for a signal.
        errors: what it wrote on standard error.
        peak: its largest resident memory, bytes.
        cpu: processor time, seconds.
    """

    status: int
    errors: str
    peak: int
    cpu: float


def run(arguments: Sequence[str | Path], folder: Path) -> Run:
    """Run the command to its end; its scratch files go into a folder ``tmp`` beside its outputs."""
    scratch = folder / "tmp"
    scratch.mkdir(parents=True, exist_ok=True)
    process = subprocess.Popen(
        [*RINGFENCE, *map(str, arguments)],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(scratch), "COLUMNS": "80"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    with process.stderr as stream:  # type: ignore[union-attr] - it is a pipe
        errors = stream.read().decode("utf-8", "replace")
    _, status, usage = os.wait4(process.pid, 0)
    # The process is already waited for; Popen must not wait for it again.
    process.returncode = os.waitstatus_to_exitcode(status)
    kilo = 1 if sys.platform == "darwin" else 1024
    cpu = usage.ru_utime + usage.ru_stime
    return Run(process.returncode, errors, usage.ru_maxrss * kilo, cpu)


def complaints(run: Run) -> list[str]:
    """Return one sentence for each fault in the way in which a run ended."""
    found = []
    if run.status not in {DONE, ERROR}:
        found.append(f"status {run.status}: {run.errors[-200:]!r}")
    if "Traceback" in run.errors:
        found.append(f"a traceback: {run.errors[-200:]!r}")
    return found


def remains(folder: Path) -> list[str]:
    """Return the files that a finished run should not have left."""
    parts = [str(path) for path in folder.rglob("*.part")]
    return [*parts, *(str(path) for path in (folder / "tmp").iterdir())]


def contents(folder: Path, book: Path | None) -> Mapping[str, Any]:
    """Return the outputs and the rows of every table of the ledger, for comparison."""
    found: dict[str, Any] = {
        name: path.read_bytes() if (path := folder / "out" / name).exists() else None
        for name in STABLE
    }
    return found | (tables(book) if book else {})


def tables(book: Path) -> Mapping[str, list[tuple[Any, ...]]]:
    """Return the sorted rows of every table of a ledger file."""
    with duckdb.connect(str(book), read_only=True) as connection:
        names = [name for (name,) in connection.execute("SHOW TABLES").fetchall()]
        return {
            name: sorted(connection.execute(f'FROM "{name}"').fetchall(), key=repr)
            for name in names
        }


def differences(wanted: Mapping[str, Any], got: Mapping[str, Any]) -> list[str]:
    """Return the names of outputs and tables that are not the same."""
    return [name for name in wanted if wanted[name] != got.get(name)]
