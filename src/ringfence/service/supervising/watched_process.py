"""One process under a supervisor: started, seen to end, and started again after a pause."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

from ringfence.service.files.heartbeat import Heartbeat
from ringfence.service.supervising.process_starter import ProcessStarter
from ringfence.service.supervising.process_table import ServiceProcess
from ringfence.service.supervising.started_process import StartedProcess

_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0
_HEALTHY: Final = 10.0
"""Seconds after which the end of a process is a new problem and not the same again. A process has
started by then, so one that ends later each time costs less than it works."""

_KILLED_SECONDS: Final = 5.0
_STEP: Final = 0.02


class WatchedProcess:
    """One process of the service, which is started again whenever it ends.

    Args:
        process: name and entry.
        root: folder of the service.
        config: settings file; None without one.
        starter: starts it.

    Attributes:
        process: name and entry.
        restarts: how often it was started again.
        last_end: how it ended last, in words; empty if it never did.
    """

    def __init__(
        self, process: ServiceProcess, root: Path, config: Path | None, starter: ProcessStarter
    ) -> None:
        self.process = process
        self.restarts = 0
        self.last_end = ""
        self._root = root
        self._config = config
        self._starter = starter
        self._running: StartedProcess | None = None
        self._heart: Heartbeat | None = None
        self._silent = ""
        self._began = 0.0
        self._ran = 0.0
        self._pause = _FIRST_PAUSE
        self._starts_at = 0.0

    @property
    def number(self) -> int | None:
        """Its process id; None while it does not run."""
        return self._running.number if self._running else None

    def start_if_due(self, pipe: int, lock: int) -> bool:
        """Order its start if it does not run and its pause is over; return whether it was ordered.

        Args:
            pipe: the end of the supervisor's pipe that the process reads.
            lock: the open lock file of the folder.

        Raises:
            OSError: the system cannot start another process, or open more files. The caller puts
                the start off.
        """
        if self._running or time.monotonic() < self._starts_at:
            return False
        name, entry = self.process.name, self.process.entry
        heart = self._heart = Heartbeat()
        words = (name, entry, str(self._root.absolute()), str(self._config or ""))
        self._running = self._starter.start(words, (pipe, lock, heart.handle))
        heart.handed_over()
        self._began = time.monotonic()
        return True

    def put_off(self) -> None:
        """Start it later than now, after a pause that grows each time."""
        self._running = None
        self._close_heart()
        self._wait_longer()

    def kill_if_silent(self, seconds: float) -> bool:
        """Kill it if it gave no sign of life for this long, and return whether it was killed.

        A process that is stopped or blocked would never end by itself.
        """
        # Before it runs, it cannot give any.
        if self.number is None or self._heart is None or self._heart.silence() < seconds:
            return False
        self._silent = f"silent for {seconds:g} s"
        self._close_heart()
        if self._running:
            self._running.kill_group()
        return True

    def ended(self) -> int | None:
        """Return its exit status if it has ended since it was asked last; else None.

        A status below 0 is a signal. The processes that it has left behind are killed. It is due
        again after a pause, which grows each time.
        """
        status = self._running.status if self._running else None
        if self._running is None or status is None:
            return None
        self._running.kill_group()
        self._running = None
        self._close_heart()
        self.restarts += 1
        how = f"signal {-status}" if status < 0 else f"status {status}"
        self.last_end, self._silent = self._silent or how, ""
        self._ran = time.monotonic() - self._began
        if self._ran > _HEALTHY:
            self._pause = _FIRST_PAUSE
        self._wait_longer()
        return status

    @property
    def seconds_to_start(self) -> float:
        """Seconds until it is started again."""
        return max(0.0, self._starts_at - time.monotonic())

    @property
    def never_worked(self) -> bool:
        """Whether it has ended soon after its first start."""
        return self.restarts == 1 and self._ran < _LONGEST_PAUSE

    def ask_to_stop(self) -> None:
        """Send it SIGTERM, once and if it runs."""
        if self._running:
            self._running.ask_to_stop()

    def has_stopped(self) -> bool:
        """Return whether it does not run."""
        return self.number is None or (
            self._running is not None and self._running.status is not None
        )

    def end(self) -> bool:
        """Kill it and what it has started, if anything is left; return whether it still ran."""
        if self._running is None:
            return False
        ran = not self.has_stopped()
        self._running.kill_group()
        end = time.monotonic() + _KILLED_SECONDS
        while not self.has_stopped() and time.monotonic() < end:
            time.sleep(_STEP)
            self._starter.look()
        self._running = None
        self._close_heart()
        return ran

    def _wait_longer(self) -> None:
        self._starts_at = time.monotonic() + self._pause
        self._pause = min(2 * self._pause, _LONGEST_PAUSE)

    def _close_heart(self) -> None:
        heart, self._heart = self._heart, None
        if heart:
            heart.close()
