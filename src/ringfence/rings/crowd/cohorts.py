"""Form cohorts: brief visitors that have an attribute in common.

The attribute is chosen without looking at items, apart from their number. Each cohort is judged as
one account would be. A campus, a popular browser and the readers of one news item are cohorts too.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

MIN_VISITORS: Final = 50
"""Visitors of a cohort at least. Fewer may be one person whose address changes."""

MIN_ITEMS: Final = 200
"""Items that the visitors of a cohort take together at least."""

MAX_COHORTS: Final = 500
"""Cohorts at most, those with most items. P-values are multiplied by their number."""

RARE_CLIENT: Final = 2
"""Accounts with a client's name at most, for the client to be rare."""

MIXED: Final = frozenset({"no traces", "no traces, items"})
"""Kinds of cohorts whose attribute many honest visitors have."""

TRACED_SHARE: Final = 0.25
"""Share of brief visitors with pages that must have traces of a browser. In a log in which hardly
anybody has them, such as one behind a cache, their absence says nothing."""

VALUES: Final = Statement(
    "rings.crowd_values",
    """
CREATE OR REPLACE TEMP TABLE crowd_values AS
WITH named AS (
  SELECT c.account_key, c.client, count(*) OVER (PARTITION BY c.client) AS accounts
  FROM clients AS c
  JOIN crowd_visitors AS v ON v.account_key = c.account_key
), spread AS (
  SELECT n.account_key, n.network, CASE
    WHEN contains(n.network, ':')
    THEN concat(split_part(n.network, ':', 1), ':', split_part(n.network, ':', 2))
    ELSE concat(split_part(n.network, '.', 1), '.', split_part(n.network, '.', 2))
  END AS wide
  FROM networks AS n
), loads AS (
  SELECT v.account_key, v.items, p.assets = 0 AND p.referred = 0 AS untraced,
    avg(CASE WHEN p.assets = 0 AND p.referred = 0 THEN 0.0 ELSE 1.0 END) OVER () AS traced
  FROM page_loads AS p
  JOIN crowd_visitors AS v ON v.account_key = p.account_key AND v.brief
  WHERE p.pages > 0
)
SELECT 'client' AS kind, client AS value, account_key FROM named
UNION
SELECT 'rare client' AS kind, '' AS value, account_key FROM named WHERE accounts <= $rare
UNION
SELECT 'network' AS kind, network AS value, account_key FROM spread
UNION
SELECT 'wide network' AS kind, wide AS value, account_key FROM spread
UNION
SELECT 'provider' AS kind, o.provider AS value, n.account_key
FROM networks AS n
JOIN network_origins AS o ON o.network = n.network
WHERE o.provider IS NOT NULL
UNION
SELECT 'hour' AS kind, CAST(first // 3600 AS VARCHAR) AS value, account_key FROM crowd_visitors
UNION
SELECT 'items' AS kind, CAST(items AS VARCHAR) AS value, account_key FROM crowd_visitors
UNION
SELECT 'no traces' AS kind, '' AS value, account_key FROM loads WHERE untraced AND traced >= $traced
UNION
SELECT 'no traces, items' AS kind, CAST(items AS VARCHAR) AS value, account_key
FROM loads
WHERE untraced AND traced >= $traced
""",
)
"""The attributes of accounts. A wide network is 16 bits of an IPv4 address, 32 of an IPv6 one. A
visitor without traces has pages, but neither fetched anything that browsers load with a page, nor
named a referrer."""

COHORTS: Final = Statement(
    "rings.crowd_cohorts",
    """
CREATE OR REPLACE TEMP TABLE crowd_cohorts AS
SELECT row_number() OVER (ORDER BY items DESC, kind, value) AS cohort, kind, value, visitors, items,
  squares, runs
FROM (
  SELECT c.kind, c.value, count(*) AS visitors, CAST(sum(r.items) AS BIGINT) AS items,
    CAST(sum(r.items * r.items) AS BIGINT) AS squares, CAST(sum(r.squares) AS BIGINT) AS runs
  FROM crowd_values AS c
  JOIN crowd_runs AS r ON r.account_key = c.account_key
  GROUP BY c.kind, c.value
) AS each
WHERE visitors >= $visitors AND items >= $items
ORDER BY items DESC, kind, value
LIMIT $most
""",
)

COHORT_VISITORS: Final = Statement(
    "rings.crowd_members",
    """
CREATE OR REPLACE TEMP TABLE crowd_members AS
SELECT c.cohort, v.account_key
FROM crowd_cohorts AS c
JOIN crowd_values AS v ON v.kind = c.kind AND v.value = c.value
JOIN crowd_runs AS r ON r.account_key = v.account_key
""",
)


def form_cohorts(engine: Engine) -> None:
    """Make the temp tables ``crowd_cohorts`` and ``crowd_members``.

    Args:
        engine: holds the ledger and the tables of
            :func:`~ringfence.rings.crowd.visitors.select_visitors`.
    """
    engine.run(VALUES, {"rare": RARE_CLIENT, "traced": TRACED_SHARE})
    engine.run(COHORTS, {"visitors": MIN_VISITORS, "items": MIN_ITEMS, "most": MAX_COHORTS})
    engine.run(COHORT_VISITORS)
