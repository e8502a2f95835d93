"""A scan in a process of its own, beside the judge, which continues to fold.

The judge writes the task into the standard input of the process, and keeps it open. When the judge
ends, however that happens, the input ends, and so does the scan. The outcome is a line of JSON.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import Heartbeat
from ringfence.service.judge.scan_outcome import ScanOutcome
from ringfence.settings import Settings

_MODULE: Final = "ringfence.service.judge"
SILENT_SECONDS: Final = 300.0
"""Seconds without a sign of life after which a process beside the judge is killed. A long scan
gives signs; only a call of a library that lets no other thread run has none."""


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
        self._heart = Heartbeat()
        self._silent = False
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE, "scan", str(self._heart.handle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._heart.handle,),
            start_new_session=True,
        )
        self._heart.handed_over()
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
        """Return the outcome if the scan has ended, else None. A scan that hangs is killed."""
        status = self._process.poll()
        if status is None:
            if not self._silent and self._heart.silence() > SILENT_SECONDS:
                self._silent = True
                self._process.kill()
            return None
        said = self._process.stdout.read() if self._process.stdout else b""
        self._close()
        try:
            return ScanOutcome(**json.loads(said))
        except (ValueError, TypeError):
            how = f"ended with signal {-status}" if status < 0 else f"ended with status {status}"
            if self._silent:
                how = f"gave no sign of life for {SILENT_SECONDS:g} s and was killed"
            seconds = time.time() - self._began
            return ScanOutcome(self._began, seconds, error=f"its process {how}")

    def stop(self) -> None:
        """End the scan at once. Everything that it has recorded is whole."""
        self._process.kill()
        self._process.wait()
        self._close()

    def _close(self) -> None:
        self._heart.close()
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
