"""A service of the tests in a process of its own, and questions about processes."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from ringfence.service.files import ServiceFolder

PATIENCE = 60.0


class Service:
    """A service in a process of its own.

    Args:
        root: its folder.
        names: of the entries of its processes.
    """

    def __init__(self, root: Path, *names: str) -> None:
        self.folder = ServiceFolder(root)
        self.output = root.with_suffix(f".{time.monotonic_ns()}")
        command = [sys.executable, "-m", "tests.service.supervising.service_worker", str(root)]
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                [*command, *names], stdout=output, cwd=Path(__file__).parents[3]
            )

    @property
    def said(self) -> str:
        """Its output until now."""
        return self.output.read_text()

    def until_said(self, text: str, times: int = 1) -> None:
        """Wait until it has printed a text."""
        until(lambda: self.said.count(text) >= times)

    def running(self) -> list[int]:
        """Return the ids of its processes, and of those that they have started."""
        found = [path for path in self.folder.root.iterdir() if path.name.startswith("idle-")]
        numbers = [int(path.name.removeprefix("idle-")) for path in found]
        return numbers + [int(text) for path in found if (text := path.read_text())]

    def wait(self) -> int:
        """Wait for its end, and return its exit status."""
        return self.process.wait(PATIENCE)


def until(done: Callable[[], object]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def parent(process: int) -> int:
    """Return the process that has started a process."""
    return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])


def children(process: int) -> list[int]:
    """Return the processes that a process has started."""
    paths = [one for one in Path("/proc").iterdir() if one.name.isdigit()]
    found = []
    for path in paths:
        with suppress(OSError):
            if parent(int(path.name)) == process:
                found.append(int(path.name))
    return found


def lives(process: int) -> bool:
    """Return whether a process runs. One that has ended may wait for its parent."""
    try:
        return ") Z " not in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
