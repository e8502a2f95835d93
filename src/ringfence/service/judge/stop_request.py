"""The wish of the supervisor, or of a person, that a process stops."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, TypeVar

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_STEP: Final = 0.05

_T = TypeVar("_T")


class StopRequest:
    """Remembers SIGTERM or SIGINT, so that a process ends between two steps of its work.

    Long work that may end anywhere is done by :meth:`unless_stopped`.

    Attributes:
        made: whether a signal has arrived.
    """

    def __init__(self) -> None:
        self.made = False
        self._ends_now = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen for the signals in this scope, in the main thread."""
        former = {number: signal.signal(number, self._arrived) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def unless_stopped(self, work: Callable[[], _T]) -> _T | None:
        """Return the result of work that may end anywhere, or None if a signal has ended it.

        Whatever the signal makes the work raise is dropped.
        """
        self._ends_now = True
        try:
            return None if self.made else work()
        except BaseException:
            if not self.made:
                raise
            return None
        finally:
            self._ends_now = False

    def wait(self, seconds: float) -> bool:
        """Wait for some time or until a signal arrives, and return whether one has."""
        end = time.monotonic() + seconds
        while not self.made and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))
        return self.made

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        first, self.made = not self.made, True
        if first and self._ends_now:
            raise KeyboardInterrupt
