"""Read the path of a crowd through the catalogue: who took which item when."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.model.ring_profile import CrowdPath

PATH_VISITORS: Final = 60
"""Visitors shown at most: those in the middle of the crowd, in the order of their first use."""

PATH_ITEMS: Final = 900
"""Items shown at most."""

PATH: Final = Statement(
    "profiles.crowd_path",
    """
WITH held AS (
  SELECT h.account_key, h.first, i.item,
    row_number() OVER (ORDER BY length(i.item), i.item, h.account_key) AS place
  FROM ring_held AS h
  JOIN items AS i ON i.item_key = h.item_key
  WHERE h.ring = $ring AND NOT h.other
), begun AS (
  SELECT account_key, row_number() OVER (ORDER BY min(first), account_key) AS turn,
    count(*) OVER () AS visitors
  FROM held
  GROUP BY account_key
)
SELECT CAST(b.turn AS BIGINT) AS turn, CAST(held.first AS BIGINT) AS second,
  CAST(held.place AS BIGINT) AS place
FROM held
JOIN begun AS b ON b.account_key = held.account_key
WHERE 2 * abs(b.turn - b.visitors // 2) <= $visitors
ORDER BY b.turn, held.first, held.place
LIMIT $items
""",
)
"""Items are numbered in the order of their names; shorter names come first."""


def crowd_path(engine: Engine, ring: int) -> CrowdPath:
    """Return the path of the ring with this number in the temporary table ``ring_held``."""
    rows = engine.rows(PATH, {"ring": ring, "visitors": PATH_VISITORS - 2, "items": PATH_ITEMS})
    turns, seconds, places = zip(*rows, strict=True) if rows else ((), (), ())
    return CrowdPath(tuple(map(int, turns)), tuple(map(int, seconds)), tuple(map(int, places)))
