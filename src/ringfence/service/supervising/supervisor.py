"""Keep the processes of the service running, until it is asked to stop."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError
from ringfence.service.files import ServiceFolder, write_status
from ringfence.service.files.stop_request import StopRequest
from ringfence.service.supervising.child import REFUSED, STOP_SECONDS
from ringfence.service.supervising.folder_lock import FolderLock
from ringfence.service.supervising.process_starter import ProcessStarter
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.service.supervising.watched_process import WatchedProcess

SERVICE_STATUS: Final = "service"
"""The name of the supervisor's status."""

HUNG_SECONDS: Final = 30.0
"""Seconds without a sign of life after which a process of the service is killed."""

_STEP: Final = 0.1
_SECOND: Final = 1.0
_KILLED_SECONDS: Final = 2.0
"""Seconds beyond the time to stop in which the processes of a killed supervisor have ended."""


class ServiceError(RingfenceError):
    """The service cannot run. The process that refuses has said why."""


class Supervisor:
    """Starts the processes of a service, and starts each again when it ends.

    Args:
        folder: of the service.
        processes: what to run, in the order of their start.
        config: settings file that the processes read; None without one.
        note: receives one line about each event that an operator should know.
        hung_seconds: time without a sign of life after which a process, or the fork server, is
            killed and started again.
    """

    def __init__(
        self,
        folder: ServiceFolder,
        processes: Sequence[ServiceProcess],
        config: Path | None,
        note: Callable[[str], None],
        hung_seconds: float = HUNG_SECONDS,
    ) -> None:
        self._folder = folder
        self._hung_seconds = hung_seconds
        modules = (module for one in processes for module in one.modules)
        self._starter = ProcessStarter(modules, hung_seconds, note)
        self._watched = [
            WatchedProcess(one, folder.root, config, self._starter) for one in processes
        ]
        self._told_of: dict[str, int | None] = {}
        self._note = note
        self._began = time.time()
        self._stopping = False
        self._told = 0.0

    def run(
        self,
        begin: Callable[[], None] = lambda: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> None:
        """Run the service until SIGTERM or SIGINT. Call it in the main thread.

        Args:
            begin: called when the folder belongs to this service, before any process starts.
            is_over: asked several times per second; the service stops when it says so.

        Raises:
            SettingsError: the folder cannot be used, or another service runs in it.
            ServiceError: a process cannot work with its settings.
        """
        stop = StopRequest()
        self._folder.create()
        with stop.heard(), closing(self._starter) as starter:
            # Libraries are loaded while the processes of a killed supervisor end.
            starter.prepare()
            with (
                FolderLock(self._folder, STOP_SECONDS + _KILLED_SECONDS) as lock,
                _pipe() as pipe,
            ):
                try:
                    begin()
                    self._keep_running(stop, is_over, pipe, lock.handle)
                finally:
                    self._stop()

    def _keep_running(
        self, stop: StopRequest, is_over: Callable[[], bool], pipe: int, lock: int
    ) -> None:
        for one in self._watched:
            self._start_if_due(one, pipe, lock)
        while not stop.wait(_STEP) and not is_over():
            self._starter.look()
            for one in self._watched:
                self._tell_start(one)
                self._look_after(one)
                self._start_if_due(one, pipe, lock)
            self._tell()

    def _start_if_due(self, one: WatchedProcess, pipe: int, lock: int) -> None:
        try:
            one.start_if_due(pipe, lock)
        except OSError as error:
            # Too many processes or open files, or too little memory. The others must go on.
            one.put_off()
            self._note(
                f"{one.process.name} could not be started: {error.strerror}; it is tried again in "
                f"{one.seconds_to_start:.1f} s"
            )

    def _tell_start(self, one: WatchedProcess) -> None:
        name, number = one.process.name, one.number
        if number is not None and self._told_of.get(name) != number:
            self._told_of[name] = number
            self._note(f"{name} runs as process {number}")

    def _look_after(self, one: WatchedProcess) -> None:
        """See whether a process has ended, or hangs.

        Raises:
            ServiceError: it cannot work with its settings, and never could.
        """
        if one.kill_if_silent(self._hung_seconds):
            said = f"gave no sign of life for {self._hung_seconds:g} s and was killed"
            self._note(f"{one.process.name} {said}")
        status = one.ended()
        if status is None:
            return
        if status == REFUSED and one.never_worked:
            raise ServiceError(f"{one.process.name} cannot run", hint="its line above says why")
        self._note(
            f"{one.process.name} ended with {one.last_end}; it starts again in "
            f"{one.seconds_to_start:.1f} s"
        )

    def _stop(self) -> None:
        """Ask all processes to stop, wait, and kill what is left."""
        self._stopping = True
        end = time.monotonic() + STOP_SECONDS
        while True:
            # One that was ordered before may begin only now.
            self._starter.look()
            for one in self._watched:
                one.ask_to_stop()
            if time.monotonic() > end or all(one.has_stopped() for one in self._watched):
                break
            time.sleep(_STEP / 2)
        for one in self._watched:
            if one.end():
                self._note(f"{one.process.name} did not stop in time and was killed")
        self._starter.close()
        self._told = 0.0
        self._tell()

    def _tell(self) -> None:
        """Write the status, each second."""
        if time.monotonic() - self._told < _SECOND:
            return
        self._told = time.monotonic()
        # A full disk must not end the service; the file's own time tells how old it is.
        with suppress(OSError):
            write_status(self._folder, SERVICE_STATUS, self._values())

    def _values(self) -> dict[str, object]:
        return {
            "time": time.time(),
            "began": self._began,
            "process": os.getpid(),
            "doing": "stopped" if self._stopping else "running",
            "processes": {
                one.process.name: {
                    "process": one.number,
                    "port": one.process.port,
                    "restarts": one.restarts,
                    "last_end": one.last_end,
                }
                for one in self._watched
            },
        }


@contextmanager
def _pipe() -> Iterator[int]:
    """Provide the reading end of a pipe whose other end closes when this process ends."""
    reading, writing = os.pipe()
    try:
        yield reading
    finally:
        os.close(writing)
        os.close(reading)
