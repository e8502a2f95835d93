"""The web application that takes events, reports the state of the service, and serves the pages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from ringfence.cases import store_file
from ringfence.enforcement.streams import make_streams
from ringfence.service.bouncers import BouncerEndpoints
from ringfence.service.dashboard import Office, dashboard_routes, page_of_error
from ringfence.service.files import ServiceFolder, read_status, write_status
from ringfence.service.files.heartbeat import beat_in_loop
from ringfence.service.ingest.committing import Committer
from ringfence.service.ingest.guarding import Endpoint, GuardedRoute, routes_of
from ringfence.service.ingest.metrics import IngestMetrics
from ringfence.service.ingest.openapi import api_description
from ringfence.service.ingest.posting import EventIntake
from ringfence.service.ingest.problems import RefusedRequest
from ringfence.service.ingest.refused_lines import RefusedLines
from ringfence.service.metrics import StatusCollector
from ringfence.service.signals import SignalEndpoints
from ringfence.service.signals.endpoints import (
    CONFIGURATION_PATH,
    KEYS_PATH,
    POLL_PATH,
    STATUS_PATH,
    STREAM_PATH,
)
from ringfence.service.tokens import TokenCheck
from ringfence.settings import Settings

EVENTS_PATH: Final = "/api/v1/events"
"""Where clients send their batches."""

DESCRIPTION_PATH: Final = "/openapi.json"
"""The description of the API, which anybody may read."""

BOUNCER_KEY: Final = "X-Api-Key"
"""Has the token of a bouncer."""

_NAME: Final = "ingest"
_LOGGER: Final = logging.getLogger("ringfence.service.ingest")


def ingest_application(folder: ServiceFolder, settings: Settings) -> Starlette:
    """Return the application. Its lifespan opens and closes the log.

    Args:
        folder: the folder of the service; its folders are created.
        settings: all settings.

    Raises:
        SettingsError: the folder cannot be used.
    """
    folder.create()
    office = Office(folder, settings)
    metrics = IngestMetrics()
    cases = settings.cases.url or folder.cases
    metrics.registry.register(StatusCollector(folder, store_file(cases)))
    committer = Committer(folder, metrics)
    tokens = TokenCheck(folder, (read_status(folder, _NAME) or {}).get("tokens"))
    health = _Health(folder, settings, committer, metrics, tokens)
    bouncers = BouncerEndpoints(cases)
    signals = _signals(settings, cases)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        await asyncio.to_thread(committer.start)
        tasks = [asyncio.create_task(one) for one in (health.tell(), beat_in_loop())]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.to_thread(committer.stop)
            await asyncio.to_thread(office.close)
            await asyncio.to_thread(health.write, running=False)
            await asyncio.to_thread(intake.close)
            bouncers.close()
            if signals is not None:
                signals.close()

    intake = EventIntake(settings, committer, metrics, _quarantine(folder, settings))
    guarded = [
        GuardedRoute(EVENTS_PATH, "POST", intake.post, "ingest"),
        GuardedRoute("/metrics", "GET", health.metrics, "metrics"),
        GuardedRoute("/v1/decisions", "GET", bouncers.decisions, "decisions", BOUNCER_KEY),
        GuardedRoute("/v1/decisions/stream", "GET", bouncers.stream, "decisions", BOUNCER_KEY),
        GuardedRoute(DESCRIPTION_PATH, "GET", _description(settings), None),
        # Probes carry no token. They learn whether the service works, and nothing else.
        GuardedRoute("/healthz", "GET", health.alive, None),
        GuardedRoute("/readyz", "GET", health.ready, None),
        *(_signal_routes(signals) if signals is not None else ()),
    ]
    return Starlette(
        routes=[*routes_of(guarded, tokens), *dashboard_routes(office)],
        lifespan=lifespan,
        exception_handlers={HTTPException: partial(_refused, office), Exception: _failed},
    )


def _quarantine(folder: ServiceFolder, settings: Settings) -> RefusedLines:
    """Return the file of refused records, without texts if names have pseudonyms."""
    with_text = not settings.privacy.pseudonym_key
    return RefusedLines(folder, settings.account.parameters or (), with_text=with_text)


def _signals(settings: Settings, cases: str | Path) -> SignalEndpoints | None:
    """Return the endpoints of Shared Signals; None if no receiver polls."""
    service, issuers = settings.service, make_streams(settings.enforcement)
    scheme = "https" if service.certificate else "http"
    address = service.public_url or f"{scheme}://{service.host}:{service.port}"
    return SignalEndpoints(cases, issuers, address) if issuers else None


def _signal_routes(signals: SignalEndpoints) -> Sequence[GuardedRoute]:
    return (
        GuardedRoute(CONFIGURATION_PATH, "GET", signals.describe, None),
        GuardedRoute(KEYS_PATH, "GET", signals.keys, None),
        GuardedRoute(STREAM_PATH, "GET", signals.stream, "signals"),
        GuardedRoute(STATUS_PATH, "GET", signals.status, "signals"),
        GuardedRoute(POLL_PATH, "POST", signals.poll, "signals"),
    )


class _Health:
    """Whether the process works, for probes, for Prometheus and for the status page."""

    def __init__(
        self,
        folder: ServiceFolder,
        settings: Settings,
        committer: Committer,
        metrics: IngestMetrics,
        tokens: TokenCheck,
    ) -> None:
        self._folder = folder
        self._least = settings.service.free_disk_mb * 1_000_000
        self._committer = committer
        self._metrics = metrics
        self._tokens = tokens

    async def alive(self, _: Request) -> Response:
        """Answer that the process runs."""
        return PlainTextResponse("ok\n")

    async def ready(self, _: Request) -> Response:
        """Answer whether batches can be stored."""
        problems = self._problems()
        status = HTTPStatus.SERVICE_UNAVAILABLE if problems else HTTPStatus.OK
        return JSONResponse({"ready": not problems, "problems": problems}, status)

    async def metrics(self, _: Request) -> Response:
        """Answer with all metrics, as Prometheus reads them."""
        self._metrics.failing.set(bool(self._problems()))
        text = await asyncio.to_thread(generate_latest, self._metrics.registry)
        return Response(text, media_type=CONTENT_TYPE_LATEST)

    async def tell(self) -> None:
        """Write the status each second, until the task is cancelled."""
        while True:
            await asyncio.to_thread(self.write, running=True)
            await asyncio.sleep(1)

    def write(self, *, running: bool) -> None:
        """Write the status once. A full disk keeps the earlier one."""
        with suppress(OSError):
            write_status(self._folder, _NAME, self._status(running=running))

    def _status(self, *, running: bool) -> dict[str, Any]:
        value = self._metrics.registry.get_sample_value
        return {
            "running": running,
            "events": int(value("ringfence_ingest_events_total") or 0),
            "quarantined": int(value("ringfence_ingest_quarantined_total") or 0),
            "lag_bytes": self._committer.lag,
            "free_bytes": self._committer.free,
            "problems": self._problems(),
            "tokens": self._tokens.last_uses(),
        }

    def _problems(self) -> list[str]:
        problems = [self._committer.problem] if self._committer.problem else []
        if not self._committer.is_alive:
            problems.append("the writer of the log has ended")
        if self._committer.free < self._least:
            problems.append(f"the disk has less than {self._least // 1_000_000:,} MB free")
        return problems


def _description(settings: Settings) -> Endpoint:
    document = api_description(settings.service.port_of_authorize)

    async def describe(_: Request) -> Response:
        return JSONResponse(document)

    return describe


async def _refused(office: Office, request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", HTTPStatus.BAD_REQUEST)
    answer = page_of_error(request, status, office)
    if answer is None:
        answer = RefusedRequest(
            HTTPStatus(status), HTTPStatus(status).description or "Refused."
        ).answer()
    answer.headers.update(getattr(error, "headers", None) or {})
    return answer


async def _failed(request: Request, error: Exception) -> Response:
    """Answer a fault of the service without its details, which go to the service's own log."""
    _LOGGER.error("%s failed", request.url.path, exc_info=error)
    return RefusedRequest(
        HTTPStatus.INTERNAL_SERVER_ERROR, "The service failed. Its log says why."
    ).answer()
