"""Small logs for the ledger's tests: clicks, their files, and what is read back."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from ringfence.engine import Engine
from ringfence.events import Source
from ringfence.ledger import FoldResult, Ledger, open_writable
from ringfence.settings import EngineSettings, Settings
from ringfence.stats.arrays import Columns
from ringfence.testing import write_events

SETTINGS = Settings(engine=EngineSettings(threads=1, memory_limit="512MB"))

MERGED = (
    "accounts", "items", "holdings", "hours", "failures", "listings", "large_answers", "traffic",
    "page_loads", "clients", "networks", "places", "surfaces", "devices", "payments", "signups",
)  # fmt: skip
"""The tables that must come out the same however the log was cut."""

Tables = dict[str, list[tuple[Any, ...]]]


class Click(NamedTuple):
    """One line of a log."""

    moment: int
    account: str
    item: str
    group: str | None = None
    ip: str | None = None
    client: str | None = None
    seconds: float | None = None
    surface: str | None = None
    device: str | None = None
    payment: str | None = None
    signed_up: str | None = None


def write(clicks: Sequence[Click], path: Path) -> Source:
    """Write clicks as csv or ndjson, as the file's name says."""
    names = ("ts", *Click._fields[1:])
    rows = [(f"{datetime.fromtimestamp(c.moment, UTC):%Y-%m-%dT%H:%M:%SZ}", *c[1:]) for c in clicks]
    with path.open("w", encoding="utf-8", newline="") as file:
        if path.suffix == ".csv":
            csv.writer(file).writerows([names, *rows])
        else:
            file.writelines(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    return Source(path, path.name)


def fold_all(ledger: Ledger, sources: Sequence[Source]) -> list[FoldResult]:
    """Fold sources and merge, as a scan does."""
    folded = [ledger.fold(source) for source in sources]
    ledger.compact()
    return folded


def tables(ledger: Ledger) -> Tables:
    """Return the sorted rows of every table that must not depend on the cuts."""
    return {name: sorted(ledger.engine.rows(f"SELECT * FROM {name}"), key=repr) for name in MERGED}


def folded_tables(sources: Sequence[Source], settings: Settings = SETTINGS) -> Tables:
    """Return what a fresh ledger holds after these sources."""
    ledger = open_writable(None, settings)
    try:
        fold_all(ledger, sources)
        return tables(ledger)
    finally:
        ledger.engine.close()


@contextmanager
def folded(folder: Path, *slices: Columns) -> Iterator[Engine]:
    """Fold each slice of events as one source, and merge."""
    ledger = open_writable(None, SETTINGS)
    with ledger.engine as engine:
        for number, events in enumerate(slices):
            path = write_events(folder / f"{number}.parquet", events)
            ledger.fold(Source(path, path.name))
        ledger.compact()
        yield engine
