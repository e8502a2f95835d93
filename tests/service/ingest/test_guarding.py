"""Nobody gets anything without the right token."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
from tests.service.ingest.live import settings, token, with_client

from ringfence.service.dashboard import Office, dashboard_routes
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import ingest_application
from ringfence.service.tokens import SCOPES

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "X-ANY")
OPEN = {"/healthz", "/readyz", "/openapi.json"}
"""Paths for probes, which carry no token, and the description of the API."""

NEEDED = {
    "/api/v1/events": "ingest",
    "/metrics": "metrics",
    "/v1/decisions": "decisions",
    "/v1/decisions/stream": "decisions",
}


def test_every_route_denies_without_a_token(tmp_path: Path) -> None:
    """Each path and method answers 401, or 405 where there is none; only OPEN is open."""
    folder = ServiceFolder(tmp_path)
    routes = {route.path for route in ingest_application(folder, settings()).routes}
    # The pages have a guard, and a test, of their own.
    paths = sorted(routes - {route.path for route in dashboard_routes(Office(folder, settings()))})
    assert set(paths) == OPEN | set(NEEDED)

    async def talk(client: httpx.AsyncClient) -> list[Any]:
        return [
            (path, method, (await client.request(method, path)).status_code)
            for path in [*paths, "/api", "/api/v1/events/", "http://test//metrics"]
            for method in METHODS
        ]

    for path, method, status in with_client(tmp_path, talk):
        if path in OPEN and method in {"GET", "HEAD"}:
            assert status == 200
        else:
            assert status in {401, 404, 405, 307, 303}, (path, method)
            assert (status == 401) == (path in NEEDED and status not in {404, 405}), (path, method)


def test_a_token_opens_the_routes_of_its_scope_only(tmp_path: Path) -> None:
    """Each scope is tried on each route: all others get 403."""
    folder = ServiceFolder(tmp_path)
    tokens = {scope: token(folder, scope, scope) for scope in SCOPES}

    async def talk(client: httpx.AsyncClient) -> None:
        for path, needed in NEEDED.items():
            method = "POST" if path.endswith("events") else "GET"
            for scope, authorization in tokens.items():
                key = authorization["Authorization"].removeprefix("Bearer ")
                shown = {"X-Api-Key": key} if path.startswith("/v1/") else authorization
                answer = await client.request(method, path, headers=shown)
                allowed = scope in {needed, "admin"}
                assert (answer.status_code != 403) == allowed, (path, scope)

    with_client(tmp_path, talk)


def test_a_refusal_says_what_is_needed(tmp_path: Path) -> None:
    """The answer names the header, and carries the challenge that HTTP asks for."""

    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post("/api/v1/events")

    answer = with_client(tmp_path, talk)
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert "Authorization" in answer.json()["detail"]


def test_a_browser_gets_a_page_where_there_is_none(tmp_path: Path) -> None:
    """A program gets JSON for the same address, and so does anything below the API."""

    async def talk(client: httpx.AsyncClient) -> list[httpx.Response]:
        browser = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
        asked = (("/nix", browser), ("/nix", {}), ("/api/nix", browser))
        return [await client.get(path, headers=headers) for path, headers in asked]

    page, *others = with_client(tmp_path, talk)
    assert page.status_code == 404
    assert "There is no such page" in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for one in others:
        assert (one.status_code, one.json()["status"]) == (404, 404)
