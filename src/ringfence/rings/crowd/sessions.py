"""Count the items that different visitors of a cohort take in one reading session.

Some networks choose another address for each request. Each page of one reader then is a visitor of
its own, and these visitors do not choose independently. So two items of different visitors of a
cohort count as one choice if they are neighbours, or of one group, and are taken in the same
hour. They count whether they are taken in order or not.

Items that are drawn at random also come near each other. The number of pairs expected by
chance is subtracted. It is that of all pairs of the same hour, times the chance that two
items are neighbours. Where honest visitors prefer some items, this is too low, so fewer pairs are
taken off and the test is more cautious.

Only items that the first half of the strangers does not hold are counted, as in
:mod:`ringfence.rings.crowd.repeats`. Chains of items in order that are longer than people read are
left out. Otherwise a crawl in order with an address for each page would be taken for readers.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.crowd.visitors import NEIGHBOURING_ITEMS
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.seconds import HOUR

SESSION: Final = HOUR
"""Seconds within which neighbouring items may be of one reading session. Sessions that cross the
border of two such times are counted in parts."""

SECONDS_AT_ONCE: Final = 60
"""Seconds that an item of a chain may be taken before the item in front of it, by programs that
request several items at once."""

MOST_READ: Final = 300
"""Items of the longest chain that one reader may have taken: the daily limit of decision 0073."""

SESSION_LIMITS: Final = {"session": SESSION, "at_once": SECONDS_AT_ONCE, "read": MOST_READ}
"""Parameters of :data:`SESSION_TAKES`, besides the size of a block."""

UNKNOWN_ITEMS: Final = Statement(
    "rings.crowd_unknown_items",
    """
CREATE OR REPLACE TEMP TABLE crowd_unknown AS
WITH named AS (
  SELECT CAST(i.place // $block AS UBIGINT) AS block, c.group_key,
    CASE WHEN $swapped THEN i.other ELSE i.one END = 0 AS unknown
  FROM crowd_items AS i
  LEFT JOIN catalogue AS c ON c.item_key = i.item_key
)
SELECT 'block' AS part, block AS value, CAST(count(*) AS DOUBLE) AS items
FROM named
WHERE unknown
GROUP BY block
UNION ALL
SELECT 'group' AS part, group_key AS value, CAST(count(*) AS DOUBLE) AS items
FROM named
WHERE unknown AND group_key IS NOT NULL
GROUP BY group_key
""",
)
"""Items that the first half does not hold, per block and per group."""

SESSION_TAKES: Final = Statement(
    "rings.crowd_session_takes",
    """
CREATE OR REPLACE TEMP TABLE crowd_session_takes AS
WITH held AS (
  SELECT m.cohort, h.item_key, count(*) AS members, sum(v.half) AS in_other
  FROM crowd_candidates AS c
  JOIN crowd_members AS m ON m.cohort = c.cohort
  JOIN holdings AS h ON h.account_key = m.account_key
  JOIN crowd_visitors AS v ON v.account_key = m.account_key
  GROUP BY m.cohort, h.item_key
), counted AS (
  SELECT held.cohort, held.item_key, i.place,
    CASE WHEN $swapped THEN i.other ELSE i.one END > 0 AS known
  FROM held
  JOIN crowd_items AS i ON i.item_key = held.item_key
  WHERE CASE WHEN $swapped THEN i.other - held.in_other
    ELSE i.one - (held.members - held.in_other) END = 0
), takes AS (
  SELECT c.cohort, c.item_key, c.known, c.place, m.account_key, CAST(h.first AS BIGINT) AS first,
    h.group_key
  FROM counted AS c
  JOIN crowd_members AS m ON m.cohort = c.cohort
  JOIN holdings AS h ON h.account_key = m.account_key AND h.item_key = c.item_key
), steps AS (
  SELECT t.*, CASE
    WHEN place - lag(place) OVER following <= $block
      AND first - lag(first) OVER following BETWEEN -$at_once AND $session
    THEN 0 ELSE 1 END AS begins
  FROM takes AS t
  WINDOW following AS (PARTITION BY cohort ORDER BY place, first, account_key)
), chained AS (
  SELECT s.*, sum(begins) OVER (PARTITION BY cohort ORDER BY place, first, account_key) AS chain
  FROM steps AS s
)
SELECT cohort, item_key, known, account_key, first // $session AS session,
  CAST(place // $block AS UBIGINT) AS block, group_key,
  count(*) OVER (PARTITION BY cohort, chain) <= $read AS readable
FROM chained
""",
)
"""The counted items of each candidate, with their session, and whether one reader may have taken
all of their chain. Items of a chain are near each other and are taken in their order. An item
is known if its only holders in the first half are members of the cohort."""

NEIGHBOUR_CHANCES: Final = Statement(
    "rings.crowd_neighbours_by_chance",
    """
CREATE OR REPLACE TEMP TABLE crowd_chances AS
WITH added AS (
  SELECT cohort, 'block' AS part, block AS value, CAST(count(DISTINCT item_key) AS DOUBLE) AS items
  FROM crowd_session_takes
  WHERE known
  GROUP BY cohort, block
  UNION ALL
  SELECT cohort, 'group' AS part, group_key AS value,
    CAST(count(DISTINCT item_key) AS DOUBLE) AS items
  FROM crowd_session_takes
  WHERE known AND group_key IS NOT NULL
  GROUP BY cohort, group_key
), more AS (
  SELECT a.cohort, a.part, sum(a.items) AS items,
    sum(a.items * a.items + 2 * a.items * coalesce(u.items, 0)) AS squares
  FROM added AS a
  LEFT JOIN crowd_unknown AS u ON u.part = a.part AND u.value = a.value
  GROUP BY a.cohort, a.part
), everywhere AS (
  SELECT part, sum(items) AS items, sum(items * items) AS squares
  FROM crowd_unknown
  GROUP BY part
)
SELECT c.cohort, e.part, (e.squares + coalesce(m.squares, 0))
  / ((e.items + coalesce(m.items, 0)) * (e.items + coalesce(m.items, 0))) AS chance
FROM crowd_candidates AS c
CROSS JOIN everywhere AS e
LEFT JOIN more AS m ON m.cohort = c.cohort AND m.part = e.part
""",
)
"""The chance that two items that can be counted are of one block, or of one group."""

SESSION_PAIRS: Final = Statement(
    "rings.crowd_session_pairs",
    """
WITH counts AS (
  SELECT cohort, session, 'session' AS part, CAST(0 AS UBIGINT) AS value, account_key,
    count(*) AS items
  FROM crowd_session_takes
  GROUP BY cohort, session, account_key
  UNION ALL
  SELECT cohort, session, 'block' AS part, block AS value, account_key, count(*) AS items
  FROM crowd_session_takes
  WHERE readable
  GROUP BY cohort, session, block, account_key
  UNION ALL
  SELECT cohort, session, 'group' AS part, group_key AS value, account_key, count(*) AS items
  FROM crowd_session_takes
  WHERE readable AND group_key IS NOT NULL
  GROUP BY cohort, session, group_key, account_key
), each AS (
  SELECT cohort, part, CAST(sum(items) AS DOUBLE) AS items,
    CAST(sum(items) * sum(items) - sum(items * items) AS DOUBLE) AS pairs
  FROM counts
  GROUP BY cohort, part, session, value
), whole AS (
  SELECT cohort, part, sum(items) AS items, sum(pairs) AS pairs
  FROM each
  GROUP BY cohort, part
)
SELECT a.cohort, greatest(max(w.pairs - a.pairs * coalesce(c.chance, 0)), 0) / any_value(a.items)
  AS more
FROM whole AS a
JOIN whole AS w ON w.cohort = a.cohort AND w.part <> 'session'
LEFT JOIN crowd_chances AS c ON c.cohort = w.cohort AND c.part = w.part
WHERE a.part = 'session'
GROUP BY a.cohort
ORDER BY a.cohort
""",
)
"""Per cohort, the mean number of items beyond chance that other visitors take near an item, in its
session. Each pair counts in both directions."""


def measure_sessions(engine: Engine, cohorts: Floats, *, swapped: bool) -> Columns:
    """Return one row per cohort with counted items: ``cohort`` and ``more``.

    ``more`` is the mean number of items, beyond chance, that other visitors of the cohort take near
    an item in its session. It is added to the mean length of the runs of single visitors.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts. Writes the temp tables
            ``crowd_candidates``, ``crowd_unknown``, ``crowd_session_takes`` and ``crowd_chances``.
        cohorts: numbers of the cohorts to be measured.
        swapped: whether the halves of the strangers change their parts.
    """
    engine.table("crowd_candidates", {"cohort": cohorts.astype(np.int64)})
    sizes = {"block": NEIGHBOURING_ITEMS, "swapped": swapped}
    engine.run(UNKNOWN_ITEMS, sizes)
    engine.run(SESSION_TAKES, {**sizes, **SESSION_LIMITS})
    engine.run(NEIGHBOUR_CHANCES)
    return engine.columns(SESSION_PAIRS)
