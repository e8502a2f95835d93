"""Reading a source as a scan does: the fast path, what it rejected, and the bad lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ringfence.engine import Engine, open_engine
from ringfence.events import EVENT_COLUMNS, Quarantine, Reading, Source, open_source
from ringfence.settings import EngineSettings, Settings


@dataclass
class Outcome:
    """All that came out of one source."""

    reading: Reading
    events: list[dict[str, Any]]
    quarantined: list[dict[str, Any]]
    counts: dict[str, int]

    @property
    def takes(self) -> list[dict[str, Any]]:
        """Events that are takes, in time order."""
        return sorted(
            (e for e in self.events if e["outcome"] is None),
            key=lambda e: (e["ts"], e["account"], e["item"]),
        )

    @property
    def outcomes(self) -> list[str]:
        """Why the other events are none, sorted."""
        return sorted(e["outcome"] for e in self.events if e["outcome"])


Read = Callable[..., Outcome]


@pytest.fixture
def engine() -> Iterator[Engine]:
    """An engine of one thread."""
    with open_engine(EngineSettings(threads=1)) as one:
        yield one


@pytest.fixture
def read(engine: Engine, tmp_path: Path) -> Read:
    """Read bytes or a file completely."""

    def run(
        content: bytes | Path, settings: Settings | None = None, name: str = "access.log"
    ) -> Outcome:
        path = content if isinstance(content, Path) else tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        return read_all(engine, path, settings or Settings())

    return run


def read_all(engine: Engine, path: Path, settings: Settings) -> Outcome:
    """Open, read, recover, look for bad lines: as a scan does."""
    quarantine = Quarantine(engine.scratch)
    reading = open_source(engine, Source(path, path.name), settings, quarantine)
    columns = ", ".join(f'"{c}"' for c in EVENT_COLUMNS)
    first = (f"CREATE OR REPLACE TEMP TABLE read_events AS SELECT {columns} FROM events",)
    more = f"INSERT INTO read_events SELECT {columns} FROM events"
    reading.load(engine, first, more, "SELECT outcome, count(*) FROM read_events GROUP BY outcome")
    rows = engine.rows("SELECT * FROM read_events")
    records = [one._asdict() for batch in quarantine.batches() for one in batch]
    events = [dict(zip(EVENT_COLUMNS, row, strict=True)) for row in rows]
    return Outcome(reading, events, records, dict(quarantine.counts))
