"""Run the whole service for a while with everything on, and see whether anything grows.

    python -m benchmarks.live_soak --minutes 25 [--write docs/benchmarks.md]

Clients post, a log file is followed and rotated, a gateway asks, Prometheus scrapes, and a reviewer
has the dashboard open, whose pages are read in turn. The judge folds, screens and scans. Memory,
open files, files and waits are sampled. The slope is that of a straight line through the samples
of the last two thirds, with its standard error. In the end all events must be counted once.
"""

from __future__ import annotations

import argparse
import os
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import httpx
import numpy as np
from benchmarks.page import publish, table
from benchmarks.service_faults.clients import Load, LoadClient, Pace
from benchmarks.service_faults.counting import count, wait_for_folds
from benchmarks.service_faults.running import RunningService, running
from benchmarks.service_faults.trial import restarts
from benchmarks.service_faults.wording import answers_in_words
from tests.service.dashboard.desk import PASSWORD, add_person

PACE: Final = Pace(posters=2, batches=2, events=10, lines=40, questions=10)
EVERY: Final = 10.0
"""Seconds between two samples."""

_PAGES: Final = ("/", "/parts/now", "/cases", "/accounts", "/outbox", "/audit", "/grants")
_FORM: Final = re.compile('name="form" value="([^"]*)"')
_HOUR: Final = 3600.0
_PROCESSES: Final = ("supervisor", "judge", "tailer", "authorize", "ingest", "screening")

HEADER: Final = ("what", "at the begin", "at the end", "most", "slope per hour", "standard error")


class DashboardReader(LoadClient):
    """A reviewer whose pages are read in turn, and Prometheus, which scrapes every 20th time.

    Args:
        service: that runs, with a reviewer.
    """

    def __init__(self, service: RunningService) -> None:
        super().__init__(service, 1.0)
        self._turn = 0
        self._client = httpx.Client(base_url=service.url, timeout=30)

    def act(self) -> None:
        """Read the next page; log in first if nobody is logged in."""
        self._turn += 1
        path = _PAGES[self._turn % len(_PAGES)]
        headers = {}
        if self._turn % 20 == 0:
            path, headers = "/metrics", self.service.headers
        began = time.monotonic()
        answer = self._client.get(path, headers=headers)
        self.statuses[answer.status_code] += 1
        self.waits.append(time.monotonic() - began)
        if answer.status_code == httpx.codes.SEE_OTHER:
            form = _FORM.search(self._client.get("/login").text)
            data = {"form": form[1] if form else "", "name": "rita", "password": PASSWORD}
            self._client.post("/login", data=data)


@dataclass
class Samples:
    """Samples of many things.

    Attributes:
        moments: seconds since the begin.
        values: by name of what was sampled.
    """

    moments: list[float] = field(default_factory=list)
    values: dict[str, list[float]] = field(default_factory=dict)

    def rows(self) -> list[tuple[str, ...]]:
        """Return a row for each thing that was sampled every time."""
        moments = np.array(self.moments)
        late = moments >= moments[-1] / 3
        return [
            _row(name, moments[late], np.array(values)[late])
            for name, values in self.values.items()
            if len(values) == len(moments)
        ]


def _row(name: str, moments: np.ndarray, values: np.ndarray) -> tuple[str, ...]:
    tenth = max(1, len(values) // 10)
    if len(values) > 3:
        (slope, _), covariance = np.polyfit(moments / _HOUR, values, 1, cov=True)
        error = float(np.sqrt(covariance[0, 0]))
    else:
        slope = error = float("nan")
    begin, end = np.median(values[:tenth]), np.median(values[-tenth:])
    return name, *(f"{one:,.1f}" for one in (begin, end, values.max(), slope, error))


def sample(service: RunningService, clients: Sequence[tuple[str, LoadClient]]) -> dict[str, float]:
    """Return what there is now; the waits of clients since the last sample are used up."""
    found: dict[str, float] = {}
    for name, process in service.processes().items():
        if name in _PROCESSES:
            found[f"{name}, MB"] = _status(process, "VmRSS")
            found[f"{name}, open files"] = len(os.listdir(f"/proc/{process}/fd"))  # noqa: PTH208
            found[f"{name}, threads"] = len(os.listdir(f"/proc/{process}/task"))  # noqa: PTH208
    root = service.folder.root
    # Folders come and go meanwhile, which a walk takes as it finds it.
    sizes = {
        path: _size(path)
        for folder, _, names in os.walk(root)
        for path in (Path(folder, name) for name in names)
    }
    found["files in the folder"] = len(sizes)
    waiting = (service.folder.log, service.folder.tail_log, service.folder.feed)
    found["log, tail log and feed, MB"] = sum(
        size for path, size in sizes.items() if path.parent in waiting
    )
    for name in ("ledger.duckdb", "ledger.duckdb.wal", "cases.sqlite", "cases.sqlite-wal"):
        found[f"{name}, MB"] = _size(root / name)
    found["everything else, MB"] = sum(
        size
        for path, size in sizes.items()
        if path.parent not in waiting and not path.name.startswith(("ledger", "cases", "scan"))
    )
    for name, client in clients:
        waits, client.waits = sorted(client.waits), []
        for share, shown in ((50, "median"), (99, "p99")):
            wait = waits[len(waits) * share // 100] if waits else float("nan")
            found[f"{name}, ms ({shown})"] = wait * 1e3
    judge = service.status("judge")
    found["a fold, ms"] = judge.get("fold_seconds", 0.0) * 1e3
    found["oldest event that waits, s"] = judge.get("waiting_seconds", 0.0)
    return found


def soak(root: Path, minutes: float) -> str:
    """Run the service, and return the table.

    Raises:
        SystemExit: an event was lost or counted twice, or a process ended.
    """
    service = RunningService(root, "scan_every = 60\n")
    add_person(service.folder, "rita")
    samples = Samples()
    with running(service):
        load, reader = Load(service, PACE), DashboardReader(service)
        reader.start()
        clients = [
            *(("a batch", load.posters[0]), ("a question of a gateway", load.gateway)),
            ("a page", reader),
        ]
        began = time.monotonic()
        scans, before = 0, 0.0
        while time.monotonic() - began < minutes * 60:
            time.sleep(EVERY)
            samples.moments.append(time.monotonic() - began)
            for name, value in sample(service, clients).items():  # type: ignore[arg-type] # clients
                samples.values.setdefault(name, []).append(value)
            last = (service.status("judge").get("last_scan") or {}).get("began", 0.0)
            scans, before = scans + (last != before), last
        reader.going = False
        reader.join()
        sent = load.finish()
        ended = restarts(service)
        wait_for_folds(service)
        service.stop()
    found = count(service, sent)
    said = (
        f"{minutes:g} minutes. {found.sent:,} events, lost: {found.lost}, counted twice: "
        f"{found.twice}. {scans} scans. Processes that ended: {ended}. Pages: "
        f"{answers_in_words(reader.statuses)}. Answers to the gateway: "
        f"{answers_in_words(load.gateway.statuses)}. Load averages of the machine at the end: "
        f"{', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores."
    )
    if found.lost or found.twice or ended:
        raise SystemExit(said)
    return f"{said}\n\n{table(HEADER, samples.rows())}"


def _status(process: int, name: str) -> float:
    text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
    return int(text.partition(f"{name}:")[2].split()[0]) / 1024


def _size(path: Path) -> float:
    try:
        return path.stat().st_size / 1e6
    except OSError:
        return 0.0


def main() -> None:
    """Run, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with TemporaryDirectory(ignore_cleanup_errors=True) as root:
        text = soak(Path(root), options.minutes)
    publish("live_soak", text, options.write)


if __name__ == "__main__":
    main()
