"""One fault of the whole service under load: before, while it lasts, and after."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import httpx
from benchmarks.service_faults.clients import Load, Pace
from benchmarks.service_faults.counting import Count, count, wait_for_folds
from benchmarks.service_faults.running import (
    RunningService,
    answers,
    ready,
    running,
    wait_until,
    working,
)
from benchmarks.service_faults.wording import answers_in_words

_BEFORE: Final = 8.0
_PATIENCE: Final = 120.0
_KEPT: Final = 3


@dataclass
class Trial:
    """The observations of one fault.

    Attributes:
        fault: its name.
        seen: what the service said and did, one part of a sentence each.
        back: seconds from the end of the fault until all processes work and a batch is taken.
        restarts: how often processes were started again.
        memory: most megabytes of any process.
        count: of the events in the end.
    """

    fault: str
    seen: list[str] = field(default_factory=list)
    back: float = 0.0
    restarts: int = 0
    memory: float = 0.0
    count: Count | None = None

    @property
    def row(self) -> tuple[str, ...]:
        """The row of the table."""
        found = self.count or Count(0, 0, 0, 0)
        return (
            self.fault,
            "; ".join(self.seen),
            f"{self.back:.1f}",
            f"{self.restarts}",
            f"{self.memory:,.0f}",
            f"{found.sent:,}",
            f"{found.lost}",
            f"{found.twice}",
        )


HEADER: Final = (
    *("fault", "while it lasted", "back after s", "restarts", "most MB of a process"),
    *("events", "lost", "twice"),
)


@contextmanager
def faulty(trial: Trial, service: RunningService, pace: Pace | None = None) -> Iterator[Load]:
    """Run a service under load; the fault begins and ends in the block. Then everything is counted.

    Args:
        trial: gets what is seen.
        service: that does not run yet.
        pace: of the clients.
    """
    with running(service):
        load = Load(service, pace)
        try:
            time.sleep(_BEFORE)
            began = restarts(service)
            yield load
            taken = load.posters[0].acknowledged
            trial.back = wait_until(
                lambda: working(service) and load.posters[0].acknowledged > taken,
                _PATIENCE,
                service,
            )
            trial.restarts = restarts(service) - began
            trial.memory = max(map(peak_of, service.processes().values()))
            sent = load.finish()
        finally:
            load.leave()
        wait_for_folds(service)
        if status := service.stop():
            trial.seen.append(f"the service ended with status {status}")
    trial.count = count(service, sent)


def look(trial: Trial, service: RunningService, load: Load) -> None:
    """Note what the service says and does while a fault lasts."""
    told = ready(service)
    problems = ["no answer of /readyz"] if told is None else list(map(str, told["problems"]))
    judge = str(service.status("judge").get("error", ""))
    tailer = str(service.status("tailer").get("error", ""))
    named = [f"judge: {judge}"] * bool(judge) + [f"tailer: {tailer}"] * bool(tailer)
    trial.seen += [f"/readyz says {one}" for one in problems[:_KEPT]]
    trial.seen += [one.replace(str(service.folder.root), "…")[:160] for one in named]
    trial.seen.append("gateways get answers" if answers(service) else "gateways get no answer")
    up = metrics(service)
    down = [name for name, value in up.items() if not value]
    said = f"metrics say down: {', '.join(down) or 'nobody'}"
    trial.seen.append(said if up else "metrics leave out which processes run")
    trial.seen.append(f"answers to a client: {answers_in_words(load.posters[0].statuses)}")


def metrics(service: RunningService) -> dict[str, float]:
    """Return which processes are up, as Prometheus reads it."""
    answer = httpx.get(f"{service.url}/metrics", headers=service.headers, timeout=10)
    found = {}
    for line in answer.text.splitlines():
        if line.startswith("ringfence_process_up"):
            name, value = line.split()
            found[name.partition('"')[2].partition('"')[0]] = float(value)
    return found


def restarts(service: RunningService) -> int:
    """Return how often processes of the service were started again."""
    told = service.status("service").get("processes", {})
    return sum(one["restarts"] for one in told.values())


def peak_of(process: int) -> float:
    """Return the most megabytes that a process had in memory."""
    try:
        text = Path(f"/proc/{process}/status").read_text(encoding="ascii")
        return int(text.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError):
        return 0.0


TrialFunction = Callable[[Path], Trial]
"""Makes a fault in a service whose files are in a new folder."""
