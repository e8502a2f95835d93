"""Use the service of the demo over HTTP, as a gateway and as a source of events.

The address is always that of this machine itself. Nothing here can ask another one.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from functools import partial
from http.client import HTTPConnection, HTTPException, parse_headers
from typing import BinaryIO, Final, TypeVar

from ringfence.errors import RingfenceError

LOOPBACK: Final = "127.0.0.1"
"""The only address to which the demo sends anything."""

_TIMEOUT: Final = 10.0
_ATTEMPTS: Final = 60
"""Attempts until a process that does not answer is given up. Stopping it takes less time."""

_PAUSE: Final = 0.5
_ACCEPTED: Final = 202
_AT_ONCE: Final = 64
"""Questions that are sent before the first answer is read."""

_LATER: Final = frozenset({429, 503})


_Got = TypeVar("_Got")


class OwnServiceError(RingfenceError):
    """The service of the demo does not answer as it should."""


class OwnService:
    """The service of the demo.

    Args:
        port: for events.
        authorize_port: that answers gateways.
        token: with the scopes ingest and authorize.
        is_over: says whether to stop waiting for an answer.
    """

    def __init__(
        self, port: int, authorize_port: int, token: str, is_over: Callable[[], bool]
    ) -> None:
        self._events = HTTPConnection(LOOPBACK, port, timeout=_TIMEOUT)
        self._gate = HTTPConnection(LOOPBACK, authorize_port, timeout=_TIMEOUT)
        self._token = token
        self._is_over = is_over
        self._answers: BinaryIO | None = None
        self._batches = 0

    def wait(self) -> None:
        """Wait until both processes answer, or until the demo is over."""
        for connection in (self._events, self._gate):
            while not self._is_over():
                try:
                    _once(connection, "GET", "/healthz", {})
                    break
                except (OSError, HTTPException):
                    time.sleep(_PAUSE)
                finally:
                    connection.close()

    def close(self) -> None:
        """Close the connections."""
        self._events.close()
        self._close_gate()

    def ask(self, questions: Sequence[tuple[str, str, float]]) -> list[tuple[str, str]]:
        """Ask whether accounts may take items, all at once; return each action and its reason.

        Args:
            questions: accounts and items. Their moments are left out: the service has its clock.

        Raises:
            OwnServiceError: there is no answer.
        """
        found: list[tuple[str, str]] = []
        for first in range(0, len(questions), _AT_ONCE):
            some = questions[first : first + _AT_ONCE]
            found += self._tried(self._gate.port, partial(self._ask_some, some))
        return found

    def post(self, records: Sequence[str]) -> None:
        """Send records, and return when they are on disk. They are sent again until then.

        Raises:
            OwnServiceError: they are refused, or there is no answer.
        """
        self._batches += 1
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/x-ndjson",
            "Idempotency-Key": f"demo-{self._batches}",
        }
        body = "".join(records).encode()
        once = partial(_once, self._events, "POST", "/api/v1/events", headers, body)
        while not self._is_over():
            status = self._tried(self._events.port, once)
            if status == _ACCEPTED:
                return
            if status not in _LATER:
                raise OwnServiceError(f"the records were refused with status {status}")
            time.sleep(_PAUSE)

    def _tried(self, port: int, attempt: Callable[[], _Got]) -> _Got:
        """Return an answer. A process that was killed starts again, so it is asked again."""
        for _ in range(_ATTEMPTS):
            try:
                return attempt()
            except (OSError, HTTPException):
                self.close()
                if self._is_over():
                    break
                time.sleep(_PAUSE)
        raise OwnServiceError(f"port {port} does not answer", hint="the lines above may say why")

    def _ask_some(self, questions: Sequence[tuple[str, str, float]]) -> list[tuple[str, str]]:
        """Send some questions without waiting for the answers in between, as HTTP/1.1 allows."""
        if self._answers is None:
            self._gate.connect()
            self._answers = self._gate.sock.makefile("rb")
        self._gate.sock.sendall("".join(map(self._question, questions)).encode())
        return [_answer(self._answers) for _ in questions]

    def _question(self, question: tuple[str, str, float]) -> str:
        account, item, _ = question
        return (
            f"GET /api/v1/authorize HTTP/1.1\r\nHost: {LOOPBACK}\r\n"
            f"X-Ringfence-Account: {account}\r\nX-Ringfence-Item: {item}\r\n"
            f"X-Ringfence-Token: {self._token}\r\n\r\n"
        )

    def _close_gate(self) -> None:
        if self._answers is not None:
            self._answers.close()
        self._answers = None
        self._gate.close()


def _once(
    connection: HTTPConnection,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None = None,
) -> int:
    """Send a request, and return the status of the answer."""
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    response.read()
    return response.status


def _answer(answers: BinaryIO) -> tuple[str, str]:
    """Read one answer about an access; return the action and its reason."""
    if not answers.readline().startswith(b"HTTP/1.1 "):
        raise HTTPException("no answer")
    headers = parse_headers(answers)
    answers.read(int(headers.get("content-length", "0")))
    return headers.get("x-ringfence-action", ""), headers.get("x-ringfence-reason", "")
