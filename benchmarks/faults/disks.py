"""Fill the disk at many points of a scan: one line reports it, and the next run succeeds."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from benchmarks.faults.inputs import days
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.runs import DONE, Run, complaints, contents, differences, remains, run

_LEAST: Final = 64 << 10
_ROOM: Final = 256 << 20


def can_mount() -> bool:
    """Return whether this process may mount a small file system."""
    return hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("mount") is not None


def full_disks(folder: Path, positions: int) -> Outcome:
    """Scan on file systems of growing size, then again with enough room.

    Args:
        folder: for logs and results.
        positions: number of sizes, from 64 KiB to what an undisturbed scan needs.
    """
    outcome, began = Outcome("full disk", positions), time.monotonic()
    logs = days(folder / "logs")
    command = ["scan", *logs, "--ledger", "book", "--out", "out"]
    with _disk(folder / "disk", _ROOM) as disk:
        truth_run = run(command, disk / "run")
        truth = contents(disk / "run", disk / "run" / "book")
        needed = sum(path.stat().st_size for path in disk.rglob("*") if path.is_file())
    for number in range(positions):
        size = int(_LEAST * (needed / _LEAST) ** (number / max(1, positions - 1)))
        with _disk(folder / "disk", size) as disk:
            first = run(command, disk / "run")
            outcome.struck += first.status != DONE
            wrong = complaints(first) + _more_lines(first.errors, first.status)
            _resize(disk, _ROOM)
            again = run(command, disk / "run")
            wrong += _wrong(again, disk / "run", truth)
            outcome.peak = max(outcome.peak, first.peak, again.peak)
        outcome.wrong += [f"{size:,} bytes: {'; '.join(wrong)}"] if wrong else []
    outcome.wrong += complaints(truth_run)
    outcome.seconds = time.monotonic() - began
    return outcome


def _wrong(again: Run, folder: Path, truth: Mapping[str, Any]) -> list[str]:
    if again.status != DONE:
        return [f"the next scan ended with {again.status}: {again.errors[:200]!r}"]
    changed = differences(truth, contents(folder, folder / "book"))
    return [*(f"{name} differs" for name in changed), *(f"left: {one}" for one in remains(folder))]


def _more_lines(errors: str, status: int) -> list[str]:
    said = [line for line in errors.splitlines() if line.startswith("ringfence: ")]
    return (
        [] if status == DONE or len(said) == 1 else [f"{len(said)} error lines: {errors[-200:]!r}"]
    )


@contextmanager
def _disk(place: Path, size: int) -> Iterator[Path]:
    """Mount a file system of a fixed size."""
    place.mkdir(exist_ok=True)
    options = f"size={size},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        (place / "run").mkdir()
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


def _resize(place: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", place], check=True)
