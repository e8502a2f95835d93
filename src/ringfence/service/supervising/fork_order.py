"""The messages between the supervisor and the fork server, one per order or event."""

from __future__ import annotations

import json
import os
import socket
from collections.abc import Mapping
from typing import Final, NamedTuple, Self

LONGEST_MESSAGE: Final = 65_536
"""Bytes of a message between the supervisor and the fork server."""

CANNOT_START: Final = 1
"""Exit status of a process that could not begin."""

WITHOUT_THREADS: Final = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
}
"""Environment in which the libraries of NumPy and Arrow start no threads when they are loaded."""

_HANDLES: Final = 3


class ForkOrder(NamedTuple):
    """An order to fork.

    Attributes:
        number: by which the supervisor knows the process.
        words: the arguments of :func:`run_child` but the last.
        handles: the files of the last argument.
        environment: values of the variables of :data:`WITHOUT_THREADS` for what the process starts.
    """

    number: int
    words: tuple[str, ...]
    handles: tuple[int, ...]
    environment: Mapping[str, str]

    @classmethod
    def create(cls, number: int, words: tuple[str, ...], handles: tuple[int, ...]) -> Self:
        """Return an order that has the files open itself, until it is closed.

        Raises:
            OSError: there are too many open files.
        """
        environment = {name: os.environ[name] for name in WITHOUT_THREADS if name in os.environ}
        copies: list[int] = []
        try:
            for one in handles:
                copies.append(os.dup(one))  # noqa: PERF401 - those before a failure are closed
        except OSError:
            for one in copies:
                os.close(one)
            raise
        return cls(number, words, tuple(copies), environment)

    def send(self, connection: socket.socket) -> None:
        """Send the order to a fork server.

        Raises:
            OSError: the fork server has ended, or has too many unread messages.
        """
        told = {"number": self.number, "words": self.words, "environment": dict(self.environment)}
        socket.send_fds(connection, [json.dumps(told).encode()], self.handles)

    @classmethod
    def receive(cls, connection: socket.socket) -> Self | None:
        """Return the next order; None if the supervisor has ended."""
        try:
            said, handles, _, _ = socket.recv_fds(connection, LONGEST_MESSAGE, _HANDLES)
        except ConnectionError:
            return None
        if not said:
            return None
        told = json.loads(said)
        return cls(told["number"], tuple(told["words"]), tuple(handles), told["environment"])

    def close(self) -> None:
        """Close the files."""
        for one in self.handles:
            os.close(one)
