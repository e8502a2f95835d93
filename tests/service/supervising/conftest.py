"""Services for tests of the supervisor."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from tests.service.supervising.running_service import Service


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Service]]:
    """Return a function that starts a service in the folder of the test."""
    services: list[Service] = []

    def begin(*names: str, root: str = "service") -> Service:
        services.append(Service(tmp_path / root, *names))
        return services[-1]

    yield begin
    for one in services:
        with suppress(ProcessLookupError):
            one.process.kill()
        one.process.wait()
