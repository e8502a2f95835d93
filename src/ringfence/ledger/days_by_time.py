"""Show a ledger as it was at the end of each past day, by the times in its rows.

The live service merges its sources, so :mod:`ringfence.ledger.past_days` cannot tell them apart.
The times in the rows tell most of it. Exact are the accounts, the items that each had taken, when
it took them first, and its uses by hour. Three things are not known any more:

- Uses of an item after its first one are spread evenly up to the last one.
- Clients, networks, devices, payments, traffic, page loads and parts of the surface are those of
  now.
- Forgotten rows are missing on all days.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from ringfence.engine import Engine
from ringfence.errors import LedgerError
from ringfence.ledger.ledger import Ledger, open_writable
from ringfence.ledger.reader import LedgerReader, open_ledger
from ringfence.ledger.tables import SLICED
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY, HOUR

_USED_DAYS: Final = """
SELECT DISTINCT CAST(hour // 24 AS BIGINT) AS day FROM hours ORDER BY day
"""

_HOLDINGS: Final = """
SELECT account_key, item_key, group_key, first,
  CAST(least(last, $end - 1) AS UINTEGER) AS last,
  CAST(CASE
    WHEN last < $end THEN uses
    ELSE greatest(1, floor(uses * ($end - CAST(first AS BIGINT))
      / CAST(CAST(last AS BIGINT) - first + 1 AS DOUBLE)))
  END AS UINTEGER) AS uses
FROM holdings
WHERE first < $end
"""

_ITEMS: Final = """
SELECT * FROM items WHERE item_key IN (SELECT item_key FROM holdings WHERE first < $end)
"""

_HOURS: Final = "SELECT * FROM hours WHERE hour < $hour"
_FAILURES: Final = "SELECT * FROM failures WHERE hour < $hour"
_PLACES: Final = "SELECT * FROM places WHERE day < $hour // 24"

_LISTINGS: Final = "SELECT * FROM listings WHERE hour < $hour"
_LARGE_ANSWERS: Final = "SELECT * FROM large_answers WHERE first < $end"

_OF_ACCOUNTS: Final = """
SELECT * FROM {table}
WHERE account_key IN (
  SELECT account_key FROM holdings WHERE first < $end
  UNION SELECT account_key FROM listings WHERE walked > 0 AND hour < $hour)
"""

_DATED: Final = {
    "holdings": _HOLDINGS, "items": _ITEMS, "hours": _HOURS, "failures": _FAILURES,
    "listings": _LISTINGS, "large_answers": _LARGE_ANSWERS, "places": _PLACES,
}  # fmt: skip

_BEGINNING: Final = date(1970, 1, 1)


def days_by_time(path: Path, settings: Settings, last: int) -> Iterator[tuple[date, Ledger]]:
    """Yield each day with a use, and the ledger at the end of that day, in memory.

    A ledger is closed when the next day is asked for.

    Args:
        path: the ledger file. It is not changed.
        settings: of the scans.
        last: number of days, up to the last one of the ledger.

    Raises:
        LedgerError: the file is not a ledger, or nothing was used yet.
    """
    with open_ledger(path, settings) as reader:
        days = [int(row[0]) for row in reader.sql(_USED_DAYS).rows()]
        if not days:
            raise LedgerError(
                "has no use yet", where=str(path), hint="wait until events have been folded"
            )
        for day in (one for one in days if one > days[-1] - last):
            book = open_writable(None, settings)
            with closing(book.engine):
                _copy_day(reader, book.engine, (day + 1) * DAY)
                book.compact(age_all=True)
                yield _BEGINNING + timedelta(days=day), book


def _copy_day(reader: LedgerReader, engine: Engine, end: int) -> None:
    """Copy what was known at a moment, in seconds since 1970."""
    engine.run("DELETE FROM facts")
    for name in ("facts", "rings", "sources", "source_facts"):
        _insert(reader, engine, name, f"SELECT * FROM {name}")  # noqa: S608 - own names
    for name in SLICED:
        select = _DATED.get(name, _OF_ACCOUNTS.format(table=name))
        _insert(reader, engine, f"aged_{name}", select, end)


def _insert(
    reader: LedgerReader, engine: Engine, table: str, select: str, end: int | None = None
) -> None:
    values = {"end": end, "hour": (end or 0) // HOUR}
    used = {name: value for name, value in values.items() if f"${name}" in select}
    engine.arrow_table("copied_rows", reader.sql(select, used))
    engine.run(f"INSERT INTO {table} BY NAME FROM copied_rows")
    engine.run("DROP TABLE copied_rows")
