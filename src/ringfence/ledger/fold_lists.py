"""Fold pages of lists, and answers that are large or hold several items."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.events import LARGE_PAGE, LIST_PAGE
from ringfence.ledger.different_items import bits_sql

LARGE_BYTES: Final = 1 << 24
"""Bytes from which an answer is large, 16 MiB: more than a track in normal quality or an article,
less than the archive of an album."""

RECORDS_OF_A_PAGE: Final = 10
"""Records of a page whose size is not known. Interfaces for people show 10 to 50."""

ITEMS_OF_ANSWER: Final = 20
"""Items that one answer counts as, at most: about the tracks of a long album. A film or an
audiobook may be as large as an archive, and is one item."""

LIST_DELTAS: Final = (
    Statement(
        "ledger.fold_listings",
        f"""
INSERT INTO recent_listings
WITH pages AS (
  SELECT account_key, moment // 3600 AS hour, walked, page_key,
    CAST(coalesce(records, {RECORDS_OF_A_PAGE}) AS DOUBLE) AS records
  FROM takes
  WHERE page_key IS NOT NULL AND (outcome IS NULL OR outcome = '{LIST_PAGE}')
),
begun AS (
  SELECT account_key, hour, count(*) AS requests FROM pages WHERE NOT walked
  GROUP BY account_key, hour
),
walked AS (
  SELECT account_key, hour, count(*) AS requests, sum(records) AS records,
    sum(greatest(records / {LARGE_PAGE}, 1)) AS weight,
    {bits_sql("page_key")}
  FROM pages
  WHERE walked
  GROUP BY account_key, hour
)
SELECT CAST($source AS UINTEGER), coalesce(w.account_key, b.account_key),
  coalesce(w.hour, b.hour), coalesce(b.requests, 0), coalesce(w.requests, 0),
  coalesce(w.records, 0), coalesce(w.weight, 0), coalesce(w.few, 0), coalesce(w.many, 0)
FROM walked AS w
FULL JOIN begun AS b ON b.account_key = w.account_key AND b.hour = w.hour
""",  # noqa: S608 - own parts
    ),
    Statement(
        "ledger.fold_large_answers",
        f"""
INSERT INTO recent_large_answers
SELECT CAST($source AS UINTEGER), account_key, item_key, min(moment), max(bytes),
  max(CASE WHEN records > 1 THEN records END)
FROM takes
WHERE outcome IS NULL AND page_key IS NULL AND (bytes >= {LARGE_BYTES} OR records > 1)
GROUP BY account_key, item_key
""",  # noqa: S608 - own parts
    ),
    Statement(
        "ledger.fold_traffic",
        """
INSERT INTO recent_traffic
SELECT CAST($source AS UINTEGER), account_key, count(*), sum(CAST(bytes AS DOUBLE))
FROM takes
WHERE outcome IS NULL AND page_key IS NULL AND bytes IS NOT NULL
GROUP BY account_key
""",
    ),
)
"""The statements that add the rows of one slice."""
