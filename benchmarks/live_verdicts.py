"""Measure the time from an event to the case that it leads to, in a judge that runs.

    python -m benchmarks.live_verdicts [--accounts 4000] [--seconds 60] [--events 1000]
        [--write docs/benchmarks.md]

A log of four weeks is folded and scanned once. No other scan follows. Then users go on at a steady
rate, and once per second a new account appears with all events of an extractor of two days. The
time is measured from the append of its events to the log, which is when they are acknowledged, to
the moment that its case in the store has.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.page import publish, table

from ringfence.cases import open_store
from ringfence.cases.listing import list_cases
from ringfence.service.event_log import Batch, LogWriter
from ringfence.service.files import ServiceFolder, read_status
from ringfence.service.judge import JudgeOptions, run_judge
from ringfence.settings import Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import extractor, users

DAYS: Final = 28
BATCHES_PER_SECOND: Final = 10
SETTLED: Final = 10.0
PATIENCE: Final = 600.0
COLUMNS: Final = ("ts", "account", "item", "group", "surface", "client", "ip")

HEADER: Final = (
    *("users", "events per second", "extractors", "found", "others accused"),
    *("event to case, median s", "p99 s", "most s", "load of the machine"),
    *("folds per second", "judge, of a core", "examinations, of a core"),
    "CPU s of examinations per extractor",
)


def records(events: Columns) -> list[str]:
    """Return events as lines of JSON."""
    columns = [np.asarray(events[name]).astype(str).tolist() for name in COLUMNS]
    return [json.dumps(dict(zip(COLUMNS, row, strict=True))) for row in zip(*columns, strict=True)]


def batch(lines: list[str]) -> Batch:
    """Return lines as one batch."""
    return Batch("http", "", ("\n".join(lines) + "\n").encode())


def told(folder: ServiceFolder) -> dict[str, Any]:
    """Return the status of the judge."""
    return read_status(folder, "judge") or {}


def spent(process: int) -> float:
    """Return the processor seconds of a process."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def beside(process: int) -> float:
    """Return the processor seconds of the processes that a process has started."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    return sum(spent(int(one)) for one in children)


def fill(folder: ServiceFolder, accounts: int) -> None:
    """Write the log of four weeks."""
    lines = records(users(accounts, days=DAYS))
    with LogWriter(folder.log) as writer:
        for start in range(0, len(lines), 50_000):
            writer.append([batch(lines[start : start + 50_000])])


def use(folder: ServiceFolder, accounts: int, seconds: int, rate: int) -> dict[str, float]:
    """Append events at a steady rate; return the moment of each extractor's events."""
    rng = np.random.default_rng(5)
    later = np.timedelta64(DAYS * 24, "h")
    background = users(min(accounts, 1_000), days=1, seed=9)
    background["ts"] = background["ts"] + later
    lines = records(background)
    begun: dict[str, float] = {}
    with LogWriter(folder.log) as writer:
        clock = time.monotonic()
        for step in range(seconds * BATCHES_PER_SECOND):
            time.sleep(max(0.0, clock + step / BATCHES_PER_SECOND - time.monotonic()))
            chosen = rng.integers(0, len(lines), rate // BATCHES_PER_SECOND).tolist()
            writer.append([batch([lines[place] for place in chosen])])
            if step % BATCHES_PER_SECOND == 0:
                name = f"taker-{step // BATCHES_PER_SECOND}"
                taken = extractor(name, days=2, hours=24, per_hour=60)
                taken["ts"] = taken["ts"] + later
                writer.append([batch(records(taken))])
                begun[name] = time.time()
        time.sleep(SETTLED)
    return begun


def rows(accounts: int, seconds: int, rate: int) -> Iterator[tuple[str, ...]]:
    """Yield the one row of the table."""
    with tempfile.TemporaryDirectory() as name:
        folder = ServiceFolder(Path(name) / "live")
        folder.create()
        fill(folder, accounts)
        command = [sys.executable, "-m", "benchmarks.live_verdicts", "--judge", str(folder.root)]
        judge = subprocess.Popen(command)
        try:
            end = time.monotonic() + PATIENCE
            while not told(folder).get("last_scan") and time.monotonic() < end:
                time.sleep(0.5)
            time.sleep(SETTLED)
            before, clock = told(folder), time.monotonic()
            own, others = spent(judge.pid), beside(judge.pid)
            begun = use(folder, accounts, seconds, rate)
            took = time.monotonic() - clock
            own, others = spent(judge.pid) - own, beside(judge.pid) - others
            folds = told(folder)["folds"] - before["folds"]
            load = os.getloadavg()[0]
        finally:
            judge.terminate()
            judge.wait()
        with open_store(folder.cases) as store, store.reading() as connection:
            cases = {
                case.subject: case.opened / 1e6 for case in list_cases(connection, limit=100_000)
            }
    waited = [cases[one] - moment for one, moment in begun.items() if one in cases]
    spread = np.quantile(waited, [0.5, 0.99, 1.0]) if waited else np.full(3, np.nan)
    yield (
        *(f"{one:,}" for one in (accounts, rate, len(begun), len(waited))),
        f"{len(cases.keys() - begun.keys())}",
        *(f"{one:.1f}" for one in spread),
        f"{load:.0f}",
        f"{folds / took:.2f}",
        f"{own / took:.0%}",
        f"{others / took:.0%}",
        f"{others / max(len(begun), 1):.2f}",
    )


def main() -> None:
    """Measure, and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=4_000)
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--events", type=int, default=1_000, help="per second")
    parser.add_argument("--judge", type=Path, help="run the judge on this folder")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    if options.judge:
        run_judge(ServiceFolder(options.judge), Settings(), JudgeOptions(scan_seconds=1e9))
        return
    found = list(rows(options.accounts, options.seconds, options.events))
    publish("live_verdicts", table(HEADER, found), options.write)


if __name__ == "__main__":
    main()
