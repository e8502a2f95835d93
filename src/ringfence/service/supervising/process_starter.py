"""Start the processes of the service: by the fork server, or as programs of their own.

A forked process is there at once. But not every system can fork safely, and no library whose
loading fails may keep the service from starting. Then each process loads its libraries itself,
which takes a second or two longer.
"""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Final

from ringfence.service.supervising.fork_order import CANNOT_START
from ringfence.service.supervising.forking import ForkServer
from ringfence.service.supervising.started_process import (
    ONE_PROCESS,
    StartedProcess,
    start_program,
)

_WITHOUT: Final = (
    "processes load their libraries themselves, because the fork server cannot be used"
)


class ProcessStarter:
    """Starts processes, and notes their end.

    Args:
        modules: that the fork server loads.
        hung_seconds: time without a sign of life after which the fork server is started again.
        note: receives one line about each event that an operator should know.
    """

    def __init__(
        self, modules: Iterable[str], hung_seconds: float, note: Callable[[str], None]
    ) -> None:
        self._server = ForkServer(modules, hung_seconds)
        self._hung_seconds = hung_seconds
        self._note = note
        self._told: set[str] = set()
        self._programs: list[tuple[subprocess.Popen[bytes], StartedProcess]] = []

    def prepare(self) -> None:
        """Let the fork server load its modules while the caller does other work.

        If the system cannot start it now, the first order tries again.
        """
        if not self._server.refusal:
            with suppress(OSError):
                self._server.start()

    def start(self, words: tuple[str, ...], handles: tuple[int, ...]) -> StartedProcess:
        """Order the start of a process, which begins at once or later.

        Args:
            words: the first arguments of :func:`run_child`.
            handles: the files of its last argument. The caller may close them.

        Raises:
            OSError: the system cannot start another process, or open more files.
        """
        process = StartedProcess()
        if self._server.refusal:
            self._start_program(process, words, handles)
        else:
            self._server.order(process, words, handles)
        return process

    def look(self) -> None:
        """Take note of what has begun and ended since the last call."""
        self._server.look()
        self._tell()
        if self._server.refusal:
            self._do_without()
        for pair in list(self._programs):
            program, process = pair
            process.status = program.poll()
            if process.status is not None:
                self._programs.remove(pair)

    def close(self) -> None:
        """Kill all that was started. A second call does nothing."""
        self._server.close()
        for program, process in self._programs:
            process.kill_group()
            program.wait()
            process.status = -signal.SIGKILL
        self._programs.clear()

    def _do_without(self) -> None:
        """Start all that waits for the fork server, and let go on all that it has forked."""
        for process, order in self._server.take_orders():
            self._start_program(process, order.words, order.handles)
            order.close()
        if not self._server.is_used:
            self._server.close()

    def _start_program(
        self, process: StartedProcess, words: tuple[str, ...], handles: tuple[int, ...]
    ) -> None:
        try:
            program = start_program(ONE_PROCESS, (*words, *map(str, handles)), handles)
        except OSError:
            # Too many processes, or too little memory. The others must go on.
            process.status = CANNOT_START
            return
        process.number = program.pid
        self._programs.append((program, process))

    def _tell(self) -> None:
        if self._server.is_silent:
            said = f"gave no sign of life for {self._hung_seconds:g} s and was killed"
            self._note(f"the fork server {said}")
        for module, reason in self._server.failed.items():
            self._tell_once(f"the fork server could not load {module}: {reason}")
        if self._server.refusal:
            self._tell_once(f"{_WITHOUT}: {self._server.refusal}")

    def _tell_once(self, line: str) -> None:
        if line not in self._told:
            self._told.add(line)
            self._note(line)
