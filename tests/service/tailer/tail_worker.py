"""The tailer as a process that a test can kill, and what it has stored."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ringfence.service.event_log import LogWriter, closed_segments, read_batches
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.tailer import run_tailer
from ringfence.service.tailer.followed_log import Patience
from ringfence.settings import Settings

QUICK = Patience(lines=0.1, rotated=0.25, retry=0.1, close=0.5)

LINE = (
    "203.0.113.{0} - user{0} [10/Nov/2026:{1:02}:{2:02}:{3:02} +0000] "
    '"GET /tracks/{4} HTTP/1.1" 200 512\n'
)


def line(number: int) -> str:
    """Return a line of an access log; each number gives another line."""
    second = number % 86_400
    clock = (second // 3600, second // 60 % 60, second % 60)
    return LINE.format(number % 200, *clock, number)


def settings(*files: Mapping[str, Any], **service: object) -> Settings:
    """Return settings that follow files."""
    return Settings.model_validate({"service": {"files": list(files), **service}})


@contextmanager
def tailer(folder: ServiceFolder, chosen: Settings) -> Iterator[subprocess.Popen[bytes]]:
    """Run the tailer in a process of its own; it is stopped at the end if it still runs."""
    command = [sys.executable, "-m", "tests.service.tailer.tail_worker", str(folder.root)]
    running = subprocess.Popen([*command, chosen.model_dump_json(include={"service"})])
    try:
        yield running
    finally:
        running.terminate()
        running.wait(60)


def until(done: Callable[[], bool], seconds: float = 60) -> None:
    """Wait until something is true.

    Raises:
        TimeoutError: it does not become true.
    """
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError
        time.sleep(0.05)


def told(folder: ServiceFolder) -> dict[str, Any]:
    """Return the status of the tailer."""
    return read_status(folder, "tailer") or {}


def stored(folder: ServiceFolder) -> Counter[str]:
    """Return how often each line was stored. No tailer may run."""
    LogWriter(folder.tail_log).close()
    found: Counter[str] = Counter()
    for segment in closed_segments(folder.tail_log):
        for batch in read_batches(segment):
            found.update(batch.records.decode().splitlines(keepends=True))
    return found


def main(root: str, chosen: str) -> None:
    """Run the tailer in this process."""
    run_tailer(ServiceFolder(Path(root)), Settings.model_validate(json.loads(chosen)), print, QUICK)


if __name__ == "__main__":
    main(*sys.argv[1:])
