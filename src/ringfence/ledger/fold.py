"""Fold one source into the ledger: from events to takes, and from takes to rows of all tables."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.events import LIST_PAGE, MISSING_ITEM, REFUSED_ITEM
from ringfence.ledger.different_items import bits_sql
from ringfence.ledger.fold_lists import LIST_DELTAS
from ringfence.ledger.place_rows import FOLD_PLACES, NETWORK_OF_IP

_KEYS: Final = """
  CAST(floor(greatest(epoch(ts), 0)) AS UINTEGER) AS moment,
  hash(account) AS account_key,
  hash(item) AS item_key,
  CASE WHEN "group" IS NOT NULL THEN hash("group") END AS group_key,
  CAST(CASE WHEN seconds BETWEEN 0 AND 604800 THEN seconds END AS REAL) AS seconds,
  CASE WHEN bytes >= 0 THEN bytes END AS bytes,
  CASE WHEN records >= 0 THEN records END AS records,
  CASE WHEN listing IS NOT NULL THEN hash(listing) END AS page_key, walked,
  outcome, referred, assets"""

_NAMES: Final = """,
  account, item, "group", client, surface, ip, visitor"""

_LINKS: Final = ", device, payment, signed_up"

TAKES: Final = Statement(
    "ledger.takes", f"CREATE OR REPLACE TEMP TABLE takes AS SELECT{_KEYS}{_NAMES}\nFROM events"
)
"""Every event with its keys. Events that are not takes keep their outcome, which is counted. A text
file or a small columnar one is read once, so the names are stored as well. For a small file, most
of the cost of reading is the planning of ``events``."""

TAKES_LINKED: Final = Statement(
    "ledger.takes_linked",
    f"CREATE OR REPLACE TEMP TABLE takes AS SELECT{_KEYS}{_NAMES}{_LINKS}\nFROM events",
)
"""The same, with the columns that few logs have."""

TAKES_BY_KEY: Final = Statement(
    "ledger.takes_by_key", f"CREATE OR REPLACE TEMP TABLE takes AS SELECT{_KEYS}\nFROM events"
)
"""The same for a large columnar source: reading its names again is cheaper than storing them."""

MORE_TAKES: Final = Statement(
    "ledger.more_takes", f"INSERT INTO takes SELECT{_KEYS}{_NAMES}\nFROM events"
)
"""The same for the rows that the tolerant path has recovered."""

MORE_TAKES_LINKED: Final = Statement(
    "ledger.more_takes_linked", f"INSERT INTO takes SELECT{_KEYS}{_NAMES}{_LINKS}\nFROM events"
)

NAMED_TAKES: Final = Statement(
    "ledger.named", "CREATE OR REPLACE TEMP VIEW named_takes AS SELECT * FROM takes"
)

NAMED_AGAIN: Final = Statement(
    "ledger.named_again",
    f"CREATE OR REPLACE TEMP VIEW named_takes AS SELECT{_KEYS}{_NAMES}{_LINKS}\nFROM events",
)

OUTCOMES: Final = Statement(
    "ledger.outcomes",
    """
SELECT outcome, count(*) AS events FROM takes GROUP BY outcome ORDER BY outcome
""",
)

SLICE_HOLDINGS: Final = Statement(
    "ledger.slice_holdings",
    """
CREATE OR REPLACE TEMP TABLE slice_holdings AS
SELECT account_key, item_key, min(group_key) AS group_key,
  min(moment) AS first, max(moment) AS last, count(*) AS events
FROM takes
WHERE outcome IS NULL
GROUP BY account_key, item_key
""",
)
"""The holdings of this slice, with double clicks still counted."""

DOUBLE_CLICKS: Final = Statement(
    "ledger.double_clicks",
    """
CREATE OR REPLACE TEMP TABLE double_clicks AS
WITH often AS (
  SELECT account_key, item_key FROM slice_holdings WHERE events > 2
),
in_order AS (
  SELECT t.account_key, t.item_key, t.moment,
    lag(t.moment) OVER (PARTITION BY t.account_key, t.item_key ORDER BY t.moment) AS before
  FROM takes AS t
  JOIN often AS o ON o.account_key = t.account_key AND o.item_key = t.item_key
  WHERE t.outcome IS NULL
)
SELECT account_key, item_key, moment FROM in_order WHERE moment - before <= $double_click
UNION ALL
SELECT account_key, item_key, last
FROM slice_holdings
WHERE events = 2 AND last - first <= $double_click
""",
)
"""Takes within the double-click time of the take before, which are the same use (COUNTER R5,
section 7.2). They are few, so they are stored and subtracted below, instead of marking every take.
Items that an account took once or twice need no sorting."""

FOLD_HOLDINGS: Final = Statement(
    "ledger.fold_holdings",
    """
INSERT INTO recent_holdings
WITH repeated AS (
  SELECT account_key, item_key, count(*) AS repeats
  FROM double_clicks
  GROUP BY account_key, item_key
)
SELECT CAST($source AS UINTEGER), s.account_key, s.item_key, s.group_key, s.first, s.last,
  s.events - coalesce(r.repeats, 0)
FROM slice_holdings AS s
LEFT JOIN repeated AS r ON r.account_key = s.account_key AND r.item_key = s.item_key
""",
)

DROP_SLICE_HOLDINGS: Final = Statement(
    "ledger.drop_slice_holdings", "DROP TABLE IF EXISTS slice_holdings"
)
"""The holdings of a slice need the most room, and no other statement reads them."""

_SEEN: Final = f"(outcome IS NULL OR outcome = '{LIST_PAGE}' AND walked)"
"""An account that only walks through lists has a name, a client and networks, too."""

ORIGINS: Final = Statement(
    "ledger.origins",
    f"""
CREATE OR REPLACE TEMP TABLE origins AS
SELECT account_key, any_value(account) AS account, any_value(visitor) AS visitor,
  client, ip, surface, count(*) AS events
FROM named_takes
WHERE {_SEEN}
GROUP BY account_key, client, ip, surface
""",  # noqa: S608 - own names
)
"""The clients, addresses and surfaces of each account, usually a few rows. The statements below cut
addresses to networks and hash tokens for these rows, not for every take. An account with a new
address each time has one row per take, which costs a fifth more than grouping by network."""

ORIGINS_LINKED: Final = Statement(
    "ledger.origins_linked",
    f"""
CREATE OR REPLACE TEMP TABLE origins AS
SELECT account_key, any_value(account) AS account, any_value(visitor) AS visitor,
  client, ip, surface,
  device, payment, signed_up, count(*) AS events
FROM named_takes
WHERE {_SEEN}
GROUP BY account_key, client, ip, surface, device, payment, signed_up
""",  # noqa: S608 - own names
)
"""The same, with the columns that few logs have."""

DELTAS: Final = (
    Statement(
        "ledger.fold_hours",
        """
INSERT INTO recent_hours
WITH clicks AS (
  SELECT account_key, moment, 1 AS uses, seconds FROM takes WHERE outcome IS NULL
  UNION ALL
  SELECT account_key, moment, -1, CAST(NULL AS REAL) FROM double_clicks
)
SELECT CAST($source AS UINTEGER), account_key, moment // 3600, sum(uses),
  bit_or(CAST(1 AS BIGINT) << CAST(moment % 3600 // 60 AS INT)), sum(CAST(seconds AS DOUBLE))
FROM clicks
GROUP BY account_key, moment // 3600
""",
    ),
    Statement(
        "ledger.fold_failures",
        f"""
INSERT INTO recent_failures
SELECT CAST($source AS UINTEGER), account_key, moment // 3600,
  sum(CASE WHEN outcome = '{MISSING_ITEM}' THEN 1 ELSE 0 END),
  sum(CASE WHEN outcome = '{REFUSED_ITEM}' THEN 1 ELSE 0 END),
  {bits_sql("item_key")}
FROM takes
WHERE outcome IN ('{MISSING_ITEM}', '{REFUSED_ITEM}')
GROUP BY account_key, moment // 3600
""",  # noqa: S608 - own names
    ),
    *LIST_DELTAS,
    Statement(
        "ledger.fold_page_loads",
        """
INSERT INTO recent_page_loads
SELECT CAST($source AS UINTEGER), account_key, sum(CASE WHEN outcome IS NULL THEN 1 ELSE 0 END),
  sum(coalesce(assets, 0)), sum(CASE WHEN referred THEN 1 ELSE 0 END)
FROM takes
WHERE referred IS NOT NULL OR assets IS NOT NULL
GROUP BY account_key
""",
    ),
    Statement(
        "ledger.fold_items",
        """
INSERT INTO recent_items
SELECT CAST($source AS UINTEGER), item_key, any_value(item), min(group_key),
  arg_min("group", group_key)
FROM named_takes
WHERE outcome IS NULL
GROUP BY item_key
""",
    ),
    Statement(
        "ledger.fold_accounts",
        """
INSERT INTO recent_accounts
SELECT CAST($source AS UINTEGER), account_key, any_value(account),
  bool_or(visitor OR starts_with(account, ip))
FROM origins
GROUP BY account_key
""",
    ),
    Statement(
        "ledger.fold_clients",
        """
INSERT INTO recent_clients
SELECT CAST($source AS UINTEGER), account_key, client, sum(events)
FROM origins
WHERE client IS NOT NULL
GROUP BY account_key, client
""",
    ),
    Statement(
        "ledger.fold_networks",
        f"""
INSERT INTO recent_networks
WITH located AS (
  SELECT account_key, events,
    {NETWORK_OF_IP} AS network
  FROM origins
)
SELECT CAST($source AS UINTEGER), account_key, network, sum(events)
FROM located
WHERE network <> ''
GROUP BY account_key, network
""",  # noqa: S608 - own parts
    ),
    Statement(
        "ledger.fold_surfaces",
        """
INSERT INTO recent_surfaces
SELECT CAST($source AS UINTEGER), account_key, surface, sum(events)
FROM origins
WHERE surface IS NOT NULL
GROUP BY account_key, surface
""",
    ),
    FOLD_PLACES,
)
"""The statements that add the rows of one slice; :mod:`ringfence.ledger.compaction` merges them."""

LINKED: Final = frozenset({"device", "payment", "signed_up"})
"""Columns that few logs have; :data:`LINKED_DELTAS` folds their tables."""

LINKED_DELTAS: Final = (
    Statement(
        "ledger.fold_devices",
        """
INSERT INTO recent_devices
SELECT CAST($source AS UINTEGER), account_key, device, sum(events)
FROM origins
WHERE device IS NOT NULL
GROUP BY account_key, device
""",
    ),
    Statement(
        "ledger.fold_payments",
        """
INSERT INTO recent_payments
WITH paid AS (
  SELECT account_key, payment, sum(events) AS events
  FROM origins
  WHERE payment IS NOT NULL
  GROUP BY account_key, payment
)
SELECT CAST($source AS UINTEGER), account_key, left(sha256(payment), 16), events FROM paid
""",
    ),
    Statement(
        "ledger.fold_signups",
        """
INSERT INTO recent_signups
SELECT CAST($source AS UINTEGER), account_key, CAST(floor(epoch(min(signed_up))) AS UINTEGER)
FROM origins
WHERE signed_up IS NOT NULL
GROUP BY account_key
""",
    ),
)

DROP_SLICE: Final = (
    Statement("ledger.drop_named", "DROP VIEW IF EXISTS named_takes"),
    Statement("ledger.drop_takes", "DROP TABLE IF EXISTS takes"),
    Statement("ledger.drop_double_clicks", "DROP TABLE IF EXISTS double_clicks"),
    Statement("ledger.drop_origins", "DROP TABLE IF EXISTS origins"),
)
