"""Measure what bouncers ask: the decisions on one account, and the stream of a million of them.

    python -m benchmarks.decision_stream [--decisions 1_000_000] [--write docs/benchmarks.md]

Fills a store in SQLite, and one in Debian's PostgreSQL, with open decisions about one account each.
A tenth of the accounts are addresses. Then a new process looks accounts up, reads the full stream,
and reads the stream of the last changes. Its peak memory is measured at the end.
"""

from __future__ import annotations

import argparse
import multiprocessing
import resource
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table
from sqlalchemy import Connection, text
from tests.cases.postgresql import server

from ringfence.cases import open_store
from ringfence.cases.moments import now
from ringfence.enforcement.decision_stream import decision_stream, decisions_on

CHANGES: Final = 100
"""Changes since the last stream."""

LOOK_UPS: Final = 2_000
"""Accounts that are looked up; the median counts."""

HEADER: Final = [
    *("database", "open decisions", "look-up, ms", "full stream, s", "CPU s", "its size, MB"),
    *(f"stream of {CHANGES} changes, ms", "peak MB", "MB before"),
]

NUMBERS: Final = (
    "WITH RECURSIVE numbers(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM numbers WHERE i < {count}) "
)
NAME: Final = (
    "CASE WHEN i % 10 = 0 THEN '10.' || (i / 65536) || '.' || (i / 256 % 256) || '.' || (i % 256) "
    "ELSE 'user' || i END"
)
EFFECT: Final = "CASE i % 3 WHEN 0 THEN 'throttle' WHEN 1 THEN 'challenge' ELSE 'suspend' END"
FILLING: Final = (
    ("cases", {
        "id": "i", "kind": "'account'", "subject": NAME, "state": "'decided'", "version": "1",
        "verdict": "'extracting'", "action": "'suspend'", "items": "1000", "accounts": "1",
        "first": "0", "last": "0", "opened": "0", "seen": "0", "changed": "0", "finding": "'{}'",
        "baseline": "'{}'", "report": "''",
    }),
    ("decisions", {
        "id": "i", "case_id": "i", "action": EFFECT, "reason": "'too many items'",
        "ground": "'terms 5.2'", "facts": "'{}'", "report": "''", "found_by_machine": "TRUE",
        "decided_by_machine": "FALSE", "shadow": "FALSE", "author": "'ana'", "made": "0",
        "start": "0",
    }),
    ("effects", {"account": NAME, "decision_id": "i", "effect": EFFECT}),
    ("outbox", {
        "account": NAME, "effect": EFFECT, "decision_id": "i", "key": "'key' || i", "made": "0",
        "ground": "'terms 5.2'",
    }),
)  # fmt: skip
"""The columns of each table that is filled, as expressions of the number ``i`` of a row."""


def _fill(url: str, count: int) -> None:
    with open_store(url) as store, store.writing() as connection:
        for name, columns in FILLING:
            listed = ", ".join(f'"{column}"' for column in columns)
            values = ", ".join(columns.values())
            numbers = NUMBERS.format(count=count)
            select = f"SELECT {values} FROM numbers"
            if connection.dialect.name == "sqlite":
                statement = f"INSERT INTO {name} ({listed}) {numbers}{select}"
            else:
                statement = f"{numbers}INSERT INTO {name} ({listed}) {select}"
            connection.execute(text(statement))
        connection.execute(text("ANALYZE"))


def _measure(url: str, count: int) -> list[str]:
    """Return the numbers of a row of the table; runs in a process of its own."""
    with open_store(url) as store:
        before = _peak()
        moment = now()
        with store.reading() as connection:
            look_up = _look_up(connection, count, moment)
            began, busy = time.perf_counter(), time.process_time()
            size = sum(len(piece) for piece in decision_stream(connection, None, moment).pieces)
            full, busy = time.perf_counter() - began, time.process_time() - busy
            began = time.perf_counter()
            changes = decision_stream(connection, count - CHANGES, moment)
            told = "".join(changes.pieces).count('"id"')
            incremental = time.perf_counter() - began
    if told != CHANGES:
        raise SystemExit(f"{told} changes were told instead of {CHANGES}")
    return [
        f"{count:,}", f"{look_up * 1e3:.2f}", f"{full:.1f}", f"{busy:.1f}", f"{size / 1e6:,.0f}",
        f"{incremental * 1e3:.1f}", f"{_peak():,.0f}", f"{before:,.0f}",
    ]  # fmt: skip


def _look_up(connection: Connection, count: int, moment: int) -> float:
    """Return the median time of a look-up, seconds."""
    times = []
    for number in range(1, count, max(1, count // LOOK_UPS)):
        began = time.perf_counter()
        decisions_on(connection, "username", f"user{number}", moment)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def _row(name: str, url: str, count: int) -> list[str]:
    _fill(url, count)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as process:
        return [name, *process.submit(_measure, url, count).result()]


def main() -> None:
    """Measure, print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--decisions", type=int, default=1_000_000)
    parser.add_argument("--write", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [_row("SQLite", str(Path(folder) / "cases.sqlite"), options.decisions)]
    with server() as url:
        rows.append(_row("PostgreSQL", url, options.decisions))
    targets = "Targets: a look-up in under 1 ms, the full stream in seconds, changes in ms."
    publish("decision_stream", f"{table(HEADER, rows)}\n\n{targets}", options.write)


if __name__ == "__main__":
    main()
