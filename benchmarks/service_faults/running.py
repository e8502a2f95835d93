"""The whole service as one process with children, and a look at them from outside."""

from __future__ import annotations

import os
import random
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, cast

import httpx

from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.tokens import add_token, new_token

SUPERVISOR: Final = "supervisor"
FORK_SERVER: Final = "fork server"
_MODULE: Final = b"ringfence.service.supervising"
_CHILD: Final = b"ringfence.service.judge"
_STOP_SECONDS: Final = 30.0


class RunningService:
    """A service that is started by ``ringfence serve``, and may be started again.

    Args:
        home: folder of its settings, its output and its log files.
        more: further lines of the section ``service``.
        environment: of its processes, beside that of this process.
        folder: of the service; by default it is in ``home``.

    Attributes:
        folder: of the service.
        port: of the process that takes events.
        headers: of a client that may do everything.
    """

    def __init__(
        self,
        home: Path,
        more: str = "",
        environment: Mapping[str, str] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.folder = ServiceFolder(folder or home / "live")
        self.folder.create()
        self.port = free_ports()
        self.output = home / "service.out"
        self.lines = home / "access.log"
        self.lines.touch()
        self._environment = {**os.environ, **(environment or {})}
        self._config = home / "ringfence.toml"
        self._config.write_text(
            f'[service]\nfolder = "{self.folder.root}"\nport = {self.port}\n{more}'
            f'[[service.files]]\npath = "{self.lines}*"\n[engine]\nthreads = 1\n',
            encoding="utf-8",
        )
        made, token = new_token("load", ("admin",), "2026-11-29T09:00:00Z")
        add_token(self.folder, made)
        self.headers = {"Authorization": f"Bearer {token}"}
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address of the process that takes events."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The supervisor."""
        assert self._process is not None  # noqa: S101 - it was started
        return self._process.pid

    @property
    def said(self) -> str:
        """Its lines until now."""
        return self.output.read_text(encoding="utf-8", errors="replace")

    def start(self) -> None:
        """Start it, also again."""
        command = [sys.executable, "-m", "ringfence", "serve", "--config", str(self._config)]
        with self.output.open("ab") as output:
            self._process = subprocess.Popen(
                command, stdout=output, stderr=subprocess.STDOUT, env=self._environment
            )

    def stop(self) -> int:
        """Stop it gracefully, and return its exit status."""
        assert self._process is not None  # noqa: S101 - it was started
        self._process.terminate()
        return self._process.wait(_STOP_SECONDS)

    def wait(self) -> None:
        """Wait for its end, after it was killed."""
        assert self._process is not None  # noqa: S101 - it was started
        self._process.wait(_STOP_SECONDS)

    def status(self, name: str) -> dict[str, Any]:
        """Return what a process says about itself."""
        return read_status(self.folder, name) or {}

    def processes(self) -> dict[str, int]:
        """Return the processes that run now, by name: also the scan of the judge."""
        found = {SUPERVISOR: self.pid}
        children = _children()
        for one in children.get(self.pid, ()):
            words = _words(one)
            if _MODULE in words:
                found[FORK_SERVER] = one
        for one in children.get(found.get(FORK_SERVER, -1), ()):
            with suppress(OSError):
                found[Path(f"/proc/{one}/comm").read_text(encoding="ascii").strip()] = one
        for one in children.get(found.get("judge", -1), ()):
            words = _words(one)
            if _CHILD in words:
                found["screening" if b"screen" in words else "scan"] = one
        return found

    def kill(self) -> None:
        """Kill every process, if it still runs. No process is left behind."""
        for one in self.processes().values():
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        if self._process:
            self._process.wait()


def free_ports() -> int:
    """Return a port that nobody uses now, and whose successor nobody uses.

    It is below those from which the system chooses the port of a client. A client of a service that
    does not run might otherwise be connected with itself, and would keep the port.
    """
    while True:
        port = random.randrange(20_000, 30_000)  # noqa: S311 - any
        with socket.socket() as one, socket.socket() as two, suppress(OSError):
            one.bind(("127.0.0.1", port))
            two.bind(("127.0.0.1", port + 1))
            return port


@contextmanager
def running(service: RunningService) -> Iterator[RunningService]:
    """Run a service, wait until it works, and kill what is left of it at the end."""
    service.start()
    try:
        wait_until(lambda: working(service), 60, service)
        yield service
    finally:
        service.kill()


def ready(service: RunningService) -> dict[str, Any] | None:
    """Return the answer of ``/readyz``; None if there is none."""
    with suppress(httpx.HTTPError, ValueError):
        return cast("dict[str, Any]", httpx.get(f"{service.url}/readyz", timeout=2).json())
    return None


def answers(service: RunningService) -> bool:
    """Return whether a gateway gets an answer now."""
    url = f"http://127.0.0.1:{service.port + 1}/api/v1/authorize"
    headers = {"X-Ringfence-Account": "probe", "X-Ringfence-Item": "none"}
    with suppress(httpx.HTTPError):
        return httpx.get(url, headers=headers, timeout=2).status_code == httpx.codes.OK
    return False


def working(service: RunningService) -> bool:
    """Return whether all processes work: they answer, and say so as processes that run now."""
    now = service.processes()
    if not {"judge", "tailer", "authorize", "ingest"} <= now.keys():
        return False
    told = [service.status(name).get("process") == now[name] for name in ("judge", "tailer")]
    told_ready = (ready(service) or {}).get("ready", False)
    return all(told) and bool(told_ready) and answers(service)


def wait_until(
    done: Callable[[], object], seconds: float, service: RunningService | None = None
) -> float:
    """Wait until something is so, and return the seconds.

    Raises:
        SystemExit: it does not become so. The last lines of the service are printed.
    """
    began = time.monotonic()
    while not done():
        if time.monotonic() - began > seconds:
            said = service.said[-4000:] if service else ""
            raise SystemExit(f"{said}\nthis took more than {seconds:g} seconds")
        time.sleep(0.05)
    return time.monotonic() - began


def _children() -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            with suppress(OSError, ValueError, IndexError):
                fields = (path / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    found.setdefault(int(fields[1]), []).append(int(path.name))
    return found


def _words(process: int) -> list[bytes]:
    with suppress(OSError):
        return Path(f"/proc/{process}/cmdline").read_bytes().rstrip(b"\0").split(b"\0")
    return [b""]
