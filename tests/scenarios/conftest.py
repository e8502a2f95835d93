"""The demo's access log, made once for all scenarios, and the truth about its accounts."""

from __future__ import annotations

from pathlib import Path

import pytest

from ringfence.cli.demo import make_demo_log
from ringfence.lab.simulate import Truth, read_truth


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Truth]:
    """Return a week's log of a music service and the truth about its accounts."""
    log = tmp_path_factory.mktemp("log") / "access.log"
    make_demo_log(log)
    return log, read_truth(log.with_name("truth.parquet"))
