"""The program that examines a few accounts beside the sample of the last whole scan."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from ringfence.errors import RingfenceError
from ringfence.evidence import EvidenceTest, all_tests, canary_tests
from ringfence.pipeline.known_findings import opened, permitted
from ringfence.pipeline.screened_findings import record_screened
from ringfence.pipeline.screening import Screening
from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import beat
from ringfence.service.judge.options import cases_address
from ringfence.service.judge.scan_process import read_task
from ringfence.service.judge.screen_process import EXAMINE, ScreenOutcome
from ringfence.settings import Settings


class _Examiner:
    """Keeps the sample of the last whole scan in memory."""

    def __init__(self, folder: ServiceFolder, settings: Settings) -> None:
        self._folder = folder
        self._settings = settings
        self._tests: Sequence[EvidenceTest] = (
            *all_tests(),
            *canary_tests(settings.canaries.file),
        )
        self._screening: Screening | None = None
        self._version: tuple[int, int] | None = None

    def do(self, line: bytes) -> ScreenOutcome:
        began = time.monotonic()
        try:
            outcome = self._examined(self._prepared()) if line == EXAMINE else self._ready()
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
            table = self._settings.service.accounts
            self._screening = Screening(
                self._folder.population, self._settings, self._tests, Path(table) if table else None
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


def run_screening(heart: int) -> None:
    """Examine accounts when a line says so, until the input ends: the program of the process.

    Args:
        heart: the pipe for signs of life.
    """
    beat(heart)
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), 1))
    examiner = _Examiner(*read_task(sys.stdin.buffer.readline()))
    for line in sys.stdin.buffer:
        sys.stdout.write(json.dumps(asdict(examiner.do(line))) + "\n")
        sys.stdout.flush()
