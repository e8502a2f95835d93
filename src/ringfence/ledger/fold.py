"""Fold one source into the ledger: events to takes, takes to uses, uses to rows of every table."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

TAKES: Final = Statement("ledger.takes", """
CREATE OR REPLACE TEMP TABLE takes AS
SELECT
  CAST(epoch(ts) AS BIGINT) AS moment,
  hash(account) AS account_key,
  hash(item) AS item_key,
  CASE WHEN "group" IS NOT NULL THEN hash("group") END AS group_key,
  account, item, "group", client, surface, seconds,
  CASE
    WHEN ip LIKE '%:%'
      THEN concat_ws(':', split_part(ip, ':', 1), split_part(ip, ':', 2), split_part(ip, ':', 3))
    ELSE concat_ws('.', split_part(ip, '.', 1), split_part(ip, '.', 2), split_part(ip, '.', 3))
  END AS network,
  outcome
FROM events
""")
"""Every event with its keys; what is no take keeps its outcome, to be counted."""

MORE_TAKES: Final = Statement("ledger.more_takes",
                              TAKES.sql.replace("CREATE OR REPLACE TEMP TABLE takes AS",
                                                "INSERT INTO takes"))
"""The same for the rows that the tolerant path recovered."""

OUTCOMES: Final = Statement("ledger.outcomes", """
SELECT outcome, count(*) AS events FROM takes GROUP BY outcome ORDER BY outcome
""")

USES: Final = Statement("ledger.uses", """
CREATE OR REPLACE TEMP TABLE uses AS
SELECT
  account_key, item_key, group_key, moment, seconds,
  CASE
    WHEN moment - lag(moment) OVER (PARTITION BY account_key, item_key ORDER BY moment) <= $double_click THEN 0
    ELSE 1
  END AS use
FROM takes
WHERE outcome IS NULL
""")
"""A take within the double-click time of the one before is the same use (COUNTER R5, 7.2)."""

DELTAS: Final = (
    Statement("ledger.fold_holdings", """
INSERT INTO holdings
SELECT account_key, item_key, min(group_key), min(moment), max(moment), sum(use)
FROM uses
GROUP BY account_key, item_key
"""),
    Statement("ledger.fold_hours", """
INSERT INTO hours
SELECT account_key, moment // 3600, sum(use),
  bit_or(CAST(1 AS BIGINT) << CAST(moment % 3600 // 60 AS INT)), sum(seconds)
FROM uses
GROUP BY account_key, moment // 3600
"""),
    Statement("ledger.fold_items", """
INSERT INTO items
SELECT item_key, min(item), min(group_key), min("group")
FROM takes
WHERE outcome IS NULL
GROUP BY item_key
"""),
    Statement("ledger.fold_accounts", """
INSERT INTO accounts
SELECT account_key, min(account)
FROM takes
WHERE outcome IS NULL
GROUP BY account_key
"""),
    Statement("ledger.fold_clients", """
INSERT INTO clients
SELECT account_key, client, count(*)
FROM takes
WHERE outcome IS NULL AND client IS NOT NULL
GROUP BY account_key, client
"""),
    Statement("ledger.fold_networks", """
INSERT INTO networks
SELECT account_key, network, count(*)
FROM takes
WHERE outcome IS NULL AND network <> ''
GROUP BY account_key, network
"""),
    Statement("ledger.fold_surfaces", """
INSERT INTO surfaces
SELECT account_key, surface, count(*)
FROM takes
WHERE outcome IS NULL AND surface IS NOT NULL
GROUP BY account_key, surface
"""),
)
"""The rows that one slice adds to every table; :mod:`ringfence.ledger.compaction` merges them."""

DROP_SLICE: Final = (
    Statement("ledger.drop_takes", "DROP TABLE IF EXISTS takes"),
    Statement("ledger.drop_uses", "DROP TABLE IF EXISTS uses"),
)
