"""The documents of a transmitter, and the poll of a receiver.

Sources: OpenID Shared Signals Framework 1.0, sections 7 and 8; RFC 8936. Streams are made by the
settings, so a receiver can read its stream and cannot change it. The name of its token is the name
of its stream.
"""

from __future__ import annotations

import asyncio
import json
import logging
import time
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ringfence.cases import CaseStore, open_store
from ringfence.enforcement.polling import MOST_TOKENS, PollRequest, PollStream
from ringfence.enforcement.security_events import (
    POLL,
    Issuer,
    stream_configuration,
    transmitter_configuration,
)
from ringfence.errors import RingfenceError
from ringfence.service.tokens import Token

CONFIGURATION_PATH: Final = "/.well-known/ssf-configuration"
"""The description of the transmitter, which anybody may read."""

KEYS_PATH: Final = "/ssf/keys"
"""The public keys, which anybody may read."""

STREAM_PATH: Final = "/ssf/stream"
STATUS_PATH: Final = "/ssf/status"
POLL_PATH: Final = "/ssf/poll"

_LOG: Final = logging.getLogger(__name__)
_NO_STORE: Final = {"Cache-Control": "no-store"}
_LARGEST: Final = 262_144
_MOST_ANSWERS: Final = 10 * MOST_TOKENS
_LONGEST_WAIT: Final = 30.0
_PAUSE: Final = 1.0
_MOST_WAITING: Final = 4
"""Polls of one receiver that may wait at once."""


class SignalEndpoints:
    """Answers to receivers. The token of the receiver is ``request.state.token``.

    Args:
        cases: address or file of the case store. It is opened at the first poll.
        issuers: of each stream, by its name. At least one.
        address: of the service, as receivers see it.
        longest_wait: seconds that a receiver waits at most for a token.
    """

    def __init__(
        self,
        cases: str | Path,
        issuers: Mapping[str, Issuer],
        address: str,
        longest_wait: float = _LONGEST_WAIT,
    ) -> None:
        self._cases = cases
        self._issuers = issuers
        self._address = address
        self._longest_wait = longest_wait
        self._store: CaseStore | None = None
        self._opening = asyncio.Lock()
        self._streams: dict[str, PollStream] = {}
        self._turns = {name: asyncio.Lock() for name in issuers}
        self._waiting = dict.fromkeys(issuers, 0)

    def close(self) -> None:
        """Close the case store."""
        store, self._store = self._store, None
        self._streams.clear()
        if store is not None:
            store.close()

    async def describe(self, _: Request) -> Response:
        """Answer the description of the transmitter."""
        issuer = next(iter(self._issuers.values()))
        return JSONResponse(
            {
                **transmitter_configuration(issuer.url, self._address + KEYS_PATH),
                "configuration_endpoint": self._address + STREAM_PATH,
                "status_endpoint": self._address + STATUS_PATH,
                "authorization_schemes": [{"spec_urn": "urn:ietf:rfc:6750"}],
            }
        )

    async def keys(self, _: Request) -> Response:
        """Answer the public keys."""
        known = {
            key["kid"]: key
            for issuer in self._issuers.values()
            for key in issuer.keys.public()["keys"]
        }
        return JSONResponse({"keys": list(known.values())})

    async def stream(self, request: Request) -> Response:
        """Answer the configuration of the receiver's stream: a list if it names none."""
        name = _stream_name(request)
        if name not in self._issuers:
            return _no_stream(name)
        address = self._address + POLL_PATH
        found = stream_configuration(self._issuers[name], name, POLL, address)
        wanted = request.query_params.get("stream_id")
        if wanted not in {None, name}:
            return _refusal(HTTPStatus.NOT_FOUND, "the token does not belong to this stream")
        return JSONResponse([found] if wanted is None else found, headers=_NO_STORE)

    async def status(self, request: Request) -> Response:
        """Answer the status of the receiver's stream, which is always enabled."""
        name = _stream_name(request)
        if name not in self._issuers or request.query_params.get("stream_id", name) != name:
            return _no_stream(name)
        return JSONResponse({"stream_id": name, "status": "enabled"}, headers=_NO_STORE)

    async def poll(self, request: Request) -> Response:
        """Write what the receiver has, and answer the next tokens, as soon as there are some."""
        name = _stream_name(request)
        if name not in self._issuers:
            return _no_stream(name)
        try:
            wanted = await _read(request)
        except ValueError as error:
            return _refusal(HTTPStatus.BAD_REQUEST, str(error))
        if self._waiting[name] >= _MOST_WAITING:
            return _refusal(HTTPStatus.TOO_MANY_REQUESTS, "other polls of this stream wait")
        self._waiting[name] += 1
        try:
            found = await self._next_tokens(request, name, wanted)
        except RingfenceError as error:
            _LOG.error("the case store cannot be used: %s", error.what)
            return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the case store cannot be used")
        finally:
            self._waiting[name] -= 1
        return JSONResponse(found, headers=_NO_STORE)

    async def _next_tokens(
        self, request: Request, name: str, wanted: PollRequest
    ) -> dict[str, Any]:
        end = time.monotonic() + self._longest_wait
        # A thread that waits would be missing elsewhere, so the waiting is done here.
        found = await self._ask(name, replace(wanted, at_once=True))
        while not (found["sets"] or wanted.at_once or not wanted.most):
            if time.monotonic() >= end or await request.is_disconnected():
                break
            await asyncio.sleep(min(_PAUSE, max(0.0, end - time.monotonic())))
            found = await self._ask(name, PollRequest(wanted.most, at_once=True))
        return found

    async def _ask(self, name: str, wanted: PollRequest) -> dict[str, Any]:
        async with self._turns[name]:
            return await run_in_threadpool((await self._stream(name)).answer, wanted)

    async def _stream(self, name: str) -> PollStream:
        async with self._opening:
            if self._store is None:
                self._store = await run_in_threadpool(open_store, self._cases)
            if name not in self._streams:
                self._streams[name] = PollStream(name, self._store, self._issuers[name])
            return self._streams[name]


def _stream_name(request: Request) -> str:
    token: Token = request.state.token
    return token.name


async def _read(request: Request) -> PollRequest:
    """Return what a receiver has sent.

    Raises:
        ValueError: it is not a poll request of RFC 8936, or it is too large.
    """
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > _LARGEST:
            raise ValueError("the request is too large")
    try:
        wanted = PollRequest.from_json(json.loads(body))
    except RecursionError:
        raise ValueError("the request is not JSON") from None
    if len(wanted.acknowledged) + len(wanted.refused) > _MOST_ANSWERS:
        raise ValueError(f"ack and setErrs have more than {_MOST_ANSWERS} tokens")
    return wanted


def _no_stream(name: str) -> Response:
    return _refusal(
        HTTPStatus.NOT_FOUND,
        f"there is no stream {name}: the token needs the name of a section [[enforcement.streams]]",
    )


def _refusal(status: HTTPStatus, what: str) -> Response:
    content = {"err": "invalid_request", "description": what}
    return JSONResponse(content, status.value, _NO_STORE)
