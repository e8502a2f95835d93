"""The live demo stops the extractors, refuses no user, and ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.service.supervising.test_serve import free_port

from ringfence.errors import OutputError
from ringfence.lab.live.demo import DemoOptions, run_live_demo
from ringfence.lab.live.demo_folder import make_demo_folder
from ringfence.lab.live.processes import clock_file
from ringfence.lab.live.simulated_clock import SimulatedClock
from ringfence.lab.simulate import load_scenario
from ringfence.service.files import ServiceFolder, read_status
from ringfence.settings import load_settings

COMMAND = [sys.executable, "-m", "ringfence", "demo", "--live"]


@pytest.mark.slow
def test_extractors_are_stopped_and_no_user_is_refused(tmp_path: Path) -> None:
    """Every extractor is stopped before it has two days' items, and no user is refused anything."""
    lines: list[str] = []
    options = DemoOptions(tmp_path / "live", seconds=60, port=free_port())
    tally = run_live_demo(load_scenario("live"), options, lines.append)
    said = "\n".join(lines)
    assert tally.is_over, said
    assert not tally.denied, said
    assert len(tally.taken) < tally.extractors * 2_000
    assert "All 12 extractors were stopped within" in said
    status = read_status(ServiceFolder(tmp_path / "live"), "service")
    assert status is not None
    assert status["doing"] == "stopped"


@pytest.mark.slow
def test_the_keyboard_ends_it(tmp_path: Path) -> None:
    """Ctrl-C ends the demo with its conclusion, status 0 and no process left."""
    command = [*COMMAND, "--out", str(tmp_path), "--seconds", "600", "--port", str(free_port())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        numbers = []
        for line in process.stdout:
            if " runs as process " in line:
                numbers.append(int(line.split()[-1]))
            if line.startswith(" 0."):
                break
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
    assert process.returncode == 0
    assert "0 of 12 extractors were stopped" in rest
    time.sleep(0.2)
    for number in numbers:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


@pytest.mark.slow
def test_a_busy_port_is_one_line(tmp_path: Path) -> None:
    """A port in use is refused in one line that names the option, before any file is written."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        command = [*COMMAND, "--out", str(tmp_path / "out"), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert f"port {port} of 127.0.0.1 is in use" in done.stderr
    assert not (tmp_path / "out" / "live").exists()


def test_other_files_are_not_removed(tmp_path: Path) -> None:
    """A folder with other files than those of a demo is refused; an earlier demo is replaced."""
    root = tmp_path / "live"
    folder, config, _ = make_demo_folder(root, 8470, 1.0)
    assert load_settings(config).service.budget.enforce
    with pytest.raises(OutputError, match="not of a live demo"):
        make_demo_folder(root, 8470, 1.0)
    SimulatedClock(clock_file(folder), 0)
    make_demo_folder(root, 9_000, 1.0)
    assert load_settings(config).service.port == 9_000
