"""A web address gets a signed CloudEvent, and no request goes where it must not go."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cloudevents.core.formats.json import JSONFormat
from standardwebhooks import Webhook
from tests.enforcement.effects import effect

from ringfence.enforcement import SinkError
from ringfence.enforcement.addresses import is_public
from ringfence.enforcement.posting import Target
from ringfence.enforcement.sinks import webhook
from ringfence.enforcement.sinks.webhook import WebhookSink, slack_text

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"  # noqa: S105 - the example of the standard


class Receiver:
    """A web server that remembers requests and answers with a given status."""

    def __init__(self) -> None:
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                receiver.got.append((dict(self.headers), body))
                time.sleep(receiver.delay)
                self.send_response(receiver.status)
                if receiver.status == 302:
                    self.send_header("Location", receiver.url + "/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.got: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.delay = 0.0
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}/hook"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a running web server."""
    one = Receiver()
    thread = threading.Thread(target=one.server.serve_forever, daemon=True)
    thread.start()
    yield one
    one.server.shutdown()
    one.server.server_close()
    thread.join()


def sink(url: str, **changes: Any) -> WebhookSink:  # noqa: ANN401 - any field
    """Return a sink that may use this machine."""
    fields: dict[str, Any] = {
        "name": "hook", "url": url, "secret": SECRET, "form": "cloudevents", "allow_private": True,
    }  # fmt: skip
    return WebhookSink(**{**fields, **changes})


def test_the_message_is_a_signed_cloud_event(receiver: Receiver) -> None:
    """The library of each standard accepts the message, and its identity is the key."""
    sink(receiver.url).apply(effect(account="ann <é>"))
    ((headers, body),) = receiver.got
    lowered = {name.lower(): value for name, value in headers.items()}
    Webhook(SECRET).verify(body, lowered)
    event = from_http_event(HTTPMessage(lowered, body), JSONFormat())
    assert event.get_id() == lowered["webhook-id"] == "k" * 32
    assert event.get_type() == "ringfence.effect.suspend.v1"
    assert event.get_data()["account"] == "ann <é>"
    assert lowered["host"] == receiver.url.split("/")[2]


def test_a_repeated_message_has_the_same_identity(receiver: Receiver) -> None:
    """A receiver can recognise what it was told before."""
    for _ in range(2):
        sink(receiver.url).apply(effect())
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1


@pytest.mark.parametrize(
    ("status", "retry"),
    [(500, True), (503, True), (429, True), (401, True), (404, True), (400, False), (410, False)],
)
def test_the_status_decides(receiver: Receiver, status: int, retry: bool) -> None:
    """An answer that the same message would always get is a refusal; others may pass."""
    receiver.status = status
    with pytest.raises(SinkError, match=f"status {status}") as caught:
        sink(receiver.url).apply(effect())
    assert caught.value.retry is retry


def test_redirects_are_not_followed(receiver: Receiver) -> None:
    """A redirect is an error, and nothing is sent to its target."""
    receiver.status = 302
    with pytest.raises(SinkError, match="status 302"):
        sink(receiver.url).apply(effect())
    assert len(receiver.got) == 1


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.0.0.1", "[::1]", "169.254.169.254", "10.0.0.1", "[::]", "2130706433"],
)
def test_private_addresses_are_refused(receiver: Receiver, host: str) -> None:
    """Neither an address nor a name leads into a private network, unless it is allowed."""
    url = f"https://{host}:{receiver.server.server_port}/hook"
    with pytest.raises(SinkError, match="private network"):
        sink(url, allow_private=False).apply(effect())
    assert receiver.got == []


def test_a_name_is_resolved_once(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """The connection goes to the address that was checked, whatever the name says later."""
    real, asked = socket.getaddrinfo, []

    def rebinding(host: Any, *rest: Any, **options: Any) -> Any:  # noqa: ANN401 - as the original
        if host != "rebind.example":
            return real(host, *rest, **options)
        asked.append(host)
        return real("127.0.0.1" if len(asked) == 1 else "192.0.2.1", *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    sink(receiver.url.replace("localhost", "rebind.example")).apply(effect())
    assert asked == ["rebind.example"]
    assert receiver.got[0][0]["host"].startswith("rebind.example:")


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.216.34", True), ("2606:2800:220:1::1", True), ("192.168.1.1", False),
        ("::ffff:127.0.0.1", False), ("64:ff9b::7f00:1", False), ("2002:7f00:1::", False),
        ("fe80::1%eth0", False), ("fd00::1", False), ("224.0.0.1", False), ("100.64.0.1", False),
        ("::", False), ("::ffff:93.184.216.34", True), ("64:ff9b:1::7f00:1", False),
        ("fec0::1", False), ("::127.0.0.1", False), ("::ffff:0:127.0.0.1", False),
        ("3fff::1", False), ("5f00::1", False), ("4000::1", False), ("100::1", False),
        ("2001:db8::1", False), ("2001:0:7f00:1::", False), ("::1", False), ("ff02::1", False),
        ("0.0.0.1", False), ("127.0.0.1", False), ("169.254.169.254", False),
        ("172.31.0.1", False), ("172.32.0.1", True), ("192.0.0.8", False), ("198.19.0.1", False),
        ("192.88.99.1", False), ("203.0.113.9", False), ("255.255.255.255", False),
        ("240.0.0.1", False), ("2002:5db8:d822::", True), ("64:ff9b::5db8:d822", True),
    ],
)  # fmt: skip
def test_public_addresses(address: str, public: bool) -> None:
    """Private, local, shared and multicast addresses are not public, even inside another one."""
    assert is_public(address) is public


def test_a_slow_answer_is_an_error(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    """One time-out covers everything, and the effect is tried again."""
    monkeypatch.setattr(webhook, "Target", partial(Target, seconds=0.3))
    receiver.delay = 1.0
    with pytest.raises(SinkError, match="no answer") as caught:
        sink(receiver.url).apply(effect())
    assert caught.value.retry


def test_a_name_server_that_hangs_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time-out covers the name too, and nothing waits for the answer after it."""

    def hang(*_: object, **__: object) -> None:
        time.sleep(3)
        raise socket.gaierror

    monkeypatch.setattr(webhook, "Target", partial(Target, seconds=0.2))
    monkeypatch.setattr(socket, "getaddrinfo", hang)
    began = time.monotonic()
    with pytest.raises(SinkError, match="no answer"):
        sink("https://hangs.example/").apply(effect())
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("url", "secret", "said"),
    [
        ("http://localhost:1/hunter2", SECRET, "cannot be reached"),
        ("http://no.such.host.invalid/hunter2", SECRET, "cannot be reached"),
        ("https://[hunter2/", SECRET, "cannot be reached"),
        ("ftp://localhost/hunter2", SECRET, "needs https"),
        ("http://user:hunter2@localhost:1/", SECRET, "has a user or a password"),
        ("http://localhost:1/", "whsec_hunter2", "its secret"),
    ],
)
def test_errors_tell_no_secret(url: str, secret: str, said: str) -> None:
    """Neither an error nor the sink's own text shows the address or the secret."""
    one = sink(url, secret=secret)
    with pytest.raises(SinkError, match=said) as caught:
        one.apply(effect())
    assert "hunter2" not in str(caught.value) + repr(one)


def test_http_needs_permission() -> None:
    """Without allow_private, a message goes through https only."""
    with pytest.raises(SinkError, match="needs https"):
        sink("http://example.org/", allow_private=False).apply(effect())


def test_a_slack_message_is_text(receiver: Receiver) -> None:
    """The form slack sends one sentence, and a name cannot mention anybody."""
    sink(receiver.url, form="slack", secret="").apply(effect(account="<!channel>&"))
    ((headers, body),) = receiver.got
    assert json.loads(body) == {
        "text": "Account &lt;!channel&gt;&amp;: suspend until 2026-03-11T00:00:00Z (decision 3)."
    }
    assert "webhook-id" not in headers
    assert slack_text(effect(name="lift")) == "Account ann is free again (decision 3)."
