"""Stop a command when the keyboard, the terminal or another process asks for it.

A signal can arrive anywhere, also inside an import or a library that turns the interrupt into an
error of its own. So the signal is remembered, and the command ends as stopped whatever was raised.
"""

from __future__ import annotations

import _thread
import atexit
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Any, Final

_WORDS: Final = {
    signal.SIGINT: "stopped by the keyboard",
    signal.SIGTERM: "stopped by another process",
    signal.SIGHUP: "stopped because the terminal was closed",
}
"""The signals that stop a command, and what the command says then."""


_A_MOMENT: Final = 0.02
"""Seconds in which a finaliser has ended."""


class Stop:
    """The signal that asks this process to stop, if one has arrived.

    Attributes:
        signal: the signal that arrived first; 0 as long as there is none.
    """

    def __init__(self) -> None:
        self.signal = 0
        self._finished = False

    @property
    def status(self) -> int:
        """The exit status of a command that was stopped, as shells count it: 130 for Ctrl-C."""
        return 128 + (self.signal or signal.SIGINT)

    @property
    def words(self) -> str:
        """The words that say what stopped the command."""
        return _WORDS[signal.Signals(self.signal or signal.SIGINT)]

    def finish(self) -> None:
        """Raise nothing any more: the command is over, and what is left takes no time."""
        self._finished = True

    def arrived(self, number: int, _frame: FrameType | None) -> None:
        """Remember the signal and interrupt the command: the handler of all signals."""
        if not self._finished:
            self.signal = self.signal or number
            raise KeyboardInterrupt

    def dropped(self, unraisable: Any) -> None:  # noqa: ANN401 - its class cannot be imported
        """Repeat an interrupt that Python drops, because it came inside a finaliser."""
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            # Raised in here, it would be dropped again.
            _thread.start_new_thread(self._repeat, ())
        else:
            sys.__unraisablehook__(unraisable)

    def _repeat(self) -> None:
        time.sleep(_A_MOMENT)
        if not self._finished:
            _thread.interrupt_main()


@contextmanager
def stoppable() -> Iterator[Stop]:
    """Turn the signals that stop a command into KeyboardInterrupt, and remember the first.

    A signal that is ignored stays ignored, as ``nohup`` wants it. After the scope, signals have
    their former meaning until Python begins to exit; from then on they do nothing.
    """
    stop = Stop()
    former = {
        number: signal.signal(number, stop.arrived)
        for number in _WORDS
        if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler)
    }
    hook, sys.unraisablehook = sys.unraisablehook, stop.dropped
    atexit.register(_ignore, tuple(former))
    try:
        yield stop
    finally:
        sys.unraisablehook = hook
        for number, handler in former.items():
            signal.signal(number, handler)


def _ignore(numbers: tuple[signal.Signals, ...]) -> None:
    """Let Python exit in peace: the command has said how it ended."""
    for number in numbers:
        with suppress(ValueError):
            signal.signal(number, signal.SIG_IGN)
