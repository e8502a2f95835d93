"""Divide the use of an account at a cut: its past, and what came from foreign places since.

A place is foreign from a cut on if neither its network nor its client was used by the account
before. An account that travels keeps its client, a new telephone keeps the network, and both keep
their account out of this analysis. If the operator's table of prefixes knows the networks, a place
is a provider in a country, and a country that is new to the account is foreign with any client.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

MAX_CUTS: Final = 4
"""Cuts that are examined per account at most: those with most events from places that appeared on
that day. P-values are multiplied by their number."""

LEAST_OWN_DAYS: Final = 2
"""Days of use before a cut at least. With fewer, an account has no past."""

LEAST_PAST: Final = 7
"""Days between the first use and a cut at least: all weekdays."""

LEAST_FOREIGN_DAYS: Final = 3
"""Days with use from foreign places at least. A thief of one or two days is not found."""

LEAST_FOREIGN_ITEMS: Final = 50
"""New items from foreign places at least."""

MAX_COMPARED: Final = 20_000
"""Accounts with whose own days the others are compared, about."""

PLACE_USE: Final = Statement(
    "own_past.place_use",
    """
CREATE OR REPLACE TEMP TABLE place_use AS
WITH known AS (
  SELECT hash(network) AS network_key, provider, country FROM network_origins
),
placed AS (
  SELECT p.account_key, p.day, p.hours, p.events, p.network_key, p.client_key, k.country,
    CASE WHEN k.provider IS NULL THEN p.network_key
      ELSE hash(concat(k.provider, ' / ', coalesce(k.country, ''))) END AS place_key
  FROM places AS p
  LEFT JOIN known AS k ON k.network_key = p.network_key
  WHERE p.account_key NOT IN (SELECT account_key FROM set_apart)
),
seen AS (
  SELECT account_key, day, hours, events, network_key, place_key, client_key,
    min(day) OVER (PARTITION BY account_key, place_key) AS place_day,
    min(day) OVER (PARTITION BY account_key, client_key) AS client_day,
    CASE WHEN country IS NOT NULL
      THEN min(day) OVER (PARTITION BY account_key, country) END AS country_day
  FROM placed
)
SELECT account_key, day, hours, events, network_key, place_key, client_key,
  greatest(least(place_day, client_day), coalesce(country_day, 0)) AS appeared
FROM seen
""",
)
"""The places of each account and day, with the day on which the place or the client appeared,
whichever is earlier. Networks of one provider in one country are one place. In a country that is
new to the account, a known client does not matter. Events without a client count as one client."""

CUTS: Final = Statement(
    "own_past.cuts",
    """
CREATE OR REPLACE TEMP TABLE own_past_cuts AS
WITH bounds AS (
  SELECT account_key, min(day) AS first FROM place_use GROUP BY account_key
),
appearing AS (
  SELECT p.account_key, p.appeared AS cut, b.first, sum(p.events) AS events
  FROM place_use AS p
  JOIN bounds AS b ON b.account_key = p.account_key
  WHERE p.appeared - b.first >= $past
  GROUP BY p.account_key, p.appeared, b.first
),
ranked AS (
  SELECT account_key, cut, first,
    row_number() OVER (PARTITION BY account_key ORDER BY events DESC, cut) AS place
  FROM appearing
),
days AS (
  SELECT DISTINCT account_key, day FROM place_use
),
numbered AS (
  SELECT account_key, day,
    row_number() OVER (PARTITION BY account_key ORDER BY day) AS number,
    count(*) OVER (PARTITION BY account_key) AS days
  FROM days
)
SELECT account_key, cut, first, TRUE AS is_foreign
FROM ranked
WHERE place <= $most
UNION ALL
SELECT n.account_key, n.day AS cut, b.first, FALSE AS is_foreign
FROM numbered AS n
JOIN bounds AS b ON b.account_key = n.account_key
WHERE n.number = n.days // 2 + 1 AND n.days >= $least_days
  AND n.account_key % CAST($one_in AS UBIGINT) = 0
""",
)
"""The cuts at which foreign places appeared. For comparison, a sample of all accounts is cut in the
middle of its days of use."""

DIVIDED_DAYS: Final = Statement(
    "own_past.divided_days",
    """
CREATE OR REPLACE TEMP TABLE own_past_days AS
WITH cut_use AS (
  SELECT c.account_key, c.cut, c.first, c.is_foreign, p.day, p.hours,
    c.is_foreign AND p.appeared >= c.cut AS elsewhere
  FROM own_past_cuts AS c
  JOIN place_use AS p ON p.account_key = c.account_key
),
by_day AS (
  SELECT account_key, cut, first, is_foreign, day,
    coalesce(bit_or(CASE WHEN elsewhere THEN 0 ELSE hours END), 0) AS own,
    coalesce(bit_or(CASE WHEN elsewhere THEN hours ELSE 0 END), 0) AS other
  FROM cut_use
  GROUP BY account_key, cut, first, is_foreign, day
)
SELECT account_key, cut, first, is_foreign, day, CASE
    WHEN day < cut THEN 0
    WHEN NOT is_foreign THEN 1
    WHEN other = 0 THEN 2
    ELSE 1
  END AS part,
  CASE WHEN is_foreign AND day >= cut AND other > 0 THEN other & ~own ELSE own END AS hours,
  CASE WHEN is_foreign AND day >= cut THEN own ELSE 0 END AS owner_hours
FROM by_day
""",
)
"""Per cut and day: part 0 is the past, part 1 what is compared with it, part 2 days on which only
the known places were used since. Hours in which both were used are in neither part."""

NEW_BY_HOUR: Final = Statement(
    "own_past.new_items",
    """
CREATE OR REPLACE TEMP TABLE own_past_items AS
SELECT h.account_key, CAST(h.first // 3600 AS BIGINT) AS hour, count(*) AS items,
  sum(ln(greatest(c.holders, 1))) AS log_holders
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE h.account_key IN (SELECT account_key FROM own_past_cuts)
GROUP BY h.account_key, h.first // 3600
""",
)
"""New items of each hour, and the summed logarithm of the number of accounts that hold them."""

_HISTOGRAM: Final = ", ".join(
    f"CAST(sum(CASE WHEN u.hour = {hour} THEN 1 ELSE 0 END) AS DOUBLE) AS h{hour}"
    for hour in range(24)
)
_COUNTED: Final = ", ".join(f"sum(h{hour}) AS h{hour}" for hour in range(24))

OWNER_DAYS: Final = Statement(
    "own_past.owner_days",
    """
SELECT account_key, cut, CAST(sum(CASE WHEN owner_hours <> 0 THEN 1 ELSE 0 END) AS DOUBLE) AS days
FROM own_past_days
WHERE is_foreign
GROUP BY account_key, cut
ORDER BY account_key, cut
""",
)
"""Per cut at which foreign places appeared: days since on which known places were used as well."""

MEASURED: Final = Statement(
    "own_past.measured",
    f"""
WITH spread AS (
  SELECT account_key, cut, first, is_foreign, part, day, hours,
    CAST(unnest(range(24)) AS INTEGER) AS hour
  FROM own_past_days
  WHERE part < 2 AND hours > 0
),
used AS (
  SELECT * FROM spread WHERE hours & (CAST(1 AS INTEGER) << hour) <> 0
),
by_day AS (
  SELECT u.account_key, u.cut, u.first, u.is_foreign, u.part, u.day,
    CAST(coalesce(sum(i.items), 0) AS DOUBLE) AS items,
    sum(i.log_holders) / sum(i.items) AS taste, {_HISTOGRAM}
  FROM used AS u
  LEFT JOIN own_past_items AS i
    ON i.account_key = u.account_key AND i.hour = CAST(u.day AS BIGINT) * 24 + u.hour
  GROUP BY u.account_key, u.cut, u.first, u.is_foreign, u.part, u.day
)
SELECT account_key, cut, first, is_foreign, part,
  CAST(count(*) AS DOUBLE) AS days, CAST(max(day) AS DOUBLE) AS last, sum(items) AS items,
  round(sum(ln(greatest(items, 0.5))), 9) AS log_items,
  round(sum(ln(greatest(items, 0.5)) * ln(greatest(items, 0.5))), 9) AS log_items_2,
  CAST(count(taste) AS DOUBLE) AS tasted, round(coalesce(sum(taste), 0), 9) AS taste,
  round(coalesce(sum(taste * taste), 0), 9) AS taste_2, {_COUNTED}
FROM by_day
GROUP BY account_key, cut, first, is_foreign, part
ORDER BY account_key, cut, is_foreign, part
""",  # noqa: S608 - own parts
)
"""Per cut and part: days of use, the last of them, new items, and sums over days of the logarithm
of new items and of their mean logarithm of holders, with squares; and in how many days each hour
was used."""


def divide_use(engine: Engine) -> None:
    """Make the temp tables ``own_past_cuts``, ``own_past_days`` and ``own_past_items``.

    Args:
        engine: holds the ledger, on which the evidence steps have run.
    """
    engine.run(PLACE_USE)
    accounts = engine.rows("SELECT count(DISTINCT account_key) FROM place_use")[0][0]
    values = {"past": LEAST_PAST, "most": MAX_CUTS, "least_days": 2 * LEAST_OWN_DAYS}
    engine.run(CUTS, {**values, "one_in": -(-int(accounts) // MAX_COMPARED) or 1})
    engine.run(DIVIDED_DAYS)
    engine.run(NEW_BY_HOUR)
