"""A scan in a process of its own, beside the judge that goes on folding.

The judge writes the task into the standard input of the process, and keeps it open. When the judge
ends, however that happens, the input ends, and so does the scan. The outcome is a line of JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ringfence.service.files import ServiceFolder
from ringfence.service.judge.scanning import ScanOutcome, scan_ledger
from ringfence.settings import Settings

_MODULE: Final = "ringfence.service.judge"
_NICENESS: Final = 5
"""Folds and answers to gateways go before scans."""


class ScanProcess:
    """A scan that runs.

    Args:
        folder: of the service, with a copy of its ledger.
        settings: of the scan.

    Raises:
        OSError: the system cannot start another process.
    """

    def __init__(self, folder: ServiceFolder, settings: Settings) -> None:
        self._began = time.time()
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        task = task_of(folder, settings)
        # A process that has ended already says so by its status.
        with suppress(BrokenPipeError):
            if self._process.stdin:
                self._process.stdin.write(json.dumps(task).encode() + b"\n")
                self._process.stdin.flush()

    @property
    def has_ended(self) -> bool:
        """Whether there is an outcome."""
        return self._process.poll() is not None

    def outcome(self) -> ScanOutcome | None:
        """Return the outcome if the scan has ended, else None."""
        status = self._process.poll()
        if status is None:
            return None
        said = self._process.stdout.read() if self._process.stdout else b""
        self._close()
        try:
            return ScanOutcome(**json.loads(said))
        except (ValueError, TypeError):
            how = f"signal {-status}" if status < 0 else f"status {status}"
            seconds = time.time() - self._began
            return ScanOutcome(self._began, seconds, error=f"its process ended with {how}")

    def stop(self) -> None:
        """End the scan at once. Everything that it has recorded is whole."""
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()


def task_of(folder: ServiceFolder, settings: Settings) -> dict[str, object]:
    """Return what another process needs to know, as JSON."""
    return {"root": str(folder.root.absolute()), "settings": settings.model_dump(mode="json")}


def read_task(line: bytes) -> tuple[ServiceFolder, Settings]:
    """Return what :func:`task_of` was made from."""
    task = json.loads(line)
    return ServiceFolder(Path(task["root"])), Settings.model_validate(task["settings"])


def run_scan() -> None:
    """Do the task in the standard input, and print the outcome: the program of the process."""
    with suppress(OSError):
        os.nice(_NICENESS)
    folder, settings = read_task(sys.stdin.buffer.readline())
    threading.Thread(target=_outlive_nobody, name="judge", daemon=True).start()
    outcome = scan_ledger(folder, settings)
    sys.stdout.write(json.dumps(asdict(outcome)) + "\n")


def _outlive_nobody() -> None:
    with suppress(OSError):
        os.read(sys.stdin.fileno(), 1)
    os._exit(1)
