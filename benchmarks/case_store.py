"""Measure a large case store: the page of waiting cases, and one account's cases.

    python -m benchmarks.case_store [--cases 100000] [--postgresql URL] [--write docs/benchmarks.md]

Without ``--postgresql``, only SQLite is measured. The database behind the URL must be empty. The
cases are opened by the same function that a scan calls. A tenth of them is decided, and a twentieth
is about rings of ten accounts.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from benchmarks.page import publish, table

from ringfence.cases import Act, Author, CaseStore, Ruling, decide, faults, open_store, record
from ringfence.cases.listing import list_cases
from ringfence.cases.moments import now
from ringfence.model.evidence import Evidence
from ringfence.model.finding import Coverage, Finding

BEGIN: Final = datetime(2026, 1, 1, tzinfo=UTC)
AT_ONCE: Final = 1_000
TIMES: Final = 50
"""Number of times that a query is timed. The table has the median and the slowest."""


def found(number: int) -> Finding:
    """Return a finding; every twentieth is about a ring of ten accounts."""
    ring = number % 20 == 0
    name = f"ring-{number}" if ring else f"user-{number}"
    accounts = tuple(f"user-{number}-{n}" for n in range(10)) if ring else (name,)
    return Finding(
        kind="ring" if ring else "account", id=name, accounts=accounts, verdict="extracting",
        p_value=1e-9, expected_false=1e-6, items=5_000, uses=5_100,
        coverage=Coverage(0.1, 0.2), first=BEGIN, last=BEGIN + timedelta(days=30),
        action="suspend",
        evidence=tuple(
            Evidence(name, 900.0, 90.0, 1e-9, "Took 900 new items on its busiest day. " * 3)
            for name in ("volume", "novelty", "pace", "speed", "bursts")
        ),
    )  # fmt: skip


def fill(store: CaseStore, cases: int) -> None:
    """Open cases, and decide about every tenth."""
    moment = now()
    for start in range(0, cases, AT_ONCE):
        findings = [found(number) for number in range(start, min(start + AT_ONCE, cases))]
        with store.writing() as connection:
            known = record(connection, findings, moment + start)
            for status in known[::10]:
                ruling = Ruling("suspend", "5,000 items in a month", "5.2", shadow=False)
                decide(connection, status.case, ruling, Act(Author("ana"), moment + start))


def timed(store: CaseStore, ask: Callable[..., object]) -> tuple[float, float]:
    """Return the median and the longest time of a question, in milliseconds."""
    took = []
    for _ in range(TIMES):
        with store.reading() as connection:
            began = time.perf_counter()
            ask(connection)
            took.append(1_000 * (time.perf_counter() - began))
    return statistics.median(took), max(took)


def measured(url: str, database: str, cases: int) -> Iterator[tuple[str, ...]]:
    """Yield one row per question."""
    with open_store(url) as store:
        began = time.perf_counter()
        fill(store, cases)
        filled = time.perf_counter() - began
        yield database, f"open {cases:,} cases", f"{1_000 * filled / cases:.2f} per case", ""
        with store.reading() as connection:
            middle = list_cases(connection, limit=10_000)[-1]
        after = (middle.changed, middle.id)
        asked = {
            "the first page of waiting cases": list_cases,
            "the page behind 10,000 cases": lambda c: list_cases(c, after=after),
            "the cases about one account": lambda c: list_cases(c, account="user-51"),
            "the cases about one member of a ring": lambda c: list_cases(c, account="user-40-3"),
        }
        for name, ask in asked.items():
            median, longest = timed(store, ask)
            yield database, name, f"{median:.2f}", f"{longest:.2f}"
        began = time.perf_counter()
        with store.reading() as connection:
            wrong = list(faults(connection))
        seconds = time.perf_counter() - began
        yield database, f"verify the audit ({len(wrong)} faults)", f"{1_000 * seconds:,.0f}", ""


def main() -> None:
    """Measure, and print the table or write it into a page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--postgresql", metavar="URL", help="address of an empty database")
    parser.add_argument("--write", type=Path, metavar="FILE", help="page to put the table in")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = list(measured(str(Path(folder, "cases.sqlite")), "SQLite", options.cases))
    if options.postgresql:
        rows += measured(options.postgresql, "PostgreSQL", options.cases)
    header = ("database", "question", "median, ms", "longest, ms")
    shown = f"{table(header, rows)}\n\nTargets: a page in under 50 ms."
    publish("case_store", shown, options.write)


if __name__ == "__main__":
    main()
