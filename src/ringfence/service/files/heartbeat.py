"""Signs of life: a process writes a byte into a pipe each second, and its starter reads them.

A process that is stopped, or whose interpreter is blocked, writes none. A pipe needs no room on a
disk, so a disk that is full or slow does not look like a process that hangs.
"""

from __future__ import annotations

import asyncio
import os
import threading
import time
from contextlib import suppress
from typing import Final

_SECOND: Final = 1.0
_LONGEST_TURN: Final = 10.0
"""Seconds after which an event loop that has not gone on is taken for blocked."""

_AT_ONCE: Final = 1 << 16


class Heartbeat:
    """The end at which the signs of life of one process are read.

    Attributes:
        handle: the other end, which the process gets. :meth:`handed_over` closes it here.

    Raises:
        OSError: there are too many open files.
    """

    def __init__(self) -> None:
        self._reading, self.handle = os.pipe()
        os.set_blocking(self._reading, False)
        self._looked = time.monotonic()
        self._silent = 0.0

    def handed_over(self) -> None:
        """Close the end that the process has by now."""
        handle, self.handle = self.handle, -1
        if handle >= 0:
            os.close(handle)

    def silence(self) -> float:
        """Return the seconds without a sign of life, as far as somebody looked.

        Between two calls at most a second counts. So a machine that was paused, or a caller that
        was busy, makes no process look dead.
        """
        now = time.monotonic()
        self._silent += min(now - self._looked, _SECOND)
        self._looked = now
        with suppress(BlockingIOError):
            if os.read(self._reading, _AT_ONCE):
                self._silent = 0.0
        return self._silent

    def close(self) -> None:
        """Close both ends. A second call does nothing."""
        self.handed_over()
        reading, self._reading = self._reading, -1
        if reading >= 0:
            os.close(reading)


class _EventLoop:
    """The event loop of this process, if it has one.

    Attributes:
        turned: when it last went on; None while there is none.
    """

    turned: float | None = None


def beat(handle: int) -> None:
    """Send signs of life from now on, in a thread, as long as no event loop is blocked.

    Args:
        handle: see :class:`Heartbeat`.
    """
    os.set_inheritable(handle, False)
    os.set_blocking(handle, False)
    threading.Thread(target=_beat, args=(handle,), name="heartbeat", daemon=True).start()


async def beat_in_loop() -> None:
    """Say that the event loop goes on, until the task is cancelled."""
    try:
        while True:
            _EventLoop.turned = time.monotonic()
            await asyncio.sleep(_SECOND)
    finally:
        _EventLoop.turned = None


def _beat(handle: int) -> None:
    while True:
        turned = _EventLoop.turned
        if turned is None or time.monotonic() - turned < _LONGEST_TURN:
            try:
                os.write(handle, b".")
            except BlockingIOError:
                pass
            except OSError:
                # Nobody reads any more.
                return
        time.sleep(_SECOND)
