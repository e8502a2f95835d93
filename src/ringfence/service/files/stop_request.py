"""The request of the supervisor, or of a person, that a process stops."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
_STEP: Final = 0.05


class StopRequest:
    """Remembers SIGTERM or SIGINT, so that a process ends between two steps of its work.

    Attributes:
        made: whether a signal has arrived.
    """

    def __init__(self) -> None:
        self.made = False

    @contextmanager
    def heard(self) -> Iterator[None]:
        """Listen for the signals in this scope, in the main thread."""
        former = {number: signal.signal(number, self._arrived) for number in _SIGNALS}
        try:
            yield
        finally:
            for number, handler in former.items():
                signal.signal(number, handler)

    def wait(self, seconds: float) -> bool:
        """Wait for some time or until a signal arrives, and return whether one has."""
        end = time.monotonic() + seconds
        while not self.made and (left := end - time.monotonic()) > 0:
            time.sleep(min(left, _STEP))
        return self.made

    def _arrived(self, _number: int, _frame: FrameType | None) -> None:
        self.made = True
