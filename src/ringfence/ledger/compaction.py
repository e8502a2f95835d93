"""Merge the rows of several slices into one row per key, as one scan of the whole log has them.

If a slice ends between two clicks of one use, both slices have counted the use. Such a seam is
visible in the holdings: a row begins within the double-click time of the end of the row before it.
The extra use is subtracted there and in the hour of the later click. For slices in time order this
is exact. Slices out of order may interleave; their counts can differ by the double clicks at seams.

If a log is cut by account and not by time, only items are in several slices. The tables by account
then have one row per key already.

A table's own name is a temporary view of its merged rows, made by :func:`publish`. Sources age by
:func:`age`: their rows are merged into the tables ``aged_*`` for good.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.ledger.tables import SLICED, column_names

SEAMS_OF_NEAR: Final = """
in_order AS (
  SELECT h.account_key, h.item_key, h.first,
    CAST(h.first AS BIGINT) - lag(h.last) OVER (
      PARTITION BY h.account_key, h.item_key ORDER BY h.first, h.last) AS gap
  FROM holdings_rows AS h
  JOIN near AS n ON n.account_key = h.account_key AND n.item_key = h.item_key
)
SELECT account_key, item_key, first FROM in_order WHERE gap BETWEEN 0 AND (
  SELECT CAST(value AS BIGINT) FROM facts WHERE name = 'uses.double_click_seconds')
"""
"""The first clicks of rows that begin within the double-click time of the row before, among the
accounts and items of the common table expression ``near``."""

_NEAR: Final = """
WITH slices AS (
  SELECT source, min(first) AS begins, CAST(max(last) AS BIGINT) AS ends
  FROM holdings_rows
  GROUP BY source
),
reach AS (
  SELECT s.source, max(o.ends) AS ends
  FROM slices AS s
  JOIN slices AS o ON o.source <> s.source AND o.begins <= s.ends
  GROUP BY s.source
),
near AS (
  SELECT DISTINCT h.account_key, h.item_key
  FROM holdings_rows AS h
  JOIN reach AS r ON r.source = h.source
  WHERE h.first - r.ends <= (
    SELECT CAST(value AS BIGINT) FROM facts WHERE name = 'uses.double_click_seconds')
),"""

SEAMS_SELECT: Final = _NEAR + SEAMS_OF_NEAR
"""The seams of all slices. A row can only begin soon after a row of another slice if it begins
before that slice has ended, or soon after. For slices in time order these are few rows."""

_SUM_OF_EVENTS: Final = """
SELECT account_key, {column}, CAST(sum(events) AS BIGINT) AS events
FROM {table}_rows
GROUP BY account_key, {column}
"""


MERGED_SELECTS: Final[dict[str, str]] = {
    "accounts": """
SELECT account_key, min(account) AS account, bool_or(visitor) AS visitor
FROM accounts_rows
GROUP BY account_key
""",
    "items": """
SELECT item_key, min(item) AS item, min(group_key) AS group_key,
  arg_min("group", group_key) AS "group"
FROM items_rows
GROUP BY item_key
""",
    "holdings": """
WITH rows_and_seams AS (
  SELECT account_key, item_key, group_key, first, last, uses FROM holdings_rows
  UNION ALL
  SELECT account_key, item_key, CAST(NULL AS UBIGINT), first, first, -1 FROM seams
)
SELECT account_key, item_key, min(group_key) AS group_key,
  min(first) AS first, max(last) AS last, CAST(sum(uses) AS UINTEGER) AS uses
FROM rows_and_seams
GROUP BY account_key, item_key
""",
    "hours": """
WITH rows_and_seams AS (
  SELECT account_key, hour, uses, minutes, seconds FROM hours_rows
  UNION ALL
  SELECT account_key, CAST(first // 3600 AS INTEGER), -1, CAST(0 AS BIGINT), CAST(NULL AS DOUBLE)
  FROM seams
)
SELECT account_key, hour, CAST(sum(uses) AS INTEGER) AS uses,
  bit_or(minutes) AS minutes, sum(seconds) AS seconds
FROM rows_and_seams
GROUP BY account_key, hour
""",
    "failures": """
SELECT account_key, hour, CAST(sum(missing) AS INTEGER) AS missing,
  CAST(sum(refused) AS INTEGER) AS refused, bit_or(few) AS few, bit_or(many) AS many
FROM failures_rows
GROUP BY account_key, hour
""",
    "listings": """
SELECT account_key, hour, CAST(sum(begun) AS INTEGER) AS begun,
  CAST(sum(walked) AS INTEGER) AS walked, sum(records) AS records, sum(weight) AS weight,
  bit_or(few) AS few, bit_or(many) AS many
FROM listings_rows
GROUP BY account_key, hour
""",
    "large_answers": """
SELECT account_key, item_key, min(first) AS first, max(bytes) AS bytes, max(records) AS records
FROM large_answers_rows
GROUP BY account_key, item_key
""",
    "traffic": """
SELECT account_key, CAST(sum(events) AS BIGINT) AS events, sum(bytes) AS bytes
FROM traffic_rows
GROUP BY account_key
""",
    "page_loads": """
SELECT account_key, CAST(sum(pages) AS BIGINT) AS pages, CAST(sum(assets) AS BIGINT) AS assets,
  CAST(sum(referred) AS BIGINT) AS referred
FROM page_loads_rows
GROUP BY account_key
""",
    **{
        table: _SUM_OF_EVENTS.format(table=table, column=table.removesuffix("s"))
        for table in ("clients", "networks", "surfaces", "devices", "payments")
    },
    "places": """
SELECT account_key, day, network_key, client_key, bit_or(hours) AS hours,
  CAST(sum(events) AS BIGINT) AS events
FROM places_rows
GROUP BY account_key, day, network_key, client_key
""",
    "signups": """
SELECT account_key, min(signed_up) AS signed_up
FROM signups_rows
GROUP BY account_key
""",
}
"""The SELECT that merges the rows of each table, which the view ``<table>_rows`` gives. Merging a
second time changes nothing."""


_OF_ALL_SLICES: Final = frozenset({"items", "failures", "listings", "page_loads"})
"""Tables whose keys may be in several slices although no account takes items in several. An account
may only fail, look at lists, or fetch images in one slice."""

_AGING: Final = " WHERE source IN (SELECT id FROM sources WHERE NOT recent)"
"""The rows of ``recent_*`` whose source is recent no longer."""


def _each(verb: str, sql: str) -> dict[str, Statement]:
    """Return one statement per table; its name, columns and the aging rows are filled in."""
    return {
        name: Statement(
            f"ledger.{verb}_{name}",
            sql.format(table=name, columns=column_names(table), aging=_AGING),
        )
        for name, table in SLICED.items()
    }


_ROWS: Final = (
    "CREATE OR REPLACE TEMP VIEW {table}_rows AS "
    "SELECT CAST(0 AS UINTEGER) AS source, {columns} FROM aged_{table} "
    "UNION ALL SELECT source, {columns} FROM recent_{table}"
)

ALL_ROWS: Final = _each("rows", _ROWS)
"""The rows of all sources; the older ones are merged already."""

AGING_ROWS: Final = _each("aging_rows", _ROWS + "{aging}")
"""The rows of the sources that are not recent, or no longer."""

SPLIT_ACCOUNTS: Final = Statement(
    "ledger.split_accounts",
    """
WITH split AS (
  SELECT account_key FROM accounts_rows GROUP BY account_key HAVING count(*) > 1
)
SELECT count(*) AS accounts FROM split
""",
)
"""The number of accounts that are in several slices."""

SEAMS: Final = Statement("ledger.seams", f"CREATE OR REPLACE TEMP TABLE seams AS {SEAMS_SELECT}")

MERGE: Final = {
    table: Statement(
        f"ledger.merge_{table}", f"CREATE OR REPLACE TEMP TABLE merged_{table} AS {select}"
    )
    for table, select in MERGED_SELECTS.items()
}

AGE: Final = {
    table: Statement(f"ledger.age_{table}", f"CREATE OR REPLACE TABLE aged_{table} AS {select}")
    for table, select in MERGED_SELECTS.items()
}

AGE_UNMERGED: Final = _each(
    "age_unmerged",
    "INSERT INTO aged_{table} SELECT {columns} FROM recent_{table}{aging}",
)

REMOVE_AGED: Final = _each("remove_aged", "DELETE FROM recent_{table}{aging}")

REMOVE_ALL: Final = {
    table: Statement(
        f"ledger.remove_all_{table}",
        f"CREATE OR REPLACE TABLE recent_{table} (source UINTEGER, {SLICED[table].sql})",
    )
    for table in SLICED
}
"""Empty tables. An engine in memory would keep the room of deleted rows."""

_VIEW: Final = "CREATE OR REPLACE TEMP VIEW ledger_{table} AS SELECT {columns} FROM "

SHOW_AGED: Final = _each("show_aged", _VIEW + "aged_{table}")
SHOW_RECENT: Final = _each("show_recent", _VIEW + "recent_{table}")
SHOW_UNMERGED: Final = _each("show_unmerged", _VIEW + "{table}_rows")
SHOW_LEDGER: Final = _each(
    "show", "CREATE OR REPLACE TEMP VIEW {table} AS SELECT {columns} FROM ledger_{table}"
)
"""The tables' own names. Robots with a false name are grouped by other views of the same names."""

SHOW_MERGED: Final = _each("show_merged", _VIEW + "merged_{table}")

PARTS: Final = Statement(
    "ledger.parts",
    """
SELECT (SELECT count(*) FROM sources WHERE recent) AS recent,
  (SELECT count(*) FROM sources
    WHERE recent AND (takes > 0 OR id IN (SELECT source FROM recent_failures)
      OR id IN (SELECT source FROM recent_listings)
      OR id IN (SELECT source FROM recent_page_loads))) AS slices,
  CAST((SELECT count(*) FROM aged_accounts) + (SELECT count(*) FROM aged_failures)
    + (SELECT count(*) FROM aged_listings) + (SELECT count(*) FROM aged_page_loads)
    > 0 AS INTEGER) AS aged
""",
)

APPENDED: Final = Statement(
    "ledger.appended",
    """
SELECT (SELECT count(*) FROM sources WHERE recent) AS sources,
  (SELECT count(*) FROM recent_holdings) AS appended,
  (SELECT count(*) FROM aged_holdings) AS merged
""",
)

NO_LONGER_RECENT: Final = Statement(
    "ledger.no_longer_recent",
    """
UPDATE sources SET recent = FALSE
WHERE recent AND id NOT IN (
  SELECT id FROM sources WHERE recent ORDER BY id DESC LIMIT CAST($keep AS BIGINT))
""",
)


def age(engine: Engine, keep: int) -> None:
    """Merge the rows of all recent sources but the last ones for good.

    Call it inside a transaction.

    Args:
        engine: with the ledger's tables.
        keep: number of recent sources whose rows stay apart.
    """
    engine.run(NO_LONGER_RECENT, {"keep": keep})
    _run(engine, AGING_ROWS)
    split = _split(engine)
    if split:
        engine.run(SEAMS)
    for table in SLICED:
        engine.run((AGE if split or table in _OF_ALL_SLICES else AGE_UNMERGED)[table])
    _run(engine, REMOVE_AGED if keep else REMOVE_ALL)


def publish(engine: Engine) -> None:
    """Make the temporary views with the tables' own names: one row per key over all sources.

    Call it inside a transaction.
    """
    _, slices, aged = engine.rows(PARTS)[0]
    _run(engine, ALL_ROWS)
    _show_parts(engine, slices, aged)
    _run(engine, SHOW_LEDGER)


def _show_parts(engine: Engine, slices: int, aged: int) -> None:
    """Make the views ``ledger_*``, of one part as it is or of several that are merged."""
    if slices + aged <= 1:
        # A single part has one row per key already.
        _run(engine, SHOW_RECENT if slices else SHOW_AGED)
        return
    split = _split(engine)
    if split:
        engine.run(SEAMS)
    for table in SLICED:
        if split or table in _OF_ALL_SLICES:
            engine.run(MERGE[table])
            engine.run(SHOW_MERGED[table])
        else:
            engine.run(SHOW_UNMERGED[table])


def show(engine: Engine) -> None:
    """Make the same views without writing any rows: each query merges what it reads."""
    _run(engine, ALL_ROWS)
    engine.view("seams", SEAMS_SELECT)
    for table, select in MERGED_SELECTS.items():
        engine.view(table, select)


def _split(engine: Engine) -> bool:
    return bool(engine.rows(SPLIT_ACCOUNTS)[0][0])


def _run(engine: Engine, statements: dict[str, Statement]) -> None:
    for statement in statements.values():
        engine.run(statement)
