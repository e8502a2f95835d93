"""Read which account of a group holds which items, most popular items first.

Accounts that divide the work hold each item once. Several independent accounts hold the popular
items.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.model.ring_profile import Incidence

INCIDENCE_ACCOUNTS: Final = 40
"""Largest number of accounts shown, those with the largest holdings. A screen shows no more."""

INCIDENCE_ITEMS: Final = 240
"""Largest number of items shown."""

SHOWN: Final = Statement(
    "profiles.incidence_shown",
    """
CREATE OR REPLACE TEMP TABLE incidence_shown AS
WITH held AS (
  SELECT account_key, item_key, holders, first FROM ring_held WHERE ring = $ring AND other = $other
),
sizes AS (
  SELECT account_key, count(*) AS items FROM held GROUP BY account_key
),
lines AS (
  SELECT account_key, row_number() OVER (ORDER BY items DESC, account_key) - 1 AS line FROM sizes
),
shown AS (
  SELECT held.item_key, held.holders, held.first, lines.line
  FROM held
  JOIN lines ON lines.account_key = held.account_key
  WHERE lines.line < $accounts
),
known AS (
  SELECT item_key, max(holders) AS holders FROM shown GROUP BY item_key
),
ranked AS (
  SELECT item_key, row_number() OVER (ORDER BY holders DESC, item_key) - 1 AS place FROM known
)
SELECT shown.line, shown.holders, shown.first, ranked.place,
  row_number() OVER (PARTITION BY shown.line ORDER BY ranked.place) - 1 AS nth
FROM shown
JOIN ranked ON ranked.item_key = shown.item_key
""",
)
"""The holdings of the largest accounts, with the row of the account, the position of the item, and
the position among the account's own items. Equally popular items are in the order of their hashes,
which is arbitrary."""

SIZES: Final = Statement(
    "profiles.incidence_sizes",
    "SELECT line, count(*) AS items FROM incidence_shown GROUP BY line ORDER BY line",
)

ITEMS_HELD: Final = Statement(
    "profiles.incidence_items", "SELECT count(DISTINCT place) AS items FROM incidence_shown"
)

OWN: Final = Statement(
    "profiles.incidence_own",
    """
WITH asked AS (
  SELECT unnest($lines) AS line, unnest($nths) AS nth
)
SELECT DISTINCT d.place
FROM incidence_shown AS d
JOIN asked AS a ON a.line = d.line AND a.nth = d.nth
ORDER BY d.place
""",
)

CHOSEN: Final = Statement(
    "profiles.incidence_chosen",
    """
WITH chosen AS (
  SELECT unnest($places) AS place
)
SELECT d.line, d.place, d.holders, CAST(d.first // 86400 AS BIGINT) AS day
FROM incidence_shown AS d
JOIN chosen AS c ON c.place = d.place
ORDER BY d.place, d.line
""",
)


def incidence(engine: Engine, ring: int, *, other: bool) -> Incidence:
    """Return the incidence of a ring, or of its comparison group, from ``ring_held``."""
    engine.run(SHOWN, {"ring": ring, "other": other, "accounts": INCIDENCE_ACCOUNTS})
    sizes = [int(held) for _, held in engine.rows(SIZES)]
    items = int(engine.rows(ITEMS_HELD)[0][0])
    places = _places(engine, sizes, items)
    rows = engine.rows(CHOSEN, {"places": places}) if places else []
    column = {place: n for n, place in enumerate(places)}
    lines: list[list[int]] = [[] for _ in sizes]
    days: list[list[int]] = [[] for _ in sizes]
    holders = [0] * len(places)
    for line, place, count, day in rows:
        lines[line].append(column[place])
        days[line].append(int(day))
        holders[column[place]] = int(count)
    return Incidence(tuple(map(tuple, lines)), tuple(holders), items, tuple(map(tuple, days)))


def _places(engine: Engine, sizes: Sequence[int], items: int) -> list[int]:
    """Choose equally many items of each account, so that small holdings can be seen.

    Accounts share items, so room is left; it is filled with items from all that they hold.
    """
    if items <= INCIDENCE_ITEMS:
        return list(range(items))
    asked = [
        (line, n)
        for line, held in enumerate(sizes)
        for n in spread(held, INCIDENCE_ITEMS // len(sizes))
    ]
    lines, nths = zip(*asked, strict=True)
    own = {int(row[0]) for row in engine.rows(OWN, {"lines": [*lines], "nths": [*nths]})}
    room = INCIDENCE_ITEMS - len(own)
    more = [place for place in spread(items, INCIDENCE_ITEMS) if place not in own]
    return sorted(own.union(more[n] for n in spread(len(more), room)))


def spread(items: int, most: int = INCIDENCE_ITEMS) -> list[int]:
    """Return at most ``most`` positions out of ``items``, denser towards the most popular items.

    The k-th of n positions is N (k/n)² of N: half of them lie in the first quarter.
    """
    columns = np.arange(min(items, most))
    raw = (items * (columns / max(columns.size, 1)) ** 2).astype(np.int64)
    return [int(place) for place in np.maximum.accumulate(raw - columns) + columns]
