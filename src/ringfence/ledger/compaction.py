"""Merge the rows of several slices into one row per key, as one scan of the whole log has them.

If a slice ends between two clicks of one use, both slices have counted the use. Such a seam is
visible in the holdings: a row begins within the double-click time of the end of the row before it.
The extra use is subtracted there and in the hour of the later click. For slices in time order this
is exact. Slices out of order may interleave; their counts can differ by the double clicks at seams.

If a log is cut by account and not by time, only items are in several slices. The tables by account
then have one row per key already.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

SPLIT_ACCOUNTS: Final = Statement(
    "ledger.split_accounts",
    """
WITH split AS (
  SELECT account_key FROM accounts GROUP BY account_key HAVING count(*) > 1
)
SELECT count(*) AS accounts FROM split
""",
)
"""The number of accounts that are in several slices."""

MERGE_ITEMS: Final = Statement(
    "ledger.merge_items",
    """
CREATE OR REPLACE TABLE items AS
SELECT item_key, min(item) AS item, min(group_key) AS group_key,
  arg_min("group", group_key) AS "group"
FROM items
GROUP BY item_key
""",
)

MERGES: Final = (
    Statement(
        "ledger.seams",
        """
CREATE OR REPLACE TEMP TABLE seams AS
WITH split AS (
  SELECT account_key, item_key FROM holdings GROUP BY account_key, item_key HAVING count(*) > 1
),
in_order AS (
  SELECT h.account_key, h.item_key, h.first,
    CAST(h.first AS BIGINT) - lag(h.last) OVER (
      PARTITION BY h.account_key, h.item_key ORDER BY h.first, h.last) AS gap
  FROM holdings AS h
  JOIN split AS s ON s.account_key = h.account_key AND s.item_key = h.item_key
)
SELECT account_key, item_key, first FROM in_order WHERE gap BETWEEN 0 AND $double_click
""",
    ),
    Statement(
        "ledger.merge_holdings",
        """
CREATE OR REPLACE TABLE holdings AS
WITH rows_and_seams AS (
  SELECT account_key, item_key, group_key, first, last, uses FROM holdings
  UNION ALL
  SELECT account_key, item_key, CAST(NULL AS UBIGINT), first, first, -1 FROM seams
)
SELECT account_key, item_key, min(group_key) AS group_key,
  min(first) AS first, max(last) AS last, CAST(sum(uses) AS UINTEGER) AS uses
FROM rows_and_seams
GROUP BY account_key, item_key
""",
    ),
    Statement(
        "ledger.merge_hours",
        """
CREATE OR REPLACE TABLE hours AS
WITH rows_and_seams AS (
  SELECT account_key, hour, uses, minutes, seconds FROM hours
  UNION ALL
  SELECT account_key, CAST(first // 3600 AS INTEGER), -1, CAST(0 AS BIGINT), CAST(NULL AS DOUBLE)
  FROM seams
)
SELECT account_key, hour, CAST(sum(uses) AS INTEGER) AS uses,
  bit_or(minutes) AS minutes, sum(seconds) AS seconds
FROM rows_and_seams
GROUP BY account_key, hour
""",
    ),
    Statement(
        "ledger.merge_accounts",
        """
CREATE OR REPLACE TABLE accounts AS
SELECT account_key, min(account) AS account, bool_or(visitor) AS visitor
FROM accounts
GROUP BY account_key
""",
    ),
    Statement(
        "ledger.merge_clients",
        """
CREATE OR REPLACE TABLE clients AS
SELECT account_key, client, CAST(sum(events) AS BIGINT) AS events
FROM clients
GROUP BY account_key, client
""",
    ),
    Statement(
        "ledger.merge_networks",
        """
CREATE OR REPLACE TABLE networks AS
SELECT account_key, network, CAST(sum(events) AS BIGINT) AS events
FROM networks
GROUP BY account_key, network
""",
    ),
    Statement(
        "ledger.merge_surfaces",
        """
CREATE OR REPLACE TABLE surfaces AS
SELECT account_key, surface, CAST(sum(events) AS BIGINT) AS events
FROM surfaces
GROUP BY account_key, surface
""",
    ),
    Statement(
        "ledger.merge_devices",
        """
CREATE OR REPLACE TABLE devices AS
SELECT account_key, device, CAST(sum(events) AS BIGINT) AS events
FROM devices
GROUP BY account_key, device
""",
    ),
    Statement(
        "ledger.merge_payments",
        """
CREATE OR REPLACE TABLE payments AS
SELECT account_key, payment, CAST(sum(events) AS BIGINT) AS events
FROM payments
GROUP BY account_key, payment
""",
    ),
    Statement(
        "ledger.merge_signups",
        """
CREATE OR REPLACE TABLE signups AS
SELECT account_key, min(signed_up) AS signed_up
FROM signups
GROUP BY account_key
""",
    ),
)
"""The merges of the tables by account. They run in order and in one transaction, if any account is
in several slices. Merging a second time changes nothing."""
