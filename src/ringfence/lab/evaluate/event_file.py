"""Copy the takes of any readable source into one Parquet file, in the order of time."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.engine import Engine, identifier
from ringfence.errors import SourceError
from ringfence.events import Quarantine, errors_named, find_sources, open_source
from ringfence.evidence.reference_distributions import Kind
from ringfence.pipeline.context import reference_kind
from ringfence.settings import Settings

OPTIONAL_COLUMNS: Final = (
    "group", "surface", "ip", "client", "seconds", "device", "payment", "signed_up",
)  # fmt: skip
"""Columns that events may have beyond ts, account and item. Bytes are not copied, because they are
not evidence."""

SCENARIO_COLUMNS: Final = (
    *OPTIONAL_COLUMNS, "status", "bytes", "records", "referrer", "assets",
)  # fmt: skip
"""Columns of a scenario's own files, which are not copied."""

_EMPTY: Final = """
CREATE OR REPLACE TEMP TABLE takes (ts TIMESTAMP, account VARCHAR, item VARCHAR, "group" VARCHAR,
  surface VARCHAR, ip VARCHAR, client VARCHAR, seconds DOUBLE, device VARCHAR, payment VARCHAR,
  signed_up TIMESTAMP)
"""

_COLUMNS: Final = (
    'ts, account, item, "group", surface, ip, client, seconds, device, payment, signed_up'
)

_COPY: Final = f"""
CREATE OR REPLACE TEMP TABLE copied AS SELECT {_COLUMNS}, outcome FROM events
"""  # noqa: S608 - own columns

_COPY_MORE: Final = f"INSERT INTO copied SELECT {_COLUMNS}, outcome FROM events"  # noqa: S608

_COPIED: Final = "SELECT outcome, count(*) FROM copied GROUP BY outcome"

_APPEND: Final = f"""
INSERT INTO takes SELECT {_COLUMNS} FROM copied WHERE outcome IS NULL
"""  # noqa: S608 - own columns

_SPLIT_INTO_MONTHS: Final = """
CREATE OR REPLACE TEMP TABLE takes AS
WITH begins AS (
  SELECT account, date_trunc('day', min(ts)) AS midnight FROM takes GROUP BY account
),
aged AS (
  SELECT t.*, CAST(epoch(t.ts) - epoch(b.midnight) AS BIGINT) AS age
  FROM takes AS t
  JOIN begins AS b ON b.account = t.account
)
SELECT make_timestamp(
    (epoch_us((SELECT max(midnight) FROM begins))) + 1000000 * (age % 2592000)) AS ts,
  account || '/' || (age // 2592000 + 1) AS account, item, "group", surface, ip, client, seconds,
  device, payment, signed_up
FROM aged
"""
"""Accounts of 30 days (2,592,000 seconds) each, all within the same 30 days."""


def copy_events(
    engine: Engine, name: str, settings: Settings, target: Path, *, months: bool
) -> tuple[tuple[str, ...], Kind]:
    """Write all takes of a source to one Parquet file, sorted by time.

    Args:
        engine: reads and sorts.
        name: a file, glob or folder.
        settings: how to read it.
        target: the file to write.
        months: split each account into accounts of 30 days.

    Returns:
        The optional columns of the file, and the kind of users that the source calls for.

    Raises:
        SourceError: the source cannot be read, or contains no takes.
    """
    quarantine = Quarantine(engine.scratch)
    found: set[str] = set()
    presets: set[str] = set()
    rules = None
    engine.run(_EMPTY)
    for source in find_sources([name], engine.scratch, settings.events):
        file = source.as_file(engine)
        with errors_named(file, engine):
            reading = open_source(engine, file, settings, quarantine, rules)
            reading.load(engine, (_COPY,), _COPY_MORE, _COPIED)
            engine.run(_APPEND)
        found |= reading.columns
        if reading.plan and reading.plan.rules:
            rules = reading.plan.rules
            presets.add(rules.name)
    if not engine.rows("SELECT count(*) FROM takes")[0][0]:
        raise SourceError(
            "contains no usable accesses", where=name, hint=f"run ringfence scan {name} to see why"
        )
    columns = tuple(column for column in OPTIONAL_COLUMNS if column in found)
    if months:
        engine.run(_SPLIT_INTO_MONTHS)
    _write(engine, columns, target)
    return columns, reference_kind(presets, found)


def _write(engine: Engine, columns: tuple[str, ...], target: Path) -> None:
    named = ", ".join(identifier(column) for column in ("ts", "account", "item", *columns))
    engine.copy(f"SELECT {named} FROM takes ORDER BY ts, account, item", target)  # noqa: S608 - quoted
    engine.run("DROP TABLE takes")
