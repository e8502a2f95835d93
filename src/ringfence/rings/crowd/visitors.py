"""Select the visitors that may belong to a crowd, and measure how they take items.

A member of a crowd is an account that is there for one day and takes few items, so that it shows
nothing alone. All other accounts are judged by their own evidence and by the collision test.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.stats.seconds import DAY

MAX_VISITOR_ITEMS: Final = 200
"""Items of a visitor at most. An account with more is large enough for the other tests."""

LONGEST_VISIT: Final = DAY
"""Seconds from the first to the last use of a visitor at most."""

NEIGHBOURING_ITEMS: Final = 100
"""Neighbouring items, in the order of their names, that may be taken as one run."""

CROWD_VISITORS: Final = Statement(
    "rings.crowd_visitors",
    """
CREATE OR REPLACE TEMP TABLE crowd_visitors AS
SELECT account_key, items, first, CAST(account_key % CAST(2 AS UBIGINT) AS INTEGER) AS half,
  last - first <= $longest AS brief
FROM portfolio
WHERE items BETWEEN 1 AND $most
""",
)
"""Accounts with few items, in two halves by chance. Only the brief ones can belong to a crowd; the
others show how often items are taken."""

CROWD_ITEMS: Final = Statement(
    "rings.crowd_items",
    """
CREATE OR REPLACE TEMP TABLE crowd_items AS
WITH held AS (
  SELECT h.item_key, sum(1 - v.half) AS one, sum(v.half) AS other
  FROM holdings AS h
  JOIN crowd_visitors AS v ON v.account_key = h.account_key
  GROUP BY h.item_key
)
SELECT held.item_key, CAST(held.one AS BIGINT) AS one, CAST(held.other AS BIGINT) AS other,
  row_number() OVER (ORDER BY length(i.item), i.item) AS place
FROM held
JOIN items AS i ON i.item_key = held.item_key
""",
)
"""Items with the number of holders in each half, and their place in the order of names. Shorter
names come first, so that the numbers at the end of ids are in order."""

RUNS: Final = Statement(
    "rings.crowd_runs",
    """
CREATE OR REPLACE TEMP TABLE crowd_runs AS
WITH blocks AS (
  SELECT h.account_key, i.place // $block AS block, count(*) AS items,
    min(i.place) AS lowest, max(i.place) AS highest
  FROM holdings AS h
  JOIN crowd_visitors AS v ON v.account_key = h.account_key AND v.brief
  JOIN crowd_items AS i ON i.item_key = h.item_key
  GROUP BY h.account_key, i.place // $block
), groups AS (
  SELECT account_key, CAST(sum(items * items) AS BIGINT) AS squares
  FROM (
    SELECT h.account_key, h.group_key, count(*) AS items
    FROM holdings AS h
    JOIN crowd_visitors AS v ON v.account_key = h.account_key AND v.brief
    WHERE h.group_key IS NOT NULL
    GROUP BY h.account_key, h.group_key
  ) AS each
  GROUP BY account_key
)
SELECT b.account_key, CAST(sum(b.items) AS BIGINT) AS items, min(b.lowest) AS lowest,
  max(b.highest) AS highest,
  greatest(CAST(sum(b.items * b.items) AS BIGINT), coalesce(any_value(g.squares), 0)) AS squares
FROM blocks AS b
LEFT JOIN groups AS g ON g.account_key = b.account_key
GROUP BY b.account_key
""",
)
"""Runs of each brief visitor: the squares of its items per block or group, summed, and the places
of its first and last item."""


def select_visitors(engine: Engine) -> None:
    """Make the temp tables ``crowd_visitors``, ``crowd_items`` and ``crowd_runs``.

    Args:
        engine: holds the ledger, on which the evidence steps have run.
    """
    engine.run(CROWD_VISITORS, {"most": MAX_VISITOR_ITEMS, "longest": LONGEST_VISIT})
    engine.run(CROWD_ITEMS)
    engine.run(RUNS, {"block": NEIGHBOURING_ITEMS})
