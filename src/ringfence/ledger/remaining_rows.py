"""The rows that remain in each table of a ledger when an account or a time is forgotten."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from ringfence.ledger.tables import SLICED

_BY_HOUR: Final = frozenset({"hours", "failures", "listings"})
"""Tables with one row per hour, whose rows go with the hour."""

KEY_OF_ACCOUNT: Final = """
SELECT account_key FROM aged_accounts WHERE account = $account
UNION
SELECT account_key FROM recent_accounts WHERE account = $account
"""

REMAINING_PAIRS: Final = """
CREATE OR REPLACE TEMP TABLE remaining_pairs AS
SELECT CAST(0 AS UINTEGER) AS source, account_key FROM aged_holdings WHERE {remains}
UNION
SELECT source, account_key FROM recent_holdings WHERE {remains}
UNION
SELECT CAST(0 AS UINTEGER), account_key FROM aged_listings WHERE walked > 0 AND {lists}
UNION
SELECT source, account_key FROM recent_listings WHERE walked > 0 AND {lists}
"""
"""The accounts that remain in each part. Source 0 is the part of all older sources."""

FORGOTTEN: Final = """
WITH known AS (
  SELECT account_key FROM aged_accounts UNION SELECT account_key FROM recent_accounts
)
SELECT
  (SELECT count(*) FROM sources
    WHERE id IN (SELECT source FROM recent_accounts)
    AND id NOT IN (SELECT source FROM remaining_pairs)) AS sources,
  (SELECT count(*) FROM known
    WHERE account_key NOT IN (SELECT account_key FROM remaining_pairs)) AS accounts,
  (SELECT count(*) FROM aged_holdings WHERE NOT ({remains}))
    + (SELECT count(*) FROM recent_holdings WHERE NOT ({remains})) AS holdings
"""
"""The numbers of rows that do not remain."""

DIVIDED: Final = """
WITH dated AS (
  SELECT CAST(0 AS UINTEGER) AS source, account_key FROM aged_hours WHERE hour < $hour
  UNION
  SELECT source, account_key FROM recent_hours WHERE hour < $hour
)
SELECT count(DISTINCT d.account_key) AS accounts
FROM dated AS d
JOIN remaining_pairs AS p ON p.source = d.source AND p.account_key = d.account_key
"""
"""The number of accounts that were active in one part both before and since the date."""


@dataclass(frozen=True)
class RemainingRows:
    """The conditions of the rows that remain.

    Attributes:
        holding: condition of a row of holdings.
        hour: condition of a row of hours, beside the one that its account remains.
        day: the same for a row of places.
        listing: condition of a row of listings.
        line: condition of a line that could not be read.
        by_date: whether recent sources of which nothing remains are removed.
    """

    holding: str
    hour: str = "TRUE"
    day: str = "TRUE"
    listing: str = "account_key <> CAST($key AS UBIGINT)"
    line: str = "TRUE"
    by_date: bool = False


ROWS_OF_OTHERS: Final = RemainingRows(
    "account_key <> CAST($key AS UBIGINT)",
    line="len(list_filter($spellings, lambda one: contains(text, one))) = 0",
)
"""Everything but one account: parameters ``key``, and ``spellings`` of its name."""

ROWS_SINCE: Final = RemainingRows(
    "last >= $begin",
    hour="hour >= $hour",
    day="day >= $hour // 24",
    listing="hour >= $hour",
    by_date=True,
)
"""Everything since a date: parameters ``begin``, in seconds, and ``hour``, in hours."""

_KEPT_SOURCES: Final = """
SELECT id FROM sources
WHERE NOT recent OR id NOT IN (SELECT source FROM recent_accounts)
  OR id IN (SELECT source FROM remaining_pairs)
"""
"""The sources that stay by date. A source without takes has no date."""

_OF_SOURCES: Final = frozenset({"source_names", "source_facts", "line_counts", "quarantined_lines"})


def select_of(table: str, rows: RemainingRows) -> str:
    """Return the SELECT of the rows of a stored table that remain."""
    return f"SELECT * FROM {table} WHERE {_condition(table, rows)}"  # noqa: S608 - own names


def _condition(table: str, rows: RemainingRows) -> str:
    part, _, name = table.partition("_")
    if name in SLICED:
        return _condition_in_part(part, name, rows)
    if table == "rings":
        return "account_key IN (SELECT account_key FROM remaining_pairs)"
    conditions = []
    if rows.by_date and (table == "sources" or table in _OF_SOURCES):
        conditions.append(f"{'id' if table == 'sources' else 'source'} IN ({_KEPT_SOURCES})")
    if table == "quarantined_lines":
        conditions.append(rows.line)
    return " AND ".join(conditions) or "TRUE"


def _condition_in_part(part: str, name: str, rows: RemainingRows) -> str:
    source = "source" if part == "recent" else "CAST(0 AS UINTEGER)"
    if name == "items":
        held = f"SELECT ({source}, item_key) FROM {part}_holdings WHERE {rows.holding}"  # noqa: S608
        return f"({source}, item_key) IN ({held})"
    if name == "holdings":
        return rows.holding
    if name == "large_answers":
        held = f"SELECT ({source}, account_key, item_key) FROM {part}_holdings"  # noqa: S608
        return f"({source}, account_key, item_key) IN ({held} WHERE {rows.holding})"
    dated = rows.hour if name in _BY_HOUR else rows.day if name == "places" else "TRUE"
    pairs = "SELECT (source, account_key) FROM remaining_pairs"
    return f"({source}, account_key) IN ({pairs}) AND {dated}"
