"""Count the visitors of a cohort that continue where the one before them stopped.

Visitors are ordered by their first use, items by their names. A visitor continues the one before it
if its first item comes right after the other's last item in the order of names. Visitors of a crowd
that work through a site map do this. Users come near each other too, when a series appears page by
page, but they do not know where others stopped. If new items and users arrive independently, the
number of items between two users is at least as spread as a Poisson count, whose likeliest value
has a chance of at most 0.37 for means from 1 on. So a visitor that begins near the end of the one
before continues it exactly with a chance of at most :data:`EXACT_CHANCE`.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.rings.crowd.visitors import NEIGHBOURING_ITEMS
from ringfence.stats.arrays import Columns

EXACT_CHANCE: Final = 0.5
"""Chance at most that a user who begins near the end of the one before continues it exactly."""

MIN_VISIT: Final = 2
"""Items of a visitor at least. Users who take one new item each follow each other exactly."""

TURNS: Final = Statement(
    "rings.crowd_turns",
    """
CREATE OR REPLACE TEMP TABLE crowd_turns AS
WITH ordered AS (
  SELECT m.cohort, m.account_key, v.first, r.lowest, r.highest
  FROM crowd_members AS m
  JOIN crowd_runs AS r ON r.account_key = m.account_key AND r.items >= $least
  JOIN crowd_visitors AS v ON v.account_key = m.account_key
)
SELECT cohort, account_key,
  lead(lowest) OVER (PARTITION BY cohort ORDER BY first, account_key) - highest AS after,
  lowest - lag(highest) OVER (PARTITION BY cohort ORDER BY first, account_key) AS before
FROM ordered
""",
)
"""The distance in places from each visitor's last item to the first item of the next visitor of the
cohort, and from the last item of the visitor before it to its own first item."""

CONTINUED: Final = Statement(
    "rings.crowd_continued",
    """
SELECT cohort, CAST(sum(CASE WHEN after = 1 THEN 1 ELSE 0 END) AS DOUBLE) AS exact,
  CAST(count(*) AS DOUBLE) AS near
FROM crowd_turns
WHERE abs(after) <= $block
GROUP BY cohort
ORDER BY cohort
""",
)


def count_continued(engine: Engine) -> Columns:
    """Return one row per cohort with such visitors: ``cohort``, ``exact`` and ``near``.

    ``near`` counts visitors whose last item is at most :data:`~.visitors.NEIGHBOURING_ITEMS` places
    from the first item of the next visitor, and ``exact`` those that the next visitor continues.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts. Writes the temp table
            ``crowd_turns``.
    """
    engine.run(TURNS, {"least": MIN_VISIT})
    return engine.columns(CONTINUED, {"block": NEIGHBOURING_ITEMS})
