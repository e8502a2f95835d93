"""The statements that search kept logs for the accesses that fit a complaint.

The accesses of all sources are in the table ``traced_events``. ``traced_marks`` has those that
fulfil at least one criterion. A criterion that is not given is fulfilled by every access.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.events.addresses import key, spread_sql

_COLUMNS: Final = """ts, account, item, ip, client,
  coalesce(visitor OR starts_with(account, ip), FALSE) AS visitor, outcome"""

TRACED_SOURCE: Final = Statement(
    "pipeline.traced_source",
    f"CREATE OR REPLACE TEMP TABLE traced_source AS SELECT {_COLUMNS}\nFROM events",
)
"""The events of one source. Events that are not accesses keep their outcome, which is counted."""

MORE_OF_SOURCE: Final = Statement(
    "pipeline.more_of_source", f"INSERT INTO traced_source SELECT {_COLUMNS}\nFROM events"
)

OUTCOMES_OF_SOURCE: Final = Statement(
    "pipeline.outcomes_of_source",
    "SELECT outcome, count(*) AS events FROM traced_source GROUP BY outcome",
)

TRACED_EVENTS: Final = Statement(
    "pipeline.traced_events",
    """
CREATE OR REPLACE TEMP TABLE traced_events (
  ts TIMESTAMP, account VARCHAR, item VARCHAR, ip VARCHAR, client VARCHAR, visitor BOOLEAN
)
""",
)

ADD_SOURCE_EVENTS: Final = Statement(
    "pipeline.add_source_events",
    """
INSERT INTO traced_events
SELECT ts, account, item, ip, client, visitor FROM traced_source WHERE outcome IS NULL
""",
)

TRACED_PERIOD: Final = Statement(
    "pipeline.traced_period",
    """
SELECT count(*) AS events, min(ts) AS first, max(ts) AS last, count(ip) > 0 AS located
FROM traced_events
""",
)
"""The accesses, their period, and whether any of them has an address."""

TRACED_ITEMS: Final = Statement(
    "pipeline.traced_items",
    """
SELECT DISTINCT item FROM traced_events WHERE item IN (SELECT unnest($items) AS item)
""",
)

SIMILAR_ITEMS: Final = Statement(
    "pipeline.similar_items",
    """
SELECT item
FROM (SELECT DISTINCT item FROM traced_events WHERE length(item) < $longest) AS named
ORDER BY levenshtein(lower(item), lower($typed)), item
LIMIT 50
""",
)
"""The items whose spelling is nearest. The distance of a long text takes too long."""

TRACED_ADDRESSES: Final = Statement(
    "pipeline.traced_addresses",
    f"""
CREATE OR REPLACE TEMP TABLE traced_addresses AS
WITH seen AS (
  SELECT DISTINCT ip FROM traced_events WHERE ip IS NOT NULL
),
spread AS (
  SELECT ip, {spread_sql("ip")} AS spread_ip FROM seen
),
numbered AS (
  SELECT ip, {key("spread_ip")} AS digits FROM spread
)
SELECT ip FROM numbered WHERE length(digits) = length($low) AND digits BETWEEN $low AND $high
""",  # noqa: S608 - own steps
)
"""The addresses in the network of the complaint, in every spelling that the logs have."""

ADDRESS_CROWD: Final = Statement(
    "pipeline.address_crowd",
    """
SELECT count(DISTINCT e.account) AS accounts
FROM traced_events AS e
JOIN traced_addresses AS a ON a.ip = e.ip
""",
)

TRACED_MARKS: Final = Statement(
    "pipeline.traced_marks",
    """
CREATE OR REPLACE TEMP TABLE traced_marks AS
WITH wanted AS (
  SELECT DISTINCT unnest($items) AS item
),
compared AS (
  SELECT e.ts, e.account, e.visitor, e.item, e.ip, e.client,
    NOT $has_item OR w.item IS NOT NULL AS of_item,
    NOT $has_address OR a.ip IS NOT NULL AS from_address,
    CASE
      WHEN e.ts < $first THEN epoch($first) - epoch(e.ts)
      WHEN e.ts > $last THEN epoch(e.ts) - epoch($last)
      ELSE 0
    END AS distance
  FROM traced_events AS e
  LEFT JOIN wanted AS w ON w.item = e.item
  LEFT JOIN traced_addresses AS a ON a.ip = e.ip
)
SELECT *, distance <= $within AS in_time
FROM compared
WHERE $has_item AND of_item OR $has_address AND from_address OR $has_time AND distance <= $widest
""",
)
"""``distance`` is the time in seconds between an access and the stated time."""

_TOGETHER: Final = {
    "item": "of_item",
    "address": "from_address",
    "time": "in_time",
    "item_address": "of_item AND from_address",
    "item_time": "of_item AND in_time",
    "address_time": "from_address AND in_time",
    "item_address_time": "of_item AND from_address AND in_time",
}

_COUNTS: Final = ",\n  ".join(
    f"count(CASE WHEN {test} THEN 1 END) AS accesses_{name}, "
    f"count(DISTINCT CASE WHEN {test} THEN account END) AS accounts_{name}"
    for name, test in _TOGETHER.items()
)

TRACED_FITS: Final = Statement("pipeline.traced_fits", f"SELECT {_COUNTS}\nFROM traced_marks")

TRACED_WINDOW: Final = Statement(
    "pipeline.traced_window",
    """
SELECT count(*) AS accesses, count(DISTINCT account) AS accounts
FROM traced_marks
WHERE of_item AND from_address AND distance <= $width
""",
)

TRACED_BEST: Final = Statement(
    "pipeline.traced_best",
    """
CREATE OR REPLACE TEMP TABLE traced_best AS
SELECT *
FROM traced_marks
WHERE CAST(of_item AS INT) + CAST(from_address AS INT) + CAST(in_time AS INT) >= $needed
  AND ($has_item AND of_item OR $has_address AND from_address OR $needed = 3)
""",
)
"""The accesses that fulfil all criteria, or all but one. A time alone says nothing."""

TRACED_CANDIDATES: Final = Statement(
    "pipeline.traced_candidates",
    """
SELECT account, bool_or(visitor) AS visitor, count(*) AS accesses,
  min(ts) AS first, max(ts) AS last,
  bool_or(of_item AND from_address) AS item_address, bool_or(of_item AND in_time) AS item_time,
  count(DISTINCT ip) AS of_addresses, count(DISTINCT client) AS of_clients
FROM traced_best
GROUP BY account
ORDER BY accesses DESC, account
LIMIT $most
""",
)


def _most_used(column: str) -> Statement:
    return Statement(
        f"pipeline.traced_{column}",
        f"""
WITH counted AS (
  SELECT account, {column}, count(*) AS accesses
  FROM traced_best
  WHERE {column} IS NOT NULL AND account IN (SELECT unnest($accounts) AS account)
  GROUP BY account, {column}
),
ranked AS (
  SELECT account, {column},
    row_number() OVER (PARTITION BY account ORDER BY accesses DESC, {column}) AS place
  FROM counted
)
SELECT account, {column} FROM ranked WHERE place <= $most ORDER BY account, place
""",  # noqa: S608 - own names
    )


ADDRESSES_OF_CANDIDATES: Final = _most_used("ip")
CLIENTS_OF_CANDIDATES: Final = _most_used("client")

ACCESSES_OF_CANDIDATES: Final = Statement(
    "pipeline.traced_accesses",
    """
WITH ranked AS (
  SELECT account, ts, item, ip, client,
    row_number() OVER (PARTITION BY account ORDER BY ts, item) AS place
  FROM traced_best
  WHERE account IN (SELECT unnest($accounts) AS account)
)
SELECT account, ts, item, ip, client FROM ranked WHERE place <= $most ORDER BY account, place
""",
)
