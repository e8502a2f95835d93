"""Build the tables that several evidence tests read, from the ledger and the catalogue.

==============  ====================================================================================
activity        one row per account and hour: uses, items new to the account, minutes in use,
                seconds played
days            the same per account and day, with the number of hours in use
portfolio       one row per account: items, uses, times, popularity of the holdings, how common its
                items are, and how the order of taking correlates with popularity; accounts without
                items that walk through lists are in it, too
group_holdings  one row per account and group: items
==============  ====================================================================================

Accounts in the table ``set_apart`` are in none of these tables.

Means and correlations in floating point are rounded. Threads add numbers in any order, and the same
log must give the same findings.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.evidence.base import MINIMUM_EVENTS

MEASURE_ACTIVITY: Final = Statement(
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
WHERE h.account_key NOT IN (SELECT account_key FROM set_apart)
""",
)

MEASURE_DAYS: Final = Statement(
    "evidence.days",
    """
CREATE OR REPLACE TEMP TABLE days AS
SELECT account_key, hour // 24 AS day, CAST(sum(uses) AS BIGINT) AS uses,
  CAST(sum(new_items) AS BIGINT) AS new_items, count(*) AS active_hours, sum(seconds) AS seconds
FROM activity
GROUP BY account_key, hour // 24
""",
)

MEASURE_PORTFOLIO: Final = Statement(
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
WHERE h.account_key NOT IN (SELECT account_key FROM set_apart)
GROUP BY h.account_key
""",
)
"""``popularity_order`` is a Pearson correlation. An account's own uses are left out of popularity:
it has had most time to return to the items that it took first."""

LISTS_ONLY: Final = Statement(
    "evidence.lists_only",
    f"""
INSERT INTO portfolio
SELECT account_key, 0, 0, CAST(min(hour) * 3600 AS UINTEGER),
  CAST(max(hour) * 3600 + 3599 AS UINTEGER), 0, NULL, NULL
FROM listings
WHERE account_key NOT IN (SELECT account_key FROM portfolio)
  AND account_key NOT IN (SELECT account_key FROM set_apart)
  AND account_key IN (SELECT account_key FROM accounts)
GROUP BY account_key
HAVING sum(weight) >= {MINIMUM_EVENTS}
""",  # noqa: S608 - own number
)
"""Accounts that hold nothing and have seen many pages of lists. Others that hold nothing are not
judged."""

GROUP_HOLDINGS: Final = Statement(
    "evidence.group_holdings",
    """
CREATE OR REPLACE TEMP TABLE group_holdings AS
SELECT h.account_key, c.group_key, count(*) AS items
FROM holdings AS h
JOIN catalogue AS c ON c.item_key = h.item_key
WHERE c.group_key IS NOT NULL
  AND h.account_key NOT IN (SELECT account_key FROM set_apart)
GROUP BY h.account_key, c.group_key
""",
)

STEPS: Final = (MEASURE_ACTIVITY, MEASURE_DAYS, MEASURE_PORTFOLIO, LISTS_ONLY, GROUP_HOLDINGS)
"""The statements in the order in which they run, after the ledger is merged and robots are set
apart (:func:`ringfence.population.set_robots_apart`)."""


def run_steps(engine: Engine) -> None:
    """Run every evidence step; the tables are temporary and replace those of an earlier run."""
    for step in STEPS:
        engine.run(step)
