"""Measure the cost of a command: processor time, wall time and memory."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Cost:
    """The cost of one run of a command with all its children.

    Attributes:
        cpu: user and system time, seconds.
        wall: elapsed time, seconds.
        peak: peak resident memory of its largest process, bytes.
    """

    cpu: float
    wall: float
    peak: int


def run(command: Sequence[str], log: Path) -> Cost:
    """Run a command and measure it.

    Args:
        command: the program and its arguments.
        log: where its output goes.

    Raises:
        SystemExit: the command failed; the message shows the end of its output.
    """
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.monotonic() - began
    # The process is already waited for; Popen must not wait for it again.
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(encoding="utf-8", errors="replace")[-2000:]
        raise SystemExit(f"{command[0]} ended with status {process.returncode}:\n{tail}")
    kilo = 1 if sys.platform == "darwin" else 1024
    return Cost(usage.ru_utime + usage.ru_stime, wall, usage.ru_maxrss * kilo)


def ringfence_command() -> str | None:
    """Return the installed command, preferably that of this environment."""
    beside = Path(sys.executable).with_name("ringfence")
    return str(beside) if beside.exists() else shutil.which("ringfence")
