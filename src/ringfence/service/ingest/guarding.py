"""Routes that nobody can call without the right token."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ringfence.service.ingest.problems import RefusedRequest
from ringfence.service.tokens import TokenCheck, TokenScope

Endpoint = Callable[[Request], Awaitable[Response]]
"""A function that answers a request."""


@dataclass(frozen=True)
class GuardedRoute:
    """A path of the service.

    Attributes:
        path: as Starlette writes it.
        method: the only one that is answered. GET includes HEAD.
        answer: what answers a request that is permitted.
        scope: the permission that a token needs; None if anybody may call it.
        key_header: the header with the token alone, for clients that cannot send
            ``Authorization: Bearer TOKEN``; empty if it is that one.
    """

    path: str
    method: str
    answer: Endpoint
    scope: TokenScope | None
    key_header: str = ""


def routes_of(guarded: Sequence[GuardedRoute], tokens: TokenCheck) -> list[Route]:
    """Return the routes, each behind its guard."""
    return [
        Route(one.path, _guard(one, tokens) if one.scope else one.answer, methods=[one.method])
        for one in guarded
    ]


def _guard(route: GuardedRoute, tokens: TokenCheck) -> Endpoint:
    needed = f"{route.key_header}: TOKEN" if route.key_header else "Authorization: Bearer TOKEN"

    async def guarded(request: Request) -> Response:
        token = tokens.find(_shown(route, request))
        if token is None:
            return RefusedRequest(
                HTTPStatus.UNAUTHORIZED,
                f"This needs a valid token in the header {needed}.",
            ).answer()
        if route.scope is None or not token.permits(route.scope):
            return RefusedRequest(
                HTTPStatus.FORBIDDEN, f"The token lacks the scope {route.scope}."
            ).answer()
        request.state.token = token
        return await route.answer(request)

    return guarded


def _shown(route: GuardedRoute, request: Request) -> str:
    """Return what a client shows, in the form of the header ``Authorization``."""
    if not route.key_header:
        return request.headers.get("authorization", "")
    return f"Bearer {request.headers.get(route.key_header, '')}"
