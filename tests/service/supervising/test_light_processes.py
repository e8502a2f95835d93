"""The processes of the service start quickly, because they load no library that only scans need."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ringfence.service.supervising.entries import service_processes
from ringfence.service.supervising.fork_order import WITHOUT_THREADS
from ringfence.settings import Settings


@pytest.mark.slow
@pytest.mark.parametrize(
    "module", [f"ringfence.service.{name}" for name in ("ingest.process", "authorize", "tailer")]
)
def test_a_process_loads_no_library_of_scans(module: str) -> None:
    """SciPy alone would double the time in which events are taken again after a crash."""
    code = f"import sys, {module}; print('scipy' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout == "False\n"


@pytest.mark.slow
def test_the_modules_of_all_processes_start_no_thread() -> None:
    """The fork server could not fork if one of them did, and each start would take seconds."""
    settings = Settings.model_validate(
        {"service": {"kafka": [{"servers": "127.0.0.1:9", "topics": ["takes"]}]}}
    )
    modules = [name for one in service_processes(settings) for name in one.modules]
    code = f"import os, {', '.join(modules)}; print(len(os.listdir('/proc/self/task')))"
    environment = {**os.environ, **WITHOUT_THREADS}
    said = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True
    )
    assert len(modules) == 4
    assert said.stdout == "1\n"
