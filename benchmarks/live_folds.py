"""Measure what the judge's folds cost in ledgers of several sizes, and over a simulated year.

    python -m benchmarks.live_folds [--holdings 0 1 10 50] [--year [--keep-days 90]]
        [--write docs/benchmarks.md]

The first table has the time of a fold of 1,000 and of 20,000 events, with the feed, in ledgers of
some million holdings. The second table follows a ledger through a year: each day has the same
number of folds and events, and rows are merged when the judge would merge them.
"""

from __future__ import annotations

import argparse
import itertools
import json
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.page import publish, table

from ringfence.engine import Engine
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.forgetting import forget_before
from ringfence.service.event_log import Batch, LogWriter
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import SegmentFolder
from ringfence.service.judge.options import record_settings
from ringfence.service.judge.upkeep import age_if_due, day_to_forget
from ringfence.settings import Settings

MILLION: Final = 1_000_000
ACCOUNTS: Final = 1_000_000
ITEMS: Final = 10_000_000
BATCHES: Final = (1_000, 20_000)
"""Events per fold."""

FOLDS: Final = 15
"""Folds that are measured of each size."""

BEGIN: Final = 1_735_689_600
"""2025-01-01. Events from the future would be put aside, so the year must have passed."""

DAYS: Final = 365
FOLDS_PER_DAY: Final = 4
EVENTS_PER_FOLD: Final = 2_000
LEAST_SOURCES_SIMULATED: Final = 100
"""A real day has thousands of folds, so the judge waits for more of them before it merges rows."""

MONTHS: Final = (1, 2, 3, 6, 9, 12)

HEADER: Final = (
    *("holdings, million", "events per fold", "median s", "worst s", "CPU s", "CPU µs per event"),
    "file MB",
)
YEAR_HEADER: Final = (
    *("month", "holdings, million", "CPU s of folds per day", "CPU s of merging per day"),
    *("worst fold s", "sources recorded", "file MB"),
)

FILL: Final = f"""
INSERT INTO aged_holdings
SELECT hash('u' || (i % {ACCOUNTS})), hash('i' || (i // {ACCOUNTS} * 7919 + i % 9973)), NULL,
  1780000000 + i // 1000, 1780000000 + i // 1000, 1
FROM range($begin, $end) AS numbers (i)
"""
FILL_ACCOUNTS: Final = f"""
INSERT INTO aged_accounts SELECT hash('u' || i), 'u' || i, FALSE FROM range({ACCOUNTS}) AS t (i)
"""


@dataclass
class Bench:
    """A service whose log is written and folded here.

    Args:
        folder: of the service.
        ledger: its open ledger.
    """

    folder: ServiceFolder
    ledger: Ledger
    _random: np.random.Generator
    _second: Iterator[int]
    _day: int = 0

    def fold(self, events: int) -> tuple[float, float]:
        """Write and fold events; return wall and processor seconds of the fold."""
        self._write(events)
        wall, cpu = time.perf_counter(), time.process_time()
        SegmentFolder(self.folder, self.ledger, print).fold_waiting()
        spent = time.perf_counter() - wall, time.process_time() - cpu
        for path in self.folder.feed.iterdir():
            path.unlink()
        return spent

    def _write(self, events: int) -> None:
        second = next(self._second)
        accounts = self._random.integers(0, ACCOUNTS, events)
        items = self._random.zipf(1.2, events) % ITEMS
        records = "".join(
            json.dumps(
                {
                    "ts": BEGIN + second + self._day * 86_400,
                    "account": f"u{account}",
                    "item": f"i{item}",
                    "ip": f"203.0.{account % 250}.7",
                    "client": "app/1.0",
                    "surface": "stream",
                }
            )
            + "\n"
            for account, item in zip(accounts.tolist(), items.tolist(), strict=True)
        )
        with LogWriter(self.folder.log) as writer:
            writer.append([Batch("events", "", records.encode())])

    def next_day(self) -> None:
        """Let the following events be those of the next day."""
        self._day += 1

    @property
    def megabytes(self) -> float:
        """Size of the ledger's file."""
        return self.folder.ledger.stat().st_size / MILLION


@contextmanager
def bench() -> Iterator[Bench]:
    """Provide a new service."""
    with tempfile.TemporaryDirectory() as name:
        folder = ServiceFolder(Path(name) / "live")
        folder.create()
        ledger = open_writable(folder.ledger, record_settings(Settings()))
        one = Bench(folder, ledger, np.random.default_rng(7), itertools.count(step=60))
        try:
            yield one
        finally:
            one.ledger.engine.close()


def fill(engine: Engine, begin: int, end: int) -> None:
    """Add merged holdings of a million accounts."""
    if begin == 0 < end:
        engine.run(FILL_ACCOUNTS)
    engine.run(FILL, {"begin": begin, "end": end})
    engine.run("CHECKPOINT")


def by_size(sizes: Sequence[int]) -> Iterator[tuple[str, ...]]:
    """Yield a row for each size of the ledger and of the fold."""
    with bench() as one:
        before = 0
        for size in sizes:
            fill(one.ledger.engine, before * MILLION, size * MILLION)
            before = size
            for events in BATCHES:
                one.fold(events)
                spent = [one.fold(events) for _ in range(FOLDS)]
                wall = [wall for wall, _ in spent]
                cpu = statistics.median(cpu for _, cpu in spent)
                row = (
                    f"{size:,}",
                    f"{events:,}",
                    f"{statistics.median(wall):.2f}",
                    f"{max(wall):.2f}",
                    f"{cpu:.2f}",
                    f"{cpu / events * MILLION:.0f}",
                    f"{one.megabytes:,.0f}",
                )
                print(*row, sep="\t", flush=True)
                yield row


def forget(one: Bench, keep_days: int) -> float:
    """Forget what is old, if enough of it is, and return the processor seconds."""
    began = time.process_time()
    day = day_to_forget(one.ledger, keep_days, time.time())
    if day is not None:
        one.ledger.engine.close()
        settings = record_settings(Settings())
        forget_before(one.folder.ledger, day, settings)
        one.ledger = open_writable(one.folder.ledger, settings)
    return time.process_time() - began


def over_a_year(keep_days: int) -> Iterator[tuple[str, ...]]:
    """Yield a row for some months of a year."""
    with bench() as one:
        folds = merging = worst = 0.0
        days = 0
        for day in range(1, DAYS + 1):
            for _ in range(FOLDS_PER_DAY):
                wall, cpu = one.fold(EVENTS_PER_FOLD)
                folds += cpu
                worst = max(worst, wall)
            began = time.process_time()
            age_if_due(one.ledger, LEAST_SOURCES_SIMULATED)
            merging += time.process_time() - began
            merging += forget(one, keep_days)
            one.next_day()
            days += 1
            month, rest = divmod(day, 30)
            if rest == 0 and month in MONTHS:
                sources, appended, merged = one.ledger.appended_rows()
                recorded = one.ledger.engine.rows("SELECT count(*) FROM sources")[0][0]
                row = (
                    f"{month}",
                    f"{(appended + merged) / MILLION:.1f}",
                    f"{folds / days:.1f}",
                    f"{merging / days:.2f}",
                    f"{worst:.2f}",
                    f"{max(recorded, sources):,}",
                    f"{one.megabytes:,.0f}",
                )
                print(*row, sep="\t", flush=True)
                yield row
                folds = merging = worst = 0.0
                days = 0


def main() -> None:
    """Measure, and publish the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--holdings", type=int, nargs="*", default=[0, 1, 10, 50], help="millions")
    parser.add_argument("--year", action="store_true", help="measure a simulated year as well")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the tables in")
    parser.add_argument(
        "--keep-days", type=int, default=0, help="measure only a year that keeps this many days"
    )
    options = parser.parse_args()
    if options.keep_days:
        year = over_a_year(options.keep_days)
        print(*YEAR_HEADER, sep="\t")
        kept = f"Holdings are forgotten {options.keep_days} days after their last use."
        publish("live_folds_kept", f"{table(YEAR_HEADER, list(year))}\n\n{kept}", options.write)
        return
    print(*HEADER, sep="\t")
    text = table(HEADER, list(by_size(options.holdings)))
    if options.year:
        print(*YEAR_HEADER, sep="\t")
        text += "\n" + table(YEAR_HEADER, list(over_a_year(0)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"peak memory {peak:,.0f} MB")
    publish("live_folds", text, options.write)


if __name__ == "__main__":
    main()
