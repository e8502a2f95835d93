"""Logs whose truth is known, made once for all scenarios."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.lab.simulate import Truth, write_access_log

LINES = 200_000


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """A week of a music service and what each account in it is."""
    log = tmp_path_factory.mktemp("log") / "access.log"
    return log, write_access_log(log, lines=LINES)
