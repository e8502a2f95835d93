"""The fork server as the supervisor sees it."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time
from collections import deque
from collections.abc import Iterable
from contextlib import suppress
from typing import Final

from ringfence.service.files.heartbeat import Heartbeat
from ringfence.service.supervising.fork_order import LONGEST_MESSAGE, WITHOUT_THREADS, ForkOrder
from ringfence.service.supervising.started_process import (
    FORK_SERVER,
    StartedProcess,
    start_program,
)

_LOAD_SECONDS: Final = 300.0
"""Seconds in which the modules are loaded. It takes a hundredth."""

_ORDER_SECONDS: Final = 60.0
"""Seconds in which an order is carried out when the modules are loaded. It takes a thousandth."""

_NO_SOCKETS: Final = "the system has no SOCK_SEQPACKET"
_LOADS: Final = 2
"""Fork servers in a row that may end before they have loaded the modules."""


class ForkServer:
    """Starts the fork server when a process is wanted, and again after its end.

    Args:
        modules: that it loads before it forks.
        hung_seconds: time without a sign of life after which it is killed and started again.

    Attributes:
        refusal: why it cannot fork; empty if it can.
        failed: modules that it could not load, each with the reason. It tries each time.
        is_silent: whether the last one was killed because it gave no sign of life.
    """

    def __init__(self, modules: Iterable[str], hung_seconds: float) -> None:
        # Only such sockets keep messages apart and tell of the end of the other side.
        self.refusal = "" if hasattr(socket, "SOCK_SEQPACKET") else _NO_SOCKETS
        self.failed: dict[str, str] = {}
        self.is_silent = False
        self._modules = tuple(dict.fromkeys(modules))
        self._hung_seconds = hung_seconds
        self._server: subprocess.Popen[bytes] | None = None
        self._connection: socket.socket | None = None
        self._heart: Heartbeat | None = None
        self._is_ready = False
        self._ready_at = 0.0
        self._loads = 0
        self._orders = 0
        self._waiting: deque[ForkOrder] = deque()
        self._forked: dict[int, StartedProcess] = {}

    @property
    def is_used(self) -> bool:
        """Whether a process that it has forked has not ended."""
        return any(one.number is not None for one in self._forked.values())

    def start(self) -> None:
        """Start it, unless it runs. It loads the modules while the caller does other work.

        Raises:
            OSError: the system cannot start another process, or open more files.
        """
        if self._connection is not None:
            return
        try:
            self._begin()
        except OSError:
            self._end()
            raise

    def order(
        self, process: StartedProcess, words: tuple[str, ...], handles: tuple[int, ...]
    ) -> None:
        """Ask for a process, which begins later.

        Args:
            process: to begin.
            words: the first arguments of :func:`run_child`.
            handles: the files of its last argument. The caller may close them.

        Raises:
            OSError: the system cannot start another process, or open more files.
        """
        self.start()
        order = ForkOrder.create(self._orders + 1, words, handles)
        self._orders += 1
        self._waiting.append(order)
        self._forked[self._orders] = process
        self._send()

    def look(self) -> None:
        """Take note of what has begun and ended since the last call, and send waiting orders.

        A fork server that has ended or hangs is killed with all that it has forked.
        """
        if self._waiting and not self.refusal:
            # The last one has ended, and the system could not start another one then.
            with suppress(OSError):
                self.start()
        try:
            while self._connection is not None:
                said = self._connection.recv(LONGEST_MESSAGE)
                if not said:
                    self._give_up()
                    return
                self._note(**json.loads(said))
        except BlockingIOError:
            pass
        except OSError:
            self._give_up()
            return
        self._send()
        self.is_silent = self._is_hung()
        if self.is_silent or self._has_lost_an_order():
            self._give_up()

    def take_orders(self) -> list[tuple[StartedProcess, ForkOrder]]:
        """Return the orders that were not sent, which the caller carries out and closes."""
        orders = [(self._forked.pop(one.number), one) for one in self._waiting]
        self._waiting.clear()
        return orders

    def close(self) -> None:
        """Kill the fork server and all that it has forked. A second call does nothing."""
        self._end()
        for _, order in self.take_orders():
            order.close()
        for one in self._forked.values():
            one.kill_group()
            one.status = -signal.SIGKILL
        self._forked.clear()

    def _begin(self) -> None:
        self._connection, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with other:
            self._connection.setblocking(False)
            heart = self._heart = Heartbeat()
            handles = (other.fileno(), heart.handle)
            words = (*map(str, handles), *self._modules)
            self._server = start_program(FORK_SERVER, words, handles, WITHOUT_THREADS)
        heart.handed_over()

    def _send(self) -> None:
        while self._waiting and self._connection is not None and self._is_ready:
            if self.refusal:
                return
            try:
                self._waiting[0].send(self._connection)
            except OSError:
                # Too many messages, or too many files on their way: the next look tries again. If
                # the fork server has ended, or never reads again, the next look sees that.
                return
            self._waiting.popleft().close()

    def _is_hung(self) -> bool:
        limit = self._hung_seconds if self._is_ready else _LOAD_SECONDS
        return self._heart is not None and self._heart.silence() >= limit

    def _has_lost_an_order(self) -> bool:
        if not self._is_ready or self._ready_at > (oldest := time.monotonic() - _ORDER_SECONDS):
            return False
        return any(one.number is None and one.ordered < oldest for one in self._forked.values())

    def _give_up(self) -> None:
        """Kill it. If it never loaded its modules, the orders stay for the next one."""
        if self._is_ready:
            self.close()
            return
        self._end()
        self._loads += 1
        if self._loads >= _LOADS:
            self.refusal = "it cannot load its modules"

    def _end(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        if self._heart is not None:
            self._heart.close()
            self._heart = None
        if self._server is not None:
            self._server.kill()
            self._server.wait()
            self._server = None
        self._is_ready = False

    def _note(
        self,
        refusal: str = "",
        failed: dict[str, str] | None = None,
        number: int | None = None,
        process: int | None = None,
        status: int | None = None,
    ) -> None:
        self.refusal = self.refusal or refusal
        if failed is not None:
            self._is_ready, self._loads, self.failed = True, 0, failed
            self._ready_at = time.monotonic()
        if number is None:
            return
        if process is not None:
            self._forked[number].number = process
        if status is not None:
            self._forked.pop(number).status = status
