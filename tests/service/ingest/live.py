"""An ingest application in the test's own process."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx

from ringfence.service.event_log import closed_segments, read_batches
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import EVENTS_PATH, ingest_application
from ringfence.service.tokens import add_token, new_token
from ringfence.settings import Settings

EVENT = {"ts": "2026-11-29T09:00:00Z", "account": "ann", "item": "t1"}
LINES = "application/x-ndjson"


def settings(**service: object) -> Settings:
    """Return settings with these of the section service."""
    return Settings(service={"free_disk_mb": 0, **service})


def token(folder: ServiceFolder, name: str = "web", scope: str = "ingest") -> dict[str, str]:
    """Add a token, and return the header that shows it."""
    made, text = new_token(name, (scope,), "2026-11-29T09:00:00Z")  # type: ignore[arg-type] # any
    add_token(folder, made)
    return {"Authorization": f"Bearer {text}"}


def with_client(
    root: Path,
    talk: Callable[[httpx.AsyncClient], Awaitable[Any]],
    given: Settings | None = None,
) -> Any:  # noqa: ANN401 - whatever the test returns
    """Run the application, let a function talk to it, and stop it."""
    folder = ServiceFolder(root)
    application = ingest_application(folder, given or settings())

    async def run() -> Any:  # noqa: ANN401 - whatever the test returns
        transport = httpx.ASGITransport(application)
        async with (
            application.router.lifespan_context(application),
            httpx.AsyncClient(transport=transport, base_url="http://test", timeout=30) as client,
        ):
            return await talk(client)

    return asyncio.run(run())


def post(
    root: Path,
    body: bytes,
    content_type: str = LINES,
    given: Settings | None = None,
    **headers: str,
) -> httpx.Response:
    """Start the application, post one body, and stop it; return the answer."""
    folder = ServiceFolder(root)
    shown = token(folder, f"t{len(list(root.glob('**/*')))}")
    every = {**shown, "Content-Type": content_type}
    every |= {name.replace("_", "-"): value for name, value in headers.items()}

    async def talk(client: httpx.AsyncClient) -> httpx.Response:
        return await client.post(EVENTS_PATH, content=body, headers=every)

    answer: httpx.Response = with_client(root, talk, given)
    return answer


def stored(root: Path) -> dict[str, list[Any]]:
    """Return the records in the log, by stream."""
    found: dict[str, list[Any]] = {}
    for segment in closed_segments(ServiceFolder(root).log):
        for batch in read_batches(segment):
            assert batch.records.endswith(b"\n")
            records = [json.loads(line) for line in batch.records.splitlines()]
            found.setdefault(batch.stream, []).extend(records)
    return found
