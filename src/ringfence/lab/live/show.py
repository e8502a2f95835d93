"""The traffic of the live demo: it asks, sends what was allowed, and tells what happens."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ringfence.lab.live.own_service import OwnService
from ringfence.lab.live.replay import AccessReplay
from ringfence.lab.live.simulated_clock import SimulatedClock
from ringfence.lab.live.tally import IncidentTally
from ringfence.lab.simulate.batches import EventBatch
from ringfence.stats.seconds import DAY

_STEPS_PER_SECOND: Final = 4
"""Steps of the traffic per second. After each, the clock moves and the records are sent."""

_LONGEST: Final = 2
"""Times its length that the show may take on a slow machine."""

_OLDEST_SCAN: Final = DAY / 2
"""Simulated seconds for which the traffic runs ahead of the last scan."""

_PAUSE: Final = 0.2

_LINES_PER_DAY: Final = 4


@dataclass(frozen=True)
class ShowPace:
    """The speed of the simulated time.

    Attributes:
        days: of the scenario.
        seconds: in which they pass, if the machine is fast enough. After twice this time, the show
            ends in any case.
        last_scan: returns when the last scan that has ended began, in seconds since 1970.
    """

    days: int
    seconds: float
    last_scan: Callable[[], float]

    @property
    def factor(self) -> float:
        """Simulated seconds per second."""
        return self.days * DAY / self.seconds


class LiveShow:
    """Replays a scenario in some seconds, in a thread of its own.

    The simulated time waits while the last scan is more than half a simulated day old. Beside a
    real service, a scan is never as old as that.

    Args:
        replay: of the scenario; its gate is the service.
        service: of the demo.
        clock: of the simulation.
        pace: of the simulated time.
        say: prints a line.

    Attributes:
        is_over: whether the traffic has ended.
        moment: the time of the simulation, in days since the first midnight.
        error: why it ended; None if nothing went wrong.
    """

    def __init__(
        self,
        replay: AccessReplay,
        service: OwnService,
        clock: SimulatedClock,
        pace: ShowPace,
        say: Callable[[str], None],
    ) -> None:
        self._replay, self._service, self._clock = replay, service, clock
        self._pace = pace
        self._say = say
        self._told = (-1, -1)
        self._passed: list[tuple[float, float]] = []
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, name="traffic", daemon=True)
        self.moment = 0.0
        self.error: Exception | None = None

    @property
    def is_over(self) -> bool:
        """Whether the traffic has ended, or should end."""
        return self._end.is_set()

    def start(self) -> None:
        """Begin when the service answers."""
        self._thread.start()

    def end(self) -> None:
        """End the traffic.

        Raises:
            Exception: what ended the traffic too early.
        """
        self._end.set()
        if self._thread.ident:
            self._thread.join()
        self._service.close()
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            self._service.wait()
            self._play()
        except Exception as error:  # noqa: BLE001 - raised again in the main thread
            # A service that is being stopped does not answer.
            if not self._end.is_set():
                self.error = error
        finally:
            self._end.set()

    def _play(self) -> None:
        self._say(HEADING)
        due = began = time.monotonic()
        before = 0.0
        for second, batch in self._replay.steps(self._pace.factor / _STEPS_PER_SECOND):
            # Time that was lost is not made up for: the service would see a burst of requests.
            due = max(due, time.monotonic()) + (second - before) / self._pace.factor
            before = second
            wait = max(0.0, due - time.monotonic())
            while self._end.wait(wait) or self._scan_is_old(second):
                wait = _PAUSE
                if self._end.is_set() or self._is_late(began):
                    return
            self._step(second, batch)
            if self._is_late(began):
                return

    def _step(self, second: float, batch: EventBatch) -> None:
        self._clock.set(self._replay.start + second)
        records = self._replay.play(batch)
        if records:
            self._service.post(records)
        self._passed.append((time.time(), second))
        self.moment = second / DAY
        self._tell()

    def _scan_is_old(self, second: float) -> bool:
        if second <= _OLDEST_SCAN:
            return False
        scanned = self._pace.last_scan()
        covered = max((second for wall, second in self._passed if wall <= scanned), default=0.0)
        return second - covered > _OLDEST_SCAN

    def _is_late(self, began: float) -> bool:
        return time.monotonic() - began > _LONGEST * self._pace.seconds

    def _tell(self) -> None:
        """Print a line a few times per day, and whenever an extractor was stopped."""
        tally = self._replay.tally
        now = (math.floor(self.moment * _LINES_PER_DAY), len(tally.stopped))
        if now != self._told:
            self._told = now
            self._say(progress_line(self.moment, tally))


HEADING: Final = "  day   requests   extractors stopped   items they got        users refused"
"""The heading of the lines of progress."""


def progress_line(day: float, tally: IncidentTally) -> str:
    """Return the state of the incident as one line below :data:`HEADING`."""
    stopped = f"{len(tally.stopped)} of {tally.extractors}"
    got = f"{len(tally.taken):,} ({tally.share:.2%})"
    return f"{day:5.2f} {tally.requests:>10,} {stopped:>20} {got:>16} {len(tally.denied):>20}"
