"""``ringfence serve`` runs the whole service, and says in one line why it cannot."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from tests.service.judge.test_running import batches
from tests.service.supervising.test_supervisor import until

from ringfence.cases import open_store
from ringfence.cases.listing import list_cases
from ringfence.service.files import ServiceFolder, read_status
from ringfence.testing import extractor, together, users

PROGRAM = [sys.executable, "-m", "ringfence"]


def free_port() -> int:
    """Return a port that nobody uses now, and whose successor nobody uses."""
    while True:
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            with suppress(OSError, OverflowError):
                two.bind(("127.0.0.1", port + 1))
                return port


class Serving:
    """A service, started by the command.

    Args:
        home: folder of its settings and its output.
        more: lines of the section ``service``.
    """

    def __init__(self, home: Path, more: str = "") -> None:
        self.folder = ServiceFolder(home / "live")
        self.port = free_port()
        self.config = home / "ringfence.toml"
        if not self.config.exists():
            section = f'[service]\nfolder = "live"\nport = {self.port}\n{more}'
            self.config.write_text(f"{section}\n[engine]\nthreads = 1\n")
        self.output = home / f"{time.monotonic_ns()}.out"
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*PROGRAM, "serve", "--config", str(self.config)],
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def said(self) -> list[str]:
        """Its lines until now."""
        return self.output.read_text().splitlines()

    def token(self) -> str:
        """Make a token for events."""
        command = [*PROGRAM, "token", "add", "web", "--scope", "ingest"]
        done = subprocess.run(
            [*command, "--config", str(self.config)], capture_output=True, text=True, check=True
        )
        return done.stdout.strip()

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it, and return its exit status."""
        self.process.send_signal(number)
        return self.process.wait(30)


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Serving]]:
    """Return a function that starts a service in the folder of the test."""
    running: list[Serving] = []

    def start(more: str = "") -> Serving:
        running.append(Serving(tmp_path, more))
        return running[-1]

    yield start
    for one in running:
        with suppress(ProcessLookupError):
            os.kill(one.process.pid, signal.SIGKILL)
        one.process.wait()


@pytest.mark.slow
def test_events_become_cases_and_answers(serve: Callable[..., Serving]) -> None:
    """Events that are posted are folded, scanned and charged; a stop and a kill lose nothing."""
    service = serve("scan_every = 1\nexposure = { pairs = 100_000 }")
    address = f"http://127.0.0.1:{service.port}/api/v1/events"
    headers = {
        "Authorization": f"Bearer {service.token()}",
        "Content-Type": "application/x-ndjson",
    }
    bold = extractor("bold", days=10, hours=24, per_hour=60)
    parts = list(batches(together(users(60), bold), 4))

    def post(part: bytes) -> bool:
        with suppress(httpx.TransportError):
            return httpx.post(address, content=part, headers=headers).is_success
        return False

    until(lambda: post(parts[0]))
    until(lambda: (read_status(service.folder, "judge") or {}).get("folds"))
    assert service.stop() == 0
    assert not any("ended with" in line or "unexpected" in line for line in service.said)
    again = serve()
    for part in parts[1:3]:
        until(lambda part=part: post(part))  # type: ignore[misc] # bound now
    again.process.kill()
    again.process.wait()
    last = serve()
    until(lambda: post(parts[3]))

    def cases() -> int:
        with open_store(last.folder.cases) as store, store.reading() as connection:
            return len(list_cases(connection))

    until(cases)
    asked = httpx.get(
        f"http://127.0.0.1:{service.port + 1}/api/v1/authorize",
        headers={"X-Ringfence-Account": "bold", "X-Ringfence-Item": "none"},
    )
    assert asked.status_code == 200
    sizes = [path.stat().st_size for path in last.folder.exposure.glob("pairs-*")]
    assert 150_000 <= sizes[0] < 200_000
    assert last.stop(signal.SIGINT) == 0
    told = (last.folder.report / "findings.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in told] == ["bold"]


@pytest.mark.slow
def test_a_port_in_use_is_one_line(serve: Callable[..., Serving], tmp_path: Path) -> None:
    """The status is 2, and no process is started."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        folder = tmp_path / "live"
        (tmp_path / "ringfence.toml").write_text(f'[service]\nfolder = "live"\nport = {port}\n')
        service = serve()
        assert service.process.wait(60) == 2
    said = f"ringfence: service.port: port {port} of 127.0.0.1 is in use"
    assert service.said == [f"{said} (stop the program that uses it, or set another port)"]
    assert folder.is_dir()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[service]\nport = 0\n", "service.port"),
        ('[service]\nhost = "192.0.2.77"\n', "192.0.2.77 is not an address of this machine"),
        ("[service]\nprot = 1\n", "service.prot"),
        ('[service]\nfolder = "/proc/none"\n', "/proc/none: cannot be created"),
        ('[service]\naccounts = "none.csv"\n', "correct service.accounts, or leave it out"),
    ],
)
def test_settings_that_cannot_be_used_are_one_line(
    serve: Callable[..., Serving], tmp_path: Path, text: str, said: str
) -> None:
    """The line names the setting, and the status is 2."""
    (tmp_path / "ringfence.toml").write_text(text)
    service = serve()
    assert service.process.wait(60) == 2
    assert len(service.said) == 1
    assert said in service.said[0]
