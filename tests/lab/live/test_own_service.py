"""The demo talks to its own service, and to no other."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from ringfence.lab.live.own_service import LOOPBACK, OwnService, OwnServiceError


class Handler(BaseHTTPRequestHandler):
    """Denies one account, and takes records at the second attempt."""

    protocol_version = "HTTP/1.1"
    attempts = 0

    def do_GET(self) -> None:
        """Answer a gateway."""
        denied = self.headers["X-Ringfence-Account"] == "user-7"
        self.send_response(403 if denied else 200)
        self.send_header("X-Ringfence-Action", "deny" if denied else "allow")
        if denied:
            self.send_header("X-Ringfence-Reason", "held")
        self.send_header("Content-Length", "3")
        self.end_headers()
        self.wfile.write(b"ok\n")

    def do_POST(self) -> None:
        """Take records."""
        self.rfile.read(int(self.headers["Content-Length"]))
        type(self).attempts += 1
        ready = self.attempts > 1 and self.headers["Authorization"] == "Bearer secret"
        self.send_response(202 if ready else 503 if self.attempts == 1 else 401)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving(token: str = "secret") -> Iterator[OwnService]:  # noqa: S107 - of a test
    """Provide the client of a small server."""
    Handler.attempts = 0
    with ThreadingHTTPServer((LOOPBACK, 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        port = server.server_address[1]
        service = OwnService(port, port, token, lambda: False)
        try:
            yield service
        finally:
            service.close()
            server.shutdown()
            thread.join()


def test_answers_are_those_of_the_questions() -> None:
    """Questions that are sent together get their own answers, in order."""
    with serving() as service:
        service.wait()
        questions = [(f"user-{number}", "tr-1", 0.0) for number in range(150)]
        answers = service.ask(questions)
    assert answers == [("deny", "held") if n == 7 else ("allow", "") for n in range(150)]


def test_records_are_sent_until_they_are_taken() -> None:
    """Records that the service cannot take now are sent again."""
    with serving() as service:
        service.post(['{"account":"a","item":"b"}\n'])
    assert Handler.attempts == 2


def test_refused_records_end_the_demo() -> None:
    """Records that the service will never take are an error."""
    with serving("wrong") as service, pytest.raises(OwnServiceError, match="status 401"):
        service.post(["{}\n"])
