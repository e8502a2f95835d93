"""Measure the memory of a scan of very many accounts and clients.

Run it with ``python -m benchmarks.many_accounts``. The hardest case for the tables by account:
about five events per account, and a client string of its own in half of the events. Each size is
scanned with default settings in a process of its own.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from typing import Final

import duckdb
from benchmarks.measure import ringfence_command, run
from benchmarks.page import publish, table

SIZES: Final = (1_000_000, 2_500_000, 5_000_000, 10_000_000)
"""Events of each log."""

ACCOUNTS_PER_EVENT: Final = 0.19
CLIENTS_PER_EVENT: Final = 0.64
ITEMS: Final = 300_000

EVENTS: Final = """
COPY (
  SELECT make_timestamp(1772438400000000 + n * (2592000000000 // $events)) AS ts,
    'u' || CASE WHEN n < $accounts THEN n
      ELSE CAST(floor(pow(random(), 3) * $accounts) AS BIGINT) END AS account,
    'item' || CAST(floor(pow(random(), 2) * $items) AS BIGINT) AS item,
    concat(n * 7919 % 223 + 1, '.', n // 223 % 256, '.', n * 31 % 256, '.7') AS ip,
    concat('Mozilla/5.0 (iPhone; CPU iPhone OS 17_3 like Mac OS X) AppleWebKit/605.1.15 App/',
      CAST(floor(random() * $clients) AS BIGINT)) AS client
  FROM range($events) AS r(n)
) TO '{path}' (FORMAT parquet)
"""
"""Every account has one event; the others are spread unevenly."""


def main() -> None:
    """Measure each size, print the table, and write it where asked."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row(Path(folder), events) for events in options.events]
    header = ("events", "accounts", "clients", "wall s", "CPU s", "peak GB")
    publish("many_accounts", table(header, rows), options.write)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, nargs="+", default=SIZES, help="events of each log")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    return parser.parse_args()


def _row(folder: Path, events: int) -> tuple[str, ...]:
    log = folder / f"{events}.parquet"
    accounts, clients = _write(log, events)
    command = ringfence_command()
    if command is None:
        raise SystemExit("ringfence is not installed here (pip install -e .)")
    # The log is not plausible: it is made to be large, not to be like anybody's.
    scan = [command, "scan", str(log), "--out", str(folder / "out"), "--force", "--json"]
    cost = run(scan, folder / "output.txt")
    log.unlink()
    print(f"{events:,} events: {cost.wall:,.0f} s, {cost.peak / 1e9:.2f} GB", file=sys.stderr)
    return (f"{events:,}", f"{accounts:,}", f"{clients:,}", f"{cost.wall:,.0f}",
            f"{cost.cpu:,.0f}", f"{cost.peak / 1e9:.1f}")  # fmt: skip


def _write(log: Path, events: int) -> tuple[int, int]:
    """Write the log; return how many accounts and clients it has."""
    sizes = {
        "events": events,
        "accounts": int(events * ACCOUNTS_PER_EVENT),
        "clients": int(events * CLIENTS_PER_EVENT),
        "items": ITEMS,
    }
    with duckdb.connect(config={"memory_limit": "2GB", "threads": "1"}) as database:
        database.execute("SELECT setseed(0.3)")
        database.execute(EVENTS.format(path=log), sizes)
        counts = "SELECT count(DISTINCT account), count(DISTINCT client) FROM read_parquet($path)"
        found = database.execute(counts, {"path": str(log)}).fetchone()
    return found or (0, 0)


if __name__ == "__main__":
    main()
