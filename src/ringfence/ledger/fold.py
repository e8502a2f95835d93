"""Fold one source into the ledger: events to takes, takes to rows of every table."""

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
    ELSE left(ip, length(ip) - strpos(reverse(ip), '.'))
  END AS network,
  outcome
FROM events
""")
"""Every event with its keys; what is no take keeps its outcome, to be counted."""

TAKES_WITHOUT_GROUPS: Final = Statement("ledger.takes_without_groups", TAKES.sql.replace(
    """  CASE WHEN "group" IS NOT NULL THEN hash("group") END AS group_key,
""", "  CAST(NULL AS UBIGINT) AS group_key,\n"))
"""The same for a source whose items have no groups, sparing the work on nothing."""

MORE_TAKES: Final = Statement("ledger.more_takes", TAKES.sql.replace(
    "CREATE OR REPLACE TEMP TABLE takes AS", "INSERT INTO takes"))
"""The same for the rows that the tolerant path recovered."""

OUTCOMES: Final = Statement("ledger.outcomes", """
SELECT outcome, count(*) AS events FROM takes GROUP BY outcome ORDER BY outcome
""")

DOUBLE_CLICKS: Final = Statement("ledger.double_clicks", """
CREATE OR REPLACE TEMP TABLE double_clicks AS
WITH in_order AS (
  SELECT account_key, item_key, moment,
    lag(moment) OVER (PARTITION BY account_key, item_key ORDER BY moment) AS before
  FROM takes
  WHERE outcome IS NULL
)
SELECT account_key, item_key, moment FROM in_order WHERE moment - before <= $double_click
""")
"""Takes within the double-click time of the take before: the same use (COUNTER R5, section 7.2).
They are few, so they are kept and taken back below instead of marking every take."""

DELTAS: Final = (
    Statement("ledger.fold_holdings", """
INSERT INTO holdings
WITH clicks AS (
  SELECT account_key, item_key, group_key, moment, 1 AS uses FROM takes WHERE outcome IS NULL
  UNION ALL
  SELECT account_key, item_key, CAST(NULL AS UBIGINT), moment, -1 FROM double_clicks
)
SELECT account_key, item_key, any_value(group_key), min(moment), max(moment), sum(uses)
FROM clicks
GROUP BY account_key, item_key
"""),
    Statement("ledger.fold_hours", """
INSERT INTO hours
WITH clicks AS (
  SELECT account_key, moment, 1 AS uses, seconds FROM takes WHERE outcome IS NULL
  UNION ALL
  SELECT account_key, moment, -1, CAST(NULL AS DOUBLE) FROM double_clicks
)
SELECT account_key, moment // 3600, sum(uses),
  bit_or(CAST(1 AS BIGINT) << CAST(moment % 3600 // 60 AS INT)), sum(seconds)
FROM clicks
GROUP BY account_key, moment // 3600
"""),
    Statement("ledger.fold_items", """
INSERT INTO items
SELECT item_key, any_value(item), any_value(group_key), any_value("group")
FROM takes
WHERE outcome IS NULL
GROUP BY item_key
"""),
    Statement("ledger.origins", """
CREATE OR REPLACE TEMP TABLE origins AS
SELECT account_key, any_value(account) AS account, client, network, surface, count(*) AS events
FROM takes
WHERE outcome IS NULL
GROUP BY account_key, client, network, surface
"""),
    Statement("ledger.fold_accounts", """
INSERT INTO accounts
SELECT account_key, any_value(account) FROM origins GROUP BY account_key
"""),
    Statement("ledger.fold_clients", """
INSERT INTO clients
SELECT account_key, client, sum(events)
FROM origins
WHERE client IS NOT NULL
GROUP BY account_key, client
"""),
    Statement("ledger.fold_networks", """
INSERT INTO networks
SELECT account_key, network, sum(events)
FROM origins
WHERE network <> ''
GROUP BY account_key, network
"""),
    Statement("ledger.fold_surfaces", """
INSERT INTO surfaces
SELECT account_key, surface, sum(events)
FROM origins
WHERE surface IS NOT NULL
GROUP BY account_key, surface
"""),
)
"""The rows that one slice adds to every table; :mod:`ringfence.ledger.compaction` merges them."""

DROP_SLICE: Final = (
    Statement("ledger.drop_takes", "DROP TABLE IF EXISTS takes"),
    Statement("ledger.drop_double_clicks", "DROP TABLE IF EXISTS double_clicks"),
    Statement("ledger.drop_origins", "DROP TABLE IF EXISTS origins"),
)
