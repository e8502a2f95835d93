"""What several tests read: the ledger looked at by hour, by day and against the catalogue."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

STEPS: Final = (
    Statement(
        "evidence.robots",
        """
CREATE TEMP TABLE IF NOT EXISTS robots (account_key UBIGINT, client VARCHAR)
""",
    ),
    Statement(
        "evidence.activity",
        """
CREATE OR REPLACE TEMP TABLE activity AS
WITH taken AS (
  SELECT account_key, first // 3600 AS hour, count(*) AS items
  FROM holdings
  GROUP BY account_key, first // 3600
)
SELECT h.account_key, h.hour, h.uses, coalesce(t.items, 0) AS new_items,
  bit_count(h.minutes) AS minutes, h.seconds
FROM hours AS h
LEFT JOIN taken AS t ON t.account_key = h.account_key AND t.hour = h.hour
WHERE h.account_key NOT IN (SELECT account_key FROM robots)
""",
    ),
    Statement(
        "evidence.days",
        """
CREATE OR REPLACE TEMP TABLE days AS
SELECT account_key, hour // 24 AS day, CAST(sum(uses) AS BIGINT) AS uses,
  CAST(sum(new_items) AS BIGINT) AS new_items, count(*) AS active_hours, sum(seconds) AS seconds
FROM activity
GROUP BY account_key, hour // 24
""",
    ),
    Statement(
        "evidence.portfolio",
        """
CREATE OR REPLACE TEMP TABLE portfolio AS
SELECT
  h.account_key,
  count(*) AS items,
  CAST(sum(h.uses) AS BIGINT) AS uses,
  min(h.first) AS first,
  max(h.last) AS last,
  sum(c.popularity) AS popularity,
  round(avg(ln(greatest(c.holders, 1))), 9) AS mean_log_holders,
  round(corr(h.first, ln(c.popularity + 1
    - CASE WHEN c.popularity >= h.uses THEN h.uses ELSE 0 END)), 6) AS popularity_order
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE h.account_key NOT IN (SELECT account_key FROM robots)
GROUP BY h.account_key
""",
    ),
    Statement(
        "evidence.group_holdings",
        """
CREATE OR REPLACE TEMP TABLE group_holdings AS
SELECT h.account_key, c.group_key, count(*) AS items
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.group_key IS NOT NULL
  AND h.account_key NOT IN (SELECT account_key FROM robots)
GROUP BY h.account_key, c.group_key
""",
    ),
)
"""Run in order after compaction; every test reads these or the ledger's tables. Floating-point
means and correlations are rounded: threads add in any order, and the same log must give the same
findings.

==============  ===================================================================================
robots          accounts set apart, which the other steps leave out; empty unless somebody filled it
activity        one row an account and hour: uses, items new to the account, minutes in use, seconds
days            the same by day, with the number of hours in use
portfolio       one row an account: items, uses, times, popularity held, how common its items are,
                and how its order of taking goes with popularity (Pearson correlation; its own uses
                left out, for what it took first it also had most time to return to)
group_holdings  one row an account and group: items
==============  ===================================================================================
"""
