"""Measure the speed of a scan of Parquet files, and whether time is linear in events.

``python -m benchmarks.speed_parquet`` scans 10, 30 and 100 million events of simulated users over
90 days, one account per 765 events. The targets at 100 million events are three million events per
second of wall time on two cores, and memory under 3 GB at any size. The time per event should not
grow with the number of events.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from benchmarks.inputs import events_table
from benchmarks.measure import Cost, ringfence_command, run
from benchmarks.page import publish, table

SIZES = (10_000_000, 30_000_000, 100_000_000)


def main() -> None:
    """Measure every size, and publish the table."""
    options = _options()
    costs = {events: _scan(events) for events in options.events}
    header = ("events", "wall s", "CPU s", "million events per wall second", "peak MB",
              "time per event, smallest size = 1")  # fmt: skip
    smallest = min(costs)
    unit = costs[smallest].wall / smallest
    rows = [_row(events, cost, unit) for events, cost in sorted(costs.items())]
    targets = "Targets: ≥ 3 at 100 million events, < 3,000 MB, about 1 at every size."
    publish("speed_parquet", f"{table(header, rows)}\n\n{targets}", options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES, help="sizes to measure")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _scan(events: int) -> Cost:
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    source = events_table(events)
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        arguments = [command, "scan", str(source), "--out", str(out), "--json"]
        return run(arguments, Path(folder) / "ringfence.txt")


def _row(events: int, cost: Cost, unit: float) -> tuple[str, ...]:
    speed = events / cost.wall
    return (f"{events:,}", f"{cost.wall:,.1f}", f"{cost.cpu:,.1f}", f"{speed / 1e6:.2f}",
            f"{cost.peak / 1e6:,.0f}", f"{1 / speed / unit:.2f}")  # fmt: skip


if __name__ == "__main__":
    main()
