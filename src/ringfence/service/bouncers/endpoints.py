"""``GET /v1/decisions`` and ``GET /v1/decisions/stream``, as bouncers of CrowdSec request them.

Source: https://docs.crowdsec.net/docs/local_api/bouncers/. Each bouncer has a token of its own,
because the store remembers under the token's name what the bouncer was told.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Generator
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from ringfence.cases import CaseStore, open_store
from ringfence.cases.moments import now
from ringfence.enforcement.bouncer_stream import BouncerStream
from ringfence.enforcement.crowdsec import ORIGIN
from ringfence.enforcement.decision_stream import Scopes, decisions_on, decisions_on_address
from ringfence.errors import RingfenceError
from ringfence.service.tokens import Token

_LOG: Final = logging.getLogger(__name__)
_JSON: Final = "application/json"
_NO_STORE: Final = {"Cache-Control": "no-store"}
_NOTHING: Final = '{"new":[],"deleted":[]}'
_STREAM_SECONDS: Final = 120.0
"""Seconds in which a bouncer must have read its stream. A state of the store is kept meanwhile."""

_YES_OR_NO: Final = {"false": False, "0": False, "true": True, "1": True}
_LONGEST_VALUE: Final = 4_096
_LONGEST_NAME: Final = 50
_UNKNOWN: Final = ("scenarios_containing", "scenarios_not_containing", "contains", "type")
"""Parameters of CrowdSec that would leave decisions out. Ignored, they would block more accounts
than the bouncer wants."""


class BouncerEndpoints:
    """Answers to bouncers. The token of the bouncer is ``request.state.token``.

    Args:
        cases: address or file of the case store. It is opened at the first question.
    """

    def __init__(self, cases: str | Path) -> None:
        self._cases = cases
        self._store: CaseStore | None = None
        self._opening = asyncio.Lock()

    def close(self) -> None:
        """Close the case store."""
        store, self._store = self._store, None
        if store is not None:
            store.close()

    async def decisions(self, request: Request) -> Response:
        """Answer the decisions on an address, a network or an account."""
        wanted = request.query_params
        problem = _problem(request)
        if problem:
            return _refusal(HTTPStatus.BAD_REQUEST, problem)
        if not _wants_ours(request):
            return Response("null", media_type=_JSON, headers=_NO_STORE)
        if address := wanted.get("ip"):
            return await self._answer(lambda store: _on_address(store, address))
        scope, value = wanted.get("scope", ""), wanted.get("value", "")
        if network := wanted.get("range"):
            scope, value = "range", network
        if not scope or not value:
            return _refusal(
                HTTPStatus.BAD_REQUEST,
                "name an address with ip=, a network with range=, or an account with scope=username"
                " and value=; the stream has all decisions",
            )
        return await self._answer(lambda store: _on_value(store, scope, value))

    async def stream(self, request: Request) -> Response:
        """Answer what has changed since the last stream of this bouncer."""
        problem = _problem(request)
        if problem:
            return _refusal(HTTPStatus.BAD_REQUEST, problem)
        startup = request.query_params.get("startup", "false").lower()
        if startup not in _YES_OR_NO:
            return _refusal(HTTPStatus.BAD_REQUEST, "startup is true or false")
        # HEAD must not move the position of the bouncer.
        if request.method == "HEAD" or not _wants_ours(request):
            return Response(_NOTHING, media_type=_JSON, headers=_NO_STORE)
        scopes = frozenset(
            one.strip().lower()
            for text in request.query_params.getlist("scopes")
            for one in text.split(",")
            if one.strip()
        )
        return await self._streamed(request.state.token, scopes, startup=_YES_OR_NO[startup])

    async def _streamed(self, token: Token, scopes: Scopes, *, startup: bool) -> Response:
        try:
            store = await self._opened()
            pieces = BouncerStream(bouncer_name(token), store).answer(
                startup=startup, scopes=scopes
            )
            # The first piece shows whether the store works, while the status can still tell it.
            first = await run_in_threadpool(next, pieces, "")
        except RingfenceError as error:
            return _failure(error)
        return _StreamAnswer(first, pieces)

    async def _answer(self, read: Callable[[CaseStore], str]) -> Response:
        try:
            store = await self._opened()
            text = await run_in_threadpool(read, store)
        except ValueError:
            return _refusal(HTTPStatus.BAD_REQUEST, "ip= is not an address")
        except RingfenceError as error:
            return _failure(error)
        return Response(text, media_type=_JSON, headers=_NO_STORE)

    async def _opened(self) -> CaseStore:
        async with self._opening:
            if self._store is None:
                self._store = await run_in_threadpool(open_store, self._cases)
            return self._store


class _StreamAnswer(Response):
    """A stream that is written while it is sent.

    Args:
        first: the first piece.
        pieces: those behind it. The position of the bouncer moves when the last one was taken.
    """

    media_type = _JSON

    def __init__(self, first: str, pieces: Generator[str]) -> None:
        super().__init__(None, HTTPStatus.OK, _NO_STORE)
        del self.headers["content-length"]
        self._first = first
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the stream. A bouncer that goes away is told the same changes again."""
        request = Request(scope, receive)
        start = {"type": "http.response.start", "status": self.status_code}
        try:
            async with asyncio.timeout(_STREAM_SECONDS):
                await send({**start, "headers": self.raw_headers})
                piece = self._first
                while piece:
                    more = {"type": "http.response.body", "more_body": True}
                    await send({**more, "body": piece.encode()})
                    if await request.is_disconnected():
                        return
                    piece = await run_in_threadpool(next, self._pieces, "")
                await send({"type": "http.response.body", "body": b""})
        finally:
            # It must not keep a state of the store.
            self._pieces.close()


def bouncer_name(token: Token) -> str:
    """Return the name under which the store knows a bouncer: that of its token.

    A token that replaces another one of the same name goes on from its position.
    """
    if len(token.name) <= _LONGEST_NAME:
        return token.name
    return f"{token.name[: _LONGEST_NAME - len(token.id) - 1]}-{token.id}"


def _on_address(store: CaseStore, address: str) -> str:
    with store.reading() as connection:
        return decisions_on_address(connection, address, now())


def _on_value(store: CaseStore, scope: str, value: str) -> str:
    with store.reading() as connection:
        return decisions_on(connection, scope, value, now())


def _wants_ours(request: Request) -> bool:
    """Return whether the bouncer wants decisions of our origin."""
    origins = request.query_params.get("origins", "")
    return not origins or ORIGIN in {one.strip() for one in origins.split(",")}


def _problem(request: Request) -> str:
    for name, value in request.query_params.multi_items():
        if name in _UNKNOWN and value and not (name == "contains" and value == "true"):
            return f"the parameter {name} is not supported"
        if len(value) > _LONGEST_VALUE or "\0" in value or not _is_text(value):
            return "a parameter is too long, or is not text"
    return ""


def _is_text(value: str) -> bool:
    """Return whether a value is UTF-8, as the store needs it."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refusal(status: HTTPStatus, message: str) -> Response:
    """Return an error as CrowdSec writes it."""
    content: dict[str, Any] = {"message": message, "errors": ""}
    return JSONResponse(content, status.value, _NO_STORE)


def _failure(error: RingfenceError) -> Response:
    _LOG.error("the case store cannot be read: %s", error.what)
    return _refusal(HTTPStatus.SERVICE_UNAVAILABLE, "the case store cannot be read")
