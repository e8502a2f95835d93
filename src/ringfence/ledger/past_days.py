"""Show a ledger as it was at the end of each past day.

A ledger keeps the rows of recent sources apart. So the state after any of these sources can be
shown again, exactly, in a copy in memory. A source counts on the day of its last event: a scan
could not have read it before. The rows of older sources are merged and are there from the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.errors import LedgerError
from ringfence.ledger.ledger import Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, open_ledger
from ringfence.ledger.tables import SLICED
from ringfence.settings import Settings

_LAST_DAYS: Final = """
SELECT source, CAST(max(last) // 86400 AS BIGINT) AS day
FROM recent_holdings GROUP BY source ORDER BY source
"""

_BEGINNING: Final = date(1970, 1, 1)


def past_days(path: Path, settings: Settings, last: int) -> Iterator[tuple[date, Ledger]]:
    """Yield each day with its last events in a source, and the ledger at the end of that day.

    The ledger is one copy in memory that grows from day to day.

    Args:
        path: the ledger file. It is not changed.
        settings: of the scans.
        last: number of days, up to the last one of the ledger.

    Raises:
        LedgerError: the file is not a ledger, or keeps no source with events apart.
    """
    with open_ledger(path, settings) as reader:
        days = dict(reader.sql(_LAST_DAYS).rows())
        if not days:
            raise LedgerError(
                "keeps no sources apart, so its past is not known",
                where=str(path),
                hint="scan one source per day, and see ledger.recent_sources",
            )
        first = max(days.values()) - last + 1
        book = open_writable(None, settings)
        with closing(book.engine):
            _copy_beginning(reader, book.engine)
            _add(reader, book.engine, [one for one, day in days.items() if day < first])
            for day in sorted({day for day in days.values() if day >= first}):
                _add(reader, book.engine, [one for one, end in days.items() if end == day])
                book.compact(age_all=True)
                yield _BEGINNING + timedelta(days=day), book


def end_of(day: date) -> datetime:
    """Return the end of a day, UTC."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)


def _copy_beginning(reader: LedgerReader, engine: Engine) -> None:
    """Copy everything that belongs to no recent source."""
    engine.run("DELETE FROM facts")
    for name in ("facts", "rings"):
        _copy(reader, engine, name, f"FROM {name}")
    for name in SLICED:
        _copy(reader, engine, f"aged_{name}", f"FROM aged_{name}")


def _add(reader: LedgerReader, engine: Engine, sources: Sequence[int]) -> None:
    """Copy sources with all that belongs to them."""
    if not sources:
        return
    listed = ", ".join(map(str, sources))
    _copy(reader, engine, "sources", f"FROM sources WHERE id IN ({listed})")
    for name in ("source_facts", *(f"recent_{name}" for name in SLICED)):
        _copy(reader, engine, name, f"FROM {name} WHERE source IN ({listed})")


def _copy(reader: LedgerReader, engine: Engine, table: str, select: str) -> None:
    engine.arrow_table("copied_rows", reader.sql(select))
    engine.run(f"INSERT INTO {table} BY NAME FROM copied_rows")
    engine.run("DROP TABLE copied_rows")
