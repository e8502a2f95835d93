"""Count how many new items the accounts of some recent sources took until now."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.stats.arrays import Columns

RECENT_VOLUMES: Final = Statement(
    "ledger.recent_volumes",
    """
WITH touched AS (
  SELECT account_key, max(last) AS last FROM recent_holdings
  WHERE source IN (SELECT unnest($sources))
  GROUP BY account_key
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
)
SELECT t.account_key,
  sum(CASE WHEN h.first // 3600 >= t.last // 3600 THEN 1 ELSE 0 END) AS hour,
  sum(CASE WHEN h.first // 86400 >= t.last // 86400 THEN 1 ELSE 0 END) AS new_1,
  sum(CASE WHEN h.first // 86400 + 6 >= t.last // 86400 THEN 1 ELSE 0 END) AS new_7,
  sum(CASE WHEN h.first // 86400 + 29 >= t.last // 86400 THEN 1 ELSE 0 END) AS new_30
FROM taken AS h
JOIN touched AS t ON t.account_key = h.account_key
GROUP BY t.account_key
ORDER BY t.account_key
""",
)
"""Per account of the sources: new items of the hour, day, 7 and 30 days that end with its last use
in them. The windows are those of the evidence on volume and speed."""


def recent_volumes(engine: Engine, sources: Iterable[int]) -> Columns:
    """Return ``account_key``, ``hour``, ``new_1``, ``new_7`` and ``new_30`` of accounts.

    Args:
        engine: with the ledger's tables.
        sources: numbers of recent sources, whose accounts are counted.
    """
    return engine.columns(RECENT_VOLUMES, {"sources": sorted(set(sources))})
