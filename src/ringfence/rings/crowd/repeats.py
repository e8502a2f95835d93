"""Count the items that visitors of a cohort share, and how many they share with strangers.

Let A and B be the two halves of the accounts outside a cohort. The count uses only items that
nobody in A holds, so popular items play no part. Of these items, the cohort has T holdings and B
has S; X pairs of a visitor and an account of B hold the same item. If visitors of the cohort were
as independent of each other as of strangers, their pairs would share

    Λ = X / (T S) · (T² − Σ n²) / 2

items, where n is the number of items of a visitor. Honest cohorts share more than this, because
their visitors have a browser, a campus or an hour in common. Visitors that divide the catalogue
share less, in whatever order they take it.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.stats.arrays import Columns

SHARED_IN_COHORTS: Final = Statement(
    "rings.crowd_shared",
    """
WITH held AS (
  SELECT m.cohort, h.item_key, count(*) AS members, sum(v.half) AS in_other
  FROM crowd_members AS m
  JOIN holdings AS h ON h.account_key = m.account_key
  JOIN crowd_visitors AS v ON v.account_key = m.account_key
  GROUP BY m.cohort, h.item_key
), halves AS (
  SELECT held.cohort, held.members, i.one - (held.members - held.in_other) AS known,
    i.other - held.in_other AS strangers, CASE WHEN i.one = 0 THEN i.other ELSE 0 END AS counted
  FROM held
  JOIN crowd_items AS i ON i.item_key = held.item_key
  WHERE NOT $swapped
  UNION ALL
  SELECT held.cohort, held.members, i.other - held.in_other AS known,
    i.one - (held.members - held.in_other) AS strangers,
    CASE WHEN i.other = 0 THEN i.one ELSE 0 END AS counted
  FROM held
  JOIN crowd_items AS i ON i.item_key = held.item_key
  WHERE $swapped
), outside AS (
  SELECT sum(CASE WHEN $swapped AND other = 0 THEN one WHEN NOT $swapped AND one = 0 THEN other
    ELSE 0 END) AS total
  FROM crowd_items
), counts AS (
  SELECT cohort,
    sum(CASE WHEN known = 0 THEN members ELSE 0 END) AS held,
    sum(CASE WHEN known = 0 THEN members * (members - 1) / 2 ELSE 0 END) AS observed,
    sum(CASE WHEN known = 0 THEN members * strangers ELSE 0 END) AS crossing,
    sum(CASE WHEN known = 0 THEN strangers ELSE 0 END) - sum(counted) AS added
  FROM halves
  GROUP BY cohort
)
SELECT c.cohort, CAST(n.held AS DOUBLE) AS held, CAST(n.observed AS DOUBLE) AS observed,
  CAST(n.crossing AS DOUBLE) AS crossing, CAST(o.total + n.added AS DOUBLE) AS strangers,
  CAST(c.items AS DOUBLE) AS items, CAST(c.squares AS DOUBLE) AS squares,
  CAST(c.runs AS DOUBLE) AS runs, c.kind, c.value, c.visitors
FROM counts AS n
CROSS JOIN outside AS o
JOIN crowd_cohorts AS c ON c.cohort = n.cohort
ORDER BY c.cohort
""",
)


def count_shared(engine: Engine, *, swapped: bool) -> Columns:
    """Return one row per cohort with its counts.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts.
        swapped: whether the halves change their parts.

    Returns:
        Columns ``cohort``, ``kind``, ``value``, ``visitors``, ``items``, ``squares`` (Σ n²),
        ``runs`` (Σ of the squared lengths of runs), ``held`` (T), ``observed``, ``crossing`` (X)
        and ``strangers`` (S).
    """
    return engine.columns(SHARED_IN_COHORTS, {"swapped": swapped})
