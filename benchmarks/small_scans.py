"""Measure where the processor time of scans of small populations goes.

    python -m benchmarks.small_scans [--scenario NAME ...] [--write docs/benchmarks.md]

Each scenario is written as several Parquet files. Then the public
path scans it with default settings, in a process of its own, and writes nothing. Processor time of
all threads is counted by step. Starting Python and loading the modules is not counted.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table

import ringfence
from ringfence.lab.simulate import load_scenario, write_scenario
from ringfence.progress import Progress

SCENARIOS: Final = ("honest-class", "honest-sync", "crawl-800x15", "stolen-nights-40")
"""Permanent scenarios: readers of texts, listeners with copies, visitors by address, and stolen
logins."""

STEPS: Final = ("reading", "evidence", "looking for rings")
"""Beginnings of the names of the steps that have a column."""

HEADER: Final = (
    "scenario", "accounts", "events", "files", "CPU s", *STEPS, "other steps", "findings",
)  # fmt: skip

Row = dict[str, float]


class _Steps(Progress):
    """Adds up the processor time of the steps of a scan, by the beginning of their names."""

    def __init__(self) -> None:
        self.cost = dict.fromkeys(STEPS, 0.0)
        self._name = ""
        self._began = time.process_time()

    def step(self, name: str) -> None:
        """End the step before, and start the next one."""
        now = time.process_time()
        for beginning in STEPS:
            if self._name.startswith(beginning):
                self.cost[beginning] += now - self._began
        self._name, self._began = name, now

    def end(self) -> None:
        """End the last step."""
        self.step("")


def measure(scenario: str) -> Row:
    """Write a scenario, scan it, and return the processor time of each step."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_scenario(load_scenario(scenario), folder, processes=1)
        files = sorted((folder / "events").glob("*.parquet"))
        steps, began = _Steps(), time.process_time()
        result = ringfence.scan(*files, progress=steps)
        cpu = time.process_time() - began
    counts = {name: result.counts[name] for name in ("accounts", "lines")}
    return counts | steps.cost | {"files": len(files), "cpu": cpu, "findings": len(result.findings)}


def measured_apart(scenario: str) -> Row:
    """Measure a scenario in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.small_scans", "--measure", scenario]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    row: Row = json.loads(done.stdout)
    return row


def cells(scenario: str, row: Row) -> list[str]:
    """Return the row of a scenario in the table."""
    steps = [row[step] for step in STEPS]
    return [
        f"`{scenario}`",
        *(f"{row[name]:,.0f}" for name in ("accounts", "lines", "files")),
        *(f"{value:.1f}" for value in (row["cpu"], *steps, row["cpu"] - sum(steps))),
        f"{row['findings']:,.0f}",
    ]


def main() -> None:
    """Measure all scenarios and publish the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenario", nargs="+", choices=SCENARIOS, default=SCENARIOS)
    parser.add_argument("--measure", choices=SCENARIOS, help="measure one scenario here, as JSON")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure)))
        return
    rows = [cells(name, measured_apart(name)) for name in options.scenario]
    publish("small_scans", table(HEADER, rows), options.write)


if __name__ == "__main__":
    main()
