"""The examination of a few accounts in a process of its own, which waits for the next ones.

The judge writes one line per examination into the standard input of the process. The process
answers with one line of JSON. When the judge ends, the input ends, and so does the process.
"""

from __future__ import annotations

import json
import select
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from ringfence.service.files import ServiceFolder
from ringfence.service.files.heartbeat import Heartbeat
from ringfence.service.judge.scan_process import SILENT_SECONDS, task_of
from ringfence.settings import Settings

_MODULE: Final = "ringfence.service.judge"
EXAMINE: Final = b"examine\n"
PREPARE: Final = b"prepare\n"


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

    Raises:
        OSError: the system cannot start another process.
    """

    def __init__(self, folder: ServiceFolder, settings: Settings) -> None:
        self.busy = False
        self._heart = Heartbeat()
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [sys.executable, "-m", _MODULE, "screen", str(self._heart.handle)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            pass_fds=(self._heart.handle,),
            start_new_session=True,
        )
        self._heart.handed_over()
        self._write(json.dumps(task_of(folder, settings)).encode() + b"\n")

    @property
    def ended(self) -> bool:
        """Whether the process has ended, which it does not do by itself."""
        return self._process.poll() is not None

    @property
    def has_answered(self) -> bool:
        """Whether the work that was begun has ended."""
        stream = self._process.stdout
        return self.busy and stream is not None and bool(select.select([stream], [], [], 0)[0])

    def prepare(self) -> None:
        """Let it read the sample of a new whole scan."""
        self._begin(PREPARE)

    def examine(self) -> None:
        """Let it examine the accounts that were written to the folder."""
        self._begin(EXAMINE)

    def outcome(self) -> ScreenOutcome | None:
        """Return the outcome of the work that was begun, if it has ended, else None.

        A process that hangs is killed.
        """
        if self._heart.silence() > SILENT_SECONDS:
            self._process.kill()
        stream = self._process.stdout
        if stream is None or not self.has_answered:
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
        self._heart.close()
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
