"""Measure how fast a scenario is written, and the memory it takes.

``python -m benchmarks.speed_simulate`` writes a scenario of 20 million events, or of the sizes
given with ``--events``. The targets are two million events per second of wall time on two cores,
and memory that does not grow with the number of events.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

from benchmarks.measure import Cost, ringfence_command, run
from benchmarks.page import publish, table

EVENTS_PER_DAY = 80
"""Events of a user per day, about."""
DAYS = 20


def main() -> None:
    """Measure every size, print the table, and write it where asked."""
    options = _options()
    rows = [_row(*_simulate(events)) for events in options.events]
    header = ("events", "wall s", "CPU s", "million events per wall second",
              "peak MB of the largest process", "bytes per event")  # fmt: skip
    targets = "Targets: ≥ 2 million events per second on two cores, memory the same at every size."
    publish("speed_simulate", f"{table(header, rows)}\n\n{targets}", options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=[20_000_000],
                        help="sizes to measure, about")  # fmt: skip
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _simulate(events: int) -> tuple[int, int, Cost]:
    """Write a scenario of about this number of events; return its events, bytes and cost."""
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        scenario, out, log = folder / "speed.toml", folder / "out", folder / "ringfence.txt"
        scenario.write_text(
            f"days = {DAYS}\n[catalogue]\nitems = 2000000\n"
            f"[users]\naccounts = {events // (EVENTS_PER_DAY * DAYS)}\n"
        )
        cost = run([command, "simulate", str(scenario), "--out", str(out), "--json"], log)
        written = json.loads(log.read_text(encoding="utf-8"))["events"]
        size = sum(path.stat().st_size for path in (out / "events").iterdir())
    return written, size, cost


def _row(events: int, size: int, cost: Cost) -> tuple[str, ...]:
    return (f"{events:,}", f"{cost.wall:,.1f}", f"{cost.cpu:,.1f}",
            f"{events / cost.wall / 1e6:.2f}", f"{cost.peak / 1e6:,.0f}",
            f"{size / events:.1f}")  # fmt: skip


if __name__ == "__main__":
    main()
