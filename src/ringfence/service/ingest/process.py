"""The process that takes events: the application on Granian."""

from __future__ import annotations

import asyncio
import resource
import signal
import socket
from typing import Final

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.server.embed import Server
from starlette.applications import Starlette

from ringfence.errors import SettingsError, reason
from ringfence.service.files import ServiceFolder
from ringfence.service.ingest.application import ingest_application
from ringfence.service.serving import tls_files
from ringfence.settings import Settings

_HEADER_MS: Final = 10_000
"""Milliseconds in which a client must have sent the headers of a request."""

_BACKLOG: Final = 4096
_MOST_CONNECTIONS: Final = 50_000
"""Connections that are served at once; further ones wait. Granian calls it back-pressure. By its
default, 2,000 clients that do nothing would keep all others out."""

_OTHER_FILES: Final = 200
"""Open files that are not connections: libraries, the log, and what the event loop needs."""

_STOP_SECONDS: Final = 5


def run(folder: ServiceFolder, settings: Settings) -> None:
    """Take events until the process gets SIGTERM or SIGINT. Batches that arrived are stored first.

    Raises:
        SettingsError: the folder, or the address, cannot be used.
        LogError: another process writes the log, or it cannot be written.
    """
    _check_address(settings.service.host, settings.service.port)
    connections = _allow_many_connections()
    asyncio.run(_serve(ingest_application(folder, settings), settings, connections))


async def _serve(application: Starlette, settings: Settings, connections: int) -> None:
    server = Server(
        application,
        address=settings.service.host,
        port=settings.service.port,
        interface=Interfaces.ASGINL,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=_HEADER_MS),
        websockets=False,
        backlog=_BACKLOG,
        backpressure=connections,
        log_enabled=False,
        **tls_files(settings.service),
    )
    # A client that holds its connection open must not keep the service from stopping.
    server.workers_kill_timeout = _STOP_SECONDS
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
    # Granian would hide why the lifespan fails.
    async with application.router.lifespan_context(application):
        await server.serve()


def _check_address(host: str, port: int) -> None:
    """Refuse an address that another program uses. Granian would share its port.

    Raises:
        SettingsError: nobody can listen there.
    """
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind) as one:
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            one.bind(address)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host} port {port}: {reason(error)}",
            where="service.port",
            hint="stop the other program, or choose another port",
        ) from error


def _allow_many_connections() -> int:
    """Raise the number of open files, and return how many connections there may be."""
    now, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _MOST_CONNECTIONS + _OTHER_FILES
    files = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    if now < files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    return max(1, files - _OTHER_FILES)
