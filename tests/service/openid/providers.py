"""Two providers of OpenID Connect: a real one, and one that answers whatever a test wants."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from base64 import b64decode, urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import httpx
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey
from tests.service.dashboard.desk import Browser
from tests.service.ingest.test_process import free_port

from ringfence.service.openid import RETURN_PATH

CLIENT = "ringfence"
SECRET = "a secret: of the client"  # noqa: S105 - of a test
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", "userinfo_endpoint")
OPENID = {"client_id": CLIENT, "viewers": ["staff"], "reviewers": ["desk"], "admins": ["chiefs"]}
"""Settings that all tests share."""


@contextmanager
def real_provider(*people: dict[str, Any]) -> Iterator[str]:
    """Run oidc-provider-mock with these people, and give its issuer."""
    port = free_port()
    users = [part for one in people for part in ("--user-claims", json.dumps(one))]
    strict = ("--require-registration", "true", "--require-nonce", "true")
    command = (sys.executable, "-m", "oidc_provider_mock", "--port", str(port), *strict, *users)
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        issuer = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    httpx.get(f"{issuer}/.well-known/openid-configuration").raise_for_status()
                    break
                except httpx.TransportError:
                    time.sleep(0.1)
            yield issuer
        finally:
            process.terminate()


@dataclass
class OwnProvider:
    """A provider with one key.

    Attributes:
        issuer: its address.
        about: what differs in its description.
        claims: what differs in the claims of the ID token; None takes a claim away.
        more: claims at the user info endpoint.
        key: that signs.
        header: of the ID token.
        status: of the answer to a code.
        asked: codes that were exchanged, and with what.
        sent: parameters with which browsers came.
    """

    issuer: str = ""
    about: dict[str, Any] = field(default_factory=dict)
    claims: dict[str, Any] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)
    key: ECKey | OctKey = field(default_factory=lambda: ECKey.generate_key("P-256"))
    published: ECKey | None = None
    header: dict[str, Any] = field(default_factory=lambda: {"alg": "ES256", "kid": "one"})
    status: int = 200
    asked: list[dict[str, str]] = field(default_factory=list)
    sent: dict[str, str] = field(default_factory=dict)

    def answer(self, path: str, form: dict[str, str], authorization: str) -> tuple[int, Any]:
        """Return the status and the content for a path."""
        match path:
            case "/.well-known/openid-configuration":
                names = (
                    "authorization_endpoint",
                    "token_endpoint",
                    "jwks_uri",
                    "userinfo_endpoint",
                )
                known = {name: f"{self.issuer}/{name}" for name in names}
                return 200, {"issuer": self.issuer, **known, **self.about}
            case "/jwks_uri":
                shown = self.published or self.key
                assert isinstance(shown, ECKey)
                return 200, {"keys": [{**shown.as_dict(private=False), "kid": "one"}]}
            case "/userinfo_endpoint":
                assert authorization == "Bearer access"
                return 200, self.more
            case "/token_endpoint":
                self.asked.append({**form, "authorization": authorization})
                return self.status, {"access_token": "access", "id_token": self._id_token()}
        return 404, {}

    def _id_token(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": "s1", "aud": CLIENT, "iat": now, "exp": now + 60,
            "nonce": self.sent["nonce"], "email": "mia@example.org", "groups": ["desk"],
            **self.claims,
        }  # fmt: skip
        kept = {name: value for name, value in claims.items() if value is not None}
        if self.header["alg"] == "none":
            parts = (json.dumps(one).encode() for one in (self.header, kept))
            return ".".join(urlsafe_b64encode(one).rstrip(b"=").decode() for one in parts) + "."
        return jwt.encode(self.header, kept, self.key, algorithms=[self.header["alg"]])

    def visit(self, location: str, **answer: str) -> str:
        """Take a browser that was sent here, and return where it is sent back to."""
        parts = urlsplit(location)
        assert f"{parts.scheme}://{parts.netloc}{parts.path}" == self.issuer + (
            "/authorization_endpoint"
        )
        self.sent = dict(parse_qsl(parts.query))
        back = {"code": "c1", "state": self.sent["state"], **answer}
        return f"{urlsplit(self.sent['redirect_uri']).path}?{httpx.QueryParams(back)}"

    @property
    def proof(self) -> bool:
        """Whether the code was exchanged by who has begun: PKCE with SHA-256."""
        digest = sha256(self.asked[-1]["code_verifier"].encode()).digest()
        expected = urlsafe_b64encode(digest).rstrip(b"=").decode()
        return (self.sent["code_challenge_method"], self.sent["code_challenge"]) == (
            "S256",
            expected,
        )

    @property
    def shown(self) -> str:
        """The name and the secret with which the client has asked."""
        return b64decode(self.asked[-1]["authorization"].removeprefix("Basic ")).decode()


@contextmanager
def own_provider(**values: Any) -> Iterator[OwnProvider]:  # noqa: ANN401 - of the provider
    """Run a provider that answers what a test wants."""
    provider = OwnProvider(**values)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._tell({})

        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["content-length"])).decode()
            self._tell({name: one[0] for name, one in parse_qs(text).items()})

        def log_message(self, *_: object) -> None:
            """Say nothing."""

        def _tell(self, form: dict[str, str]) -> None:
            status, content = provider.answer(
                urlsplit(self.path).path, form, self.headers.get("authorization", "")
            )
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    provider.issuer = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def service(issuer: str, **openid: Any) -> dict[str, Any]:  # noqa: ANN401 - any setting
    """Return the section ``service`` of a service that people reach at ``http://test``."""
    return {"public_url": "http://test", "openid": {"issuer": issuer, **OPENID, **openid}}


def register(issuer: str, site: str = "http://test") -> dict[str, str]:
    """Register a client at the real provider, and return its name and secret."""
    address = {"redirect_uris": [site + RETURN_PATH]}
    answer = httpx.post(f"{issuer}/oauth2/clients", json=address)
    found: dict[str, str] = answer.raise_for_status().json()
    return found


def log_in_at(provider: OwnProvider, browser: Browser, **answer: str) -> httpx.Response:
    """Log in with a browser, and return the last answer of the service."""
    begun = browser.get("/login/openid")
    assert begun.status_code == 303, begun.text
    return browser.get(provider.visit(begun.headers["location"], **answer))


def log_in_really(browser: Browser, subject: str, wanted: str = "/") -> httpx.Response:
    """Log in at the real provider, as its form does, and return the last answer of the service."""
    begun = browser.get("/login/openid", params={"next": wanted})
    assert begun.status_code == 303, begun.text
    sent = httpx.post(begun.headers["location"], data={"sub": subject})
    assert sent.status_code == 302, sent.text
    back = urlsplit(sent.headers["location"])
    assert (back.netloc, back.path) == ("test", RETURN_PATH)
    return browser.get(f"{back.path}?{back.query}")
