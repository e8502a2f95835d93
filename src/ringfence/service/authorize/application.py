"""The raw RSGI application that answers gateways.

    GET /api/v1/authorize[/GATEWAY]   the decision about a request
    GET /api/v1/allowance             what an account may still take, without charging anything
    GET /healthz                      whether the process answers

It uses raw RSGI, because an answer through a framework takes several times as long.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from ringfence.service.authorize.gate import Gate, GateAnswer
from ringfence.service.authorize.gateways import (
    GATEWAY_PROFILES,
    PLAIN,
    GatewayAction,
    GatewayProfile,
)
from ringfence.service.authorize.rate_limit import rate_limit, rate_limit_policy
from ringfence.service.authorize.requests import UNREADABLE, QuestionReader, RequestHeaders
from ringfence.service.authorize.tokens import RecentTokens
from ringfence.service.exposure.budget import BUDGET_WINDOWS

TOKEN_HEADER: Final = "x-ringfence-token"  # noqa: S105 - a header's name
"""Has the gateway's own token. ``Authorization`` belongs to the client."""

_LOG: Final = logging.getLogger(__name__)
_ADDRESS: Final = "/api/v1/authorize"
_ALLOWANCE: Final = "/api/v1/allowance"
_PROFILES: Final = {
    f"{_ADDRESS}/{name}".rstrip("/"): profile for name, profile in GATEWAY_PROFILES.items()
}

_COUNTED: Final = frozenset({"new", "grant"})
"""Reasons for which a new item has just been charged."""

HeaderList = list[tuple[str, str]]
"""Headers of an answer."""

_CHALLENGE: Final = ("www-authenticate", 'Ringfence realm="sign in again"')


class RequestScope(Protocol):
    """The part of the RSGI scope that is used."""

    proto: str
    method: str
    path: str

    @property
    def headers(self) -> RequestHeaders:
        """The headers of the request."""
        ...


class Reply(NamedTuple):
    """An answer over HTTP.

    Attributes:
        status: of HTTP.
        headers: with lower-case names.
        body: text, or empty.
    """

    status: int
    headers: HeaderList
    body: str = ""


_ALLOWED: Final = Reply(200, [("x-ringfence-action", "allow")])
"""Most answers. Nobody changes its list."""


@dataclass
class AuthorizeApplication:
    """Answers gateways.

    Attributes:
        gate: decides.
        reader: reads questions.
        tokens: say which gateways are answered.
        fail_open: whether a request is allowed if it cannot be decided.
        clock: seconds since 1970.
    """

    gate: Gate
    reader: QuestionReader
    tokens: RecentTokens
    fail_open: bool = True
    clock: Callable[[], float] = time.time

    async def __rsgi__(self, scope: RequestScope, protocol: Any) -> None:  # noqa: ANN401 - of Granian
        """Answer one request."""
        reply = self.reply(scope.path, scope.method, scope.headers)
        if reply.body:
            protocol.response_str(reply.status, reply.headers, reply.body)
        else:
            protocol.response_empty(reply.status, reply.headers)

    def reply(self, path: str, method: str, headers: RequestHeaders) -> Reply:
        """Return the answer to one request.

        Args:
            path: of the request.
            method: of the request. A gateway may ask with the method of its client.
            headers: of the request.
        """
        profile = _PROFILES.get(path)
        if profile is None:
            return self._other(path, method, headers)
        if self.tokens.needed and not self.tokens.allows(headers.get(TOKEN_HEADER)):
            return self._refused_gateway()
        try:
            return self._authorize(profile, method, headers)
        except Exception:  # noqa: BLE001 - a gateway must get an answer, whatever is wrong
            _LOG.exception("a request could not be decided")
            return self._undecided(profile, "error")

    def _authorize(self, profile: GatewayProfile, method: str, headers: RequestHeaders) -> Reply:
        question = self.reader.read(profile, headers, method)
        account = question.account
        if account is None:
            self.gate.counts["allow", "no-account"] += 1
            return _ALLOWED
        if account == UNREADABLE:
            return self._undecided(profile, "unreadable-account")
        if not (self.fail_open or self.gate.knows_standings):
            return self._undecided(profile, "unknown-decisions")
        now = self.clock()
        if question.device is not None:
            self.gate.state.note_device(account, question.device, int(now))
        answer = self.gate.answer(account, question.item, question.name, now)
        if answer.use is None and answer.action == "allow":
            return _ALLOWED
        return Reply(profile.status(answer.action), _headers(answer, int(now)))

    def _undecided(self, profile: GatewayProfile, why: str) -> Reply:
        action: GatewayAction = "allow" if self.fail_open else "deny"
        self.gate.counts[action, why] += 1
        return Reply(profile.status(action), [("x-ringfence-action", action)])

    def _refused_gateway(self) -> Reply:
        """Refuse a gateway without a token. Its client gets the same answer, and not the item."""
        self.gate.counts["deny", "no-token"] += 1
        headers = [("x-ringfence-action", "deny"), ("content-type", "text/plain")]
        return Reply(403, headers, "the gateway has no valid token\n")

    def _other(self, path: str, method: str, headers: RequestHeaders) -> Reply:
        if path == "/healthz":
            return Reply(200, [("content-type", "text/plain")], "ok\n")
        if path == _ALLOWANCE and method in {"GET", "HEAD"}:
            if not self.tokens.allows(headers.get(TOKEN_HEADER)):
                return self._refused_gateway()
            return self._allowance(headers)
        return Reply(404, [("content-type", "text/plain")], "there is nothing here\n")

    def _allowance(self, headers: RequestHeaders) -> Reply:
        account = self.reader.read(PLAIN, headers, "GET").account
        if not account:
            text = "name the account in X-Ringfence-Account\n"
            return Reply(400, [("content-type", "text/plain")], text)
        now = int(self.clock())
        use, limits = self.gate.allowance(account, now)
        rows = zip(BUDGET_WINDOWS, limits, use[:3], strict=True)
        body = {
            window.name: {"allowed": limit, "taken": taken, "left": max(limit - taken, 0)}
            for window, limit, taken in rows
        }
        body["copies"] = {"allowed": self.gate.rule.copies(use.devices), "taken": use.copied}
        fields = [
            ("content-type", "application/json"),
            ("ratelimit-policy", rate_limit_policy(limits)),
            ("ratelimit", rate_limit(use, limits, now)),
        ]
        return Reply(200, fields, json.dumps(body))


def _headers(answer: GateAnswer, now: int) -> HeaderList:
    headers: HeaderList = [("x-ringfence-action", answer.action)]
    if answer.use is not None and answer.limits is not None:
        taken = 1 if answer.why in _COUNTED else 0
        headers.append(("ratelimit", rate_limit(answer.use, answer.limits, now, taken)))
    if answer.action != "allow":
        if answer.limits is not None:
            headers.append(("ratelimit-policy", rate_limit_policy(answer.limits)))
        headers.append(("x-ringfence-reason", answer.why))
        headers.append(("cache-control", "no-store"))
        if answer.wait:
            headers.append(("retry-after", str(answer.wait)))
    if answer.action == "challenge":
        headers.append(_CHALLENGE)
    return headers
