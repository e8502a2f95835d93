"""The status of the judge: one file, replaced each second."""

from __future__ import annotations

import os
import shutil
import threading
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Self

from ringfence.service.event_log import closed_segments
from ringfence.service.files import ServiceFolder, read_status, write_status
from ringfence.service.judge.aside import lines_aside
from ringfence.service.judge.delivering import Delivery
from ringfence.service.judge.folding import FoldOutcome
from ringfence.service.judge.input_watch import InputState
from ringfence.service.judge.scan_outcome import ScanOutcome
from ringfence.service.judge.screening import ScreenState

JUDGE_STATUS: Final = "judge"
"""The name of the judge's status."""

_SECOND: Final = 1.0


@dataclass
class JudgeState:
    """The present work of the judge, and a summary of the work since it began.

    Attributes:
        doing: ``folding``, ``waiting``, or ``waiting for a backup``.
        scanning: whether a scan runs beside it.
        error: why the last step failed; empty if it did not.
        folds: number of folds.
        events: number of events that they counted.
        last_fold: the outcome of the last fold.
        fold_seconds: how long it took.
        last_scan: the outcome of the last scan, also that of an earlier process.
        screening: of accounts between two scans.
        input: what was read, and whether it is plausible.
    """

    doing: str = "waiting"
    scanning: bool = False
    error: str = ""
    folds: int = 0
    events: int = 0
    last_fold: FoldOutcome | None = None
    fold_seconds: float = 0.0
    last_scan: ScanOutcome | None = None
    screening: ScreenState = field(default_factory=ScreenState)
    input: InputState = field(default_factory=InputState)

    def folded(self, outcome: FoldOutcome, seconds: float) -> None:
        """Take note of a fold."""
        self.folds += 1
        self.events += outcome.events
        self.last_fold, self.fold_seconds = outcome, seconds


class StatusThread:
    """Writes the status each second, also while a scan runs.

    Args:
        folder: of the service.
        state: of the judge.
        delivery: of decisions.
    """

    def __init__(self, folder: ServiceFolder, state: JudgeState, delivery: Delivery) -> None:
        self._folder = folder
        self._state = state
        self._delivery = delivery
        self._began = time.time()
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status", daemon=True)

    def __enter__(self) -> Self:
        """Start the thread."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the thread; the last status says that the judge has stopped."""
        self._end.set()
        self._thread.join()
        self._state.doing = "stopped"
        self._write()

    def _run(self) -> None:
        self._write()
        while not self._end.wait(_SECOND):
            self._write()

    def _write(self) -> None:
        # A full disk must not end the judge; the file's own time tells how old it is.
        with suppress(OSError):
            write_status(self._folder, JUDGE_STATUS, self._values())

    def _values(self) -> dict[str, object]:
        logs = (self._folder.log, self._folder.tail_log)
        waiting = sorted((one for log in logs for one in closed_segments(log)), key=_age)[::-1]
        aside, lines = lines_aside(self._folder.aside)
        return {
            "time": time.time(),
            "began": self._began,
            "process": os.getpid(),
            **asdict(self._state),
            "waiting_segments": len(waiting),
            "waiting_bytes": sum(map(_size, waiting)),
            "waiting_seconds": _age(waiting[0]) if waiting else 0.0,
            "ledger_bytes": _size(self._folder.ledger),
            "ledger_log_bytes": sum(map(_size, self._folder.root.glob("ledger.duckdb.*"))),
            "free_bytes": shutil.disk_usage(self._folder.root).free,
            "aside": aside,
            "aside_lines": lines,
            "sinks": [vars(report) for report in self._delivery.reports],
            "delivery_error": self._delivery.error,
        }


def _size(path: Path) -> int:
    """Return the size of a file; 0 if it has gone."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _age(path: Path) -> float:
    """Return the seconds since a file was written; 0 if it has gone."""
    try:
        return max(0.0, time.time() - path.stat().st_mtime)
    except OSError:
        return 0.0


def last_scan(folder: ServiceFolder) -> ScanOutcome | None:
    """Return the outcome of the last scan that any judge of this folder has reported, or None."""
    told: Any = (read_status(folder, JUDGE_STATUS) or {}).get("last_scan")
    try:
        return ScanOutcome(**told) if told else None
    except TypeError:
        return None
