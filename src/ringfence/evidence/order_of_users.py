"""Learn from the population whether its users go in order, and which items are new when taken.

Pages, chapters and lessons are taken one after another, and feeds are read as they appear. Where
ids rise in the same order, honest users follow the numbers. Two facts are learned:

* **Neighbours.** All items are put in the order of their ids. An account goes in order if most of
  its items are next to the item that it took before.
* **New items.** Items with neighbouring ids form a block. On a feed, nobody takes any item of a
  block before the day on which the block appears. In a catalogue that does not grow, popular items
  of each block are taken in the first days of the log.

A single account can change neither fact. A block is dated by items that several accounts hold.
Order is usual only if more than one user in twenty, or most of the other large holders, go in
order.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.stats.seconds import DAY

MOSTLY: Final = 0.5
"""Least share of its items for which an account goes in order, or takes new items."""

USERS_SHARE: Final = 0.05
"""If a larger share of users goes in order, going in order is usual. Up to this share of a
population may be extractors."""

FEW_USERS: Final = 2
"""Number of users that may go in order by chance, in a population of any size."""

MOST_USERS: Final = 1_000
"""Largest number of users whose order is read, in addition to the large holders."""

LEAST_TAKEN: Final = 10
"""Least number of items of a user whose order is read."""

LEAST_LARGE: Final = 4
"""Least number of large holders that can show what is usual among them."""

BLOCK_OF_IDS: Final = 50
"""Number of items with neighbouring ids that are dated together."""

OLD_DAYS: Final = 2
"""Days at the start of a log. In them, old items are also taken for the first time."""

NEW_DAYS: Final = 14
"""Days after its appearance in which an item is new."""

NUMBERED_ITEMS: Final = Statement(
    "evidence.order_items",
    """
CREATE OR REPLACE TEMP TABLE order_items AS
WITH readers AS (
  SELECT account_key FROM portfolio WHERE items >= $large
  UNION
  (SELECT account_key FROM portfolio WHERE items >= $least AND items < $large
   ORDER BY account_key LIMIT $users)
),
named AS (
  SELECT item_key, regexp_extract(item, '([0-9]{1,18})[^0-9]*$', 1) AS digits,
    regexp_replace(item, '[0-9]{1,18}[^0-9]*$', '') AS prefix
  FROM items
  WHERE item_key IN (
    SELECT item_key FROM holdings WHERE account_key IN (SELECT account_key FROM readers))
),
numbered AS (
  SELECT item_key, TRY_CAST(digits AS DOUBLE) AS number, prefix
  FROM named
),
dated AS (
  SELECT item_key, min(first) AS first, count(*) AS holders
  FROM holdings
  WHERE item_key IN (SELECT item_key FROM numbered)
    AND account_key NOT IN (SELECT account_key FROM set_apart)
  GROUP BY item_key
),
placed AS (
  SELECT n.item_key, n.number,
    dense_rank() OVER (ORDER BY n.prefix, n.number) AS place,
    CASE WHEN d.holders > 1 THEN d.first END AS first,
    sum(CASE WHEN d.holders > 1 THEN 1 ELSE 0 END)
      OVER (ORDER BY n.prefix, n.number, n.item_key) // $block AS block
  FROM numbered AS n
  LEFT JOIN dated AS d ON d.item_key = n.item_key
  WHERE n.number IS NOT NULL
)
SELECT item_key, number, place, min(first) OVER (PARTITION BY block) AS appeared
FROM placed
""",
)
"""Items of the large holders and of some users: number, place in the order of ids, and the time at
which the first item of its block was taken."""

NUMBERED_TAKES: Final = Statement(
    "evidence.order_takes",
    """
CREATE OR REPLACE TEMP TABLE order_takes AS
WITH readers AS (
  SELECT account_key FROM portfolio WHERE items >= $large
  UNION
  (SELECT account_key FROM portfolio WHERE items >= $least AND items < $large
   ORDER BY account_key LIMIT $users)
),
began AS (
  SELECT min(first) AS start FROM portfolio
)
SELECT h.account_key, h.first, i.number, i.place,
  i.place - lag(i.place) OVER (PARTITION BY h.account_key ORDER BY h.first, i.place) AS step,
  coalesce(i.appeared > b.start + $old AND h.first < i.appeared + $new, FALSE) AS is_new
FROM holdings AS h
JOIN order_items AS i ON i.item_key = h.item_key
CROSS JOIN began AS b
WHERE h.account_key IN (SELECT account_key FROM readers)
""",
)
"""The items of these accounts in the order of taking: place in the order of ids, the step from the
item before, and whether the item was new."""

USERS_ORDER: Final = Statement(
    "evidence.order_users",
    """
SELECT p.account_key, p.items >= $large AS large,
  avg(CASE WHEN abs(t.step) = 1 THEN 1.0 ELSE 0.0 END) AS next_share
FROM order_takes AS t
JOIN portfolio AS p ON p.account_key = t.account_key
GROUP BY p.account_key, p.items
ORDER BY p.account_key
""",
)


def number_takes(engine: Engine, large: int) -> None:
    """Fill ``order_items`` and ``order_takes`` for the large holders and for some users.

    Args:
        engine: holds the ledger and the tables of :data:`ringfence.evidence.steps.STEPS`.
        large: least number of items of a large holder.
    """
    readers = {"large": large, "least": LEAST_TAKEN, "users": MOST_USERS}
    engine.run(NUMBERED_ITEMS, {**readers, "block": BLOCK_OF_IDS})
    engine.run(NUMBERED_TAKES, {**readers, "old": OLD_DAYS * DAY, "new": NEW_DAYS * DAY})


def users_go_in_order(engine: Engine, large: int) -> bool:
    """Return whether users, or most large holders, go from one id to the next.

    Args:
        engine: has run :func:`number_takes`.
        large: least number of items of a large holder.
    """
    table = engine.columns(USERS_ORDER, {"large": large})
    in_order = table["next_share"].astype(np.float64) >= MOSTLY
    holders = table["large"].astype(np.bool_)
    users, largest = in_order[~holders], in_order[holders]
    usual = np.sum(users) > max(USERS_SHARE * users.size, FEW_USERS)
    most = largest.size >= LEAST_LARGE and 2 * (np.sum(largest) - 1) > largest.size - 1
    return bool(usual or most)
