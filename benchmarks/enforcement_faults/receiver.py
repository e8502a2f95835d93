"""A web server on this machine that is told effects, and fails as it is told to."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Final, NamedTuple

HANG: Final = 3.0
"""Seconds that a receiver takes for an answer when it hangs."""


class Message(NamedTuple):
    """An effect that a receiver has applied.

    Attributes:
        key: the identity of the message.
        number: number of the effect.
        account: the account.
        effect: its new state.
    """

    key: str
    number: int
    account: str
    effect: str


class Receiver:
    """A receiver of webhooks.

    Attributes:
        told: the messages that were applied, in order, with the repeated ones.
        failures: what happens at the next requests: ``500`` answers so, ``redirect`` answers 302
            to :attr:`elsewhere`, ``hang`` answers too late; ``lost`` applies the effect and closes
            the connection without an answer.
        elsewhere: target of the redirects.
        asked: number of all requests.
    """

    def __init__(self, port: int = 0) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.asked += 1
                failure = receiver.failures.pop(0) if receiver.failures else ""
                if failure in {"", "lost"}:
                    receiver.apply(self.headers["webhook-id"], body)
                if failure == "lost":
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                if failure == "hang":
                    time.sleep(HANG)
                status = {"500": 500, "redirect": 302}.get(failure, 204)
                self.send_response(status)
                if failure == "redirect":
                    self.send_header("Location", receiver.elsewhere)
                self.end_headers()

            def do_GET(self) -> None:
                self.send_response(200)
                self.end_headers()
                self.wfile.write(json.dumps(receiver.told).encode())

            def handle(self) -> None:
                # The other side may be killed.
                try:
                    super().handle()
                except OSError:
                    self.close_connection = True

            def log_message(self, *_: object) -> None:
                pass

        self.told: list[Message] = []
        self.failures: list[str] = []
        self.elsewhere = ""
        self.asked = 0
        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"

    def apply(self, key: str, body: bytes) -> None:
        """Remember a message."""
        data = json.loads(body)["data"]
        self.told.append(Message(key, data["number"], data["account"], data["effect"]))


@contextmanager
def running_receiver(port: int = 0) -> Iterator[Receiver]:
    """Run a receiver in a thread."""
    receiver = Receiver(port)
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.server.shutdown()
        receiver.server.server_close()
        thread.join()


@contextmanager
def forked_receiver() -> Iterator[str]:
    """Run a receiver in a process of its own, and give its address; this one gets no thread."""
    receiver = Receiver()
    process = os.fork()
    if not process:
        receiver.server.serve_forever()
    receiver.server.socket.close()
    try:
        yield receiver.url
    finally:
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)


def told_by(url: str) -> list[Message]:
    """Return the messages that the receiver at an address has applied."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310 - http
        return [Message(*one) for one in json.load(answer)]
