"""The examination of a few accounts in a process of its own, which waits for the next ones.

The judge writes one line per examination into the standard input of the process. The process
answers with one line of JSON. When the judge ends, the input ends, and so does the process.
"""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.evidence import EvidenceTest, all_tests, canary_tests
from ringfence.pipeline.known_findings import opened, permitted
from ringfence.pipeline.screened_findings import record_screened
from ringfence.pipeline.screening import Screening
from ringfence.service.files import ServiceFolder
from ringfence.service.judge.options import JudgeOptions, cases_address
from ringfence.service.judge.scan_process import read_task, task_of
from ringfence.settings import Settings

_MODULE: Final = "ringfence.service.judge"
_EXAMINE: Final = b"examine\n"
_PREPARE: Final = b"prepare\n"


@dataclass(frozen=True)
class ScreenOutcome:
    """The outcome of one examination.

    Attributes:
        seconds: how long it took.
        findings: number of findings.
        new: number of cases that were opened.
        error: why it failed; empty if it did not.
    """

    seconds: float = 0.0
    findings: int = 0
    new: int = 0
    error: str = ""


class ScreenProcess:
    """A process that examines accounts when it is asked to.

    Args:
        folder: of the service.
        settings: of the scans.
        options: the operator's tables.

    Raises:
        OSError: the system cannot start another process.
    """

    def __init__(self, folder: ServiceFolder, settings: Settings, options: JudgeOptions) -> None:
        self.busy = False
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE, "screen"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        self._write(json.dumps(task_of(folder, settings, options)).encode() + b"\n")

    @property
    def ended(self) -> bool:
        """Whether the process has ended, which it does not do by itself."""
        return self._process.poll() is not None

    def prepare(self) -> None:
        """Let it read the sample of a new whole scan."""
        self._begin(_PREPARE)

    def examine(self) -> None:
        """Let it examine the accounts that were written to the folder."""
        self._begin(_EXAMINE)

    def outcome(self) -> ScreenOutcome | None:
        """Return the outcome of the work that was begun, if it has ended, else None."""
        stream = self._process.stdout
        if not self.busy or stream is None or not select.select([stream], [], [], 0)[0]:
            return None
        self.busy = False
        line = stream.readline()
        try:
            return ScreenOutcome(**json.loads(line))
        except (ValueError, TypeError):
            return ScreenOutcome(error="the process of the screening has ended")

    def stop(self) -> None:
        """End the process at once. Everything that it has recorded is whole."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream:
                with suppress(BrokenPipeError):
                    stream.close()

    def _begin(self, line: bytes) -> None:
        self.busy = True
        self._write(line)

    def _write(self, line: bytes) -> None:
        # A process that has ended already says so by its output.
        with suppress(BrokenPipeError):
            if self._process.stdin:
                self._process.stdin.write(line)
                self._process.stdin.flush()


class _Examiner:
    """Keeps the sample of the last whole scan in memory."""

    def __init__(self, folder: ServiceFolder, settings: Settings, options: JudgeOptions) -> None:
        self._folder = folder
        self._settings = settings
        self._options = options
        self._tests: Sequence[EvidenceTest] = (
            *all_tests(),
            *canary_tests(settings.canaries.file),
        )
        self._screening: Screening | None = None
        self._version: tuple[int, int] | None = None

    def do(self, line: bytes) -> ScreenOutcome:
        began = time.monotonic()
        try:
            outcome = self._examined(self._prepared()) if line == _EXAMINE else self._ready()
        except (RingfenceError, OSError) as error:
            return ScreenOutcome(time.monotonic() - began, error=str(error))
        return ScreenOutcome(time.monotonic() - began, *outcome)

    def _ready(self) -> tuple[int, int]:
        self._prepared()
        return 0, 0

    def _prepared(self) -> Screening:
        """Return the sample, read again if a whole scan has replaced it."""
        found = self._folder.population.stat()
        version = (found.st_ino, found.st_mtime_ns)
        if self._screening is None or version != self._version:
            if self._screening:
                self._screening.close()
                self._screening = None
            self._screening = Screening(
                self._folder.population, self._settings, self._tests, self._options.accounts
            )
            self._version = version
        return self._screening

    def _examined(self, screening: Screening) -> tuple[int, int]:
        with opened(cases_address(self._folder, self._settings)) as store:
            found = screening.examine(self._folder.screened_part, permitted(store, self._settings))
            if store is None:
                return len(found), 0
            active = screening.population.active
            return len(found), record_screened(
                store, found, screening.engine, active, self._settings
            )


def run_screening() -> None:
    """Examine accounts when a line says so, until the input ends: the program of the process."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), 1))
    examiner = _Examiner(*read_task(sys.stdin.buffer.readline()))
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(asdict(examiner.do(line))) + "\n")
        sys.stdout.flush()
