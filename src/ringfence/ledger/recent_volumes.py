"""Count how many new items the accounts of some recent sources took, tried or listed until now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.ledger.different_items import different_items_sql
from ringfence.ledger.fold_lists import ITEMS_OF_ANSWER, LARGE_BYTES
from ringfence.ledger.walked_pages import walked_pages_sql
from ringfence.stats.arrays import Columns

RECENT_VOLUMES: Final = Statement(
    "ledger.recent_volumes",
    f"""
WITH active AS (
  SELECT account_key, max(last) AS last FROM recent_holdings
  WHERE source IN (SELECT unnest($sources))
  GROUP BY account_key
  UNION ALL
  SELECT account_key, CAST(max(hour) * 3600 AS UINTEGER) FROM recent_failures
  WHERE source IN (SELECT unnest($sources))
  GROUP BY account_key
  UNION ALL
  SELECT account_key, CAST(max(hour) * 3600 AS UINTEGER) FROM recent_listings
  WHERE walked > 0 AND source IN (SELECT unnest($sources))
  GROUP BY account_key
),
touched AS (
  SELECT account_key, max(last) AS last FROM active GROUP BY account_key
),
held AS (
  SELECT account_key, item_key, first FROM aged_holdings
  WHERE account_key IN (SELECT account_key FROM touched)
  UNION ALL
  SELECT account_key, item_key, first FROM recent_holdings
  WHERE account_key IN (SELECT account_key FROM touched)
),
taken AS (
  SELECT account_key, min(first) AS first FROM held GROUP BY account_key, item_key
),
failed AS (
  SELECT account_key, hour, missing + refused AS requests, few, many FROM aged_failures
  WHERE account_key IN (SELECT account_key FROM touched)
  UNION ALL
  SELECT account_key, hour, missing + refused, few, many FROM recent_failures
  WHERE account_key IN (SELECT account_key FROM touched)
),
used AS (
  SELECT account_key, hour, uses FROM aged_hours
  WHERE account_key IN (SELECT account_key FROM failed)
  UNION ALL
  SELECT account_key, hour, uses FROM recent_hours
  WHERE account_key IN (SELECT account_key FROM failed)
),
used_on_day AS (
  SELECT account_key, hour // 24 AS day, sum(uses) AS uses FROM used
  GROUP BY account_key, hour // 24
),
failed_on_day AS (
  SELECT account_key, hour // 24 AS day,
    {different_items_sql("bit_or(few)", "bit_or(many)", "sum(requests)")} AS items
  FROM failed
  GROUP BY account_key, hour // 24
),
lists AS (
  SELECT account_key, hour, begun, walked, weight, few, many FROM aged_listings
  WHERE account_key IN (SELECT account_key FROM touched)
  UNION ALL
  SELECT account_key, hour, begun, walked, weight, few, many FROM recent_listings
  WHERE account_key IN (SELECT account_key FROM touched)
),
walked_on_day AS (
  SELECT account_key, hour // 24 AS day, {walked_pages_sql()} AS pages
  FROM lists
  GROUP BY account_key, hour // 24
),
large AS (
  SELECT account_key, item_key, first, bytes, records FROM aged_large_answers
  WHERE account_key IN (SELECT account_key FROM touched)
  UNION ALL
  SELECT account_key, item_key, first, bytes, records FROM recent_large_answers
  WHERE account_key IN (SELECT account_key FROM touched)
),
weighed AS (
  SELECT account_key, min(first) AS first,
    least(coalesce(max(records), max(bytes) // {LARGE_BYTES // 4}), {ITEMS_OF_ANSWER}) - 1 AS items
  FROM large
  GROUP BY account_key, item_key
),
tried AS (
  SELECT account_key, first // 3600 AS hour, first // 86400 AS day, 1 AS items FROM taken
  UNION ALL
  SELECT f.account_key, CAST(NULL AS BIGINT), f.day, greatest(f.items - coalesce(n.uses, 0), 0)
  FROM failed_on_day AS f
  LEFT JOIN used_on_day AS n ON n.account_key = f.account_key AND n.day = f.day
  UNION ALL
  SELECT account_key, CAST(NULL AS BIGINT), day, CAST(ceil(pages) AS BIGINT) FROM walked_on_day
  UNION ALL
  SELECT account_key, CAST(NULL AS BIGINT), first // 86400, items FROM weighed
)
SELECT t.account_key,
  CAST(sum(CASE WHEN h.hour >= t.last // 3600 THEN h.items ELSE 0 END) AS BIGINT) AS hour,
  CAST(sum(CASE WHEN h.day >= t.last // 86400 THEN h.items ELSE 0 END) AS BIGINT) AS new_1,
  CAST(sum(CASE WHEN h.day + 6 >= t.last // 86400 THEN h.items ELSE 0 END) AS BIGINT) AS new_7,
  CAST(sum(CASE WHEN h.day + 29 >= t.last // 86400 THEN h.items ELSE 0 END) AS BIGINT) AS new_30
FROM tried AS h
JOIN touched AS t ON t.account_key = h.account_key
GROUP BY t.account_key
ORDER BY t.account_key
""",  # noqa: S608 - own parts
)
"""Per account of the sources: new items of the hour, day, 7 and 30 days that end with its last use
in them. In the longer windows, failed items beyond the uses of their day count as well, and so do
pages of lists beyond the lists begun on their day, and the items in large answers, by their size
where their number is not known. The windows are those of the evidence on volume, speed, attempts,
listings and weight. The numbers are for a screen, so they are not smaller than the evidence."""


def recent_volumes(engine: Engine, sources: Iterable[int]) -> Columns:
    """Return ``account_key``, ``hour``, ``new_1``, ``new_7`` and ``new_30`` of accounts.

    Args:
        engine: with the ledger's tables.
        sources: numbers of recent sources, whose accounts are counted.
    """
    return engine.columns(RECENT_VOLUMES, {"sources": sorted(set(sources))})
