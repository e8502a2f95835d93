"""Count what each account and ring holds of a dump, and what it would hold of it by chance.

============  ======================================================================================
leak_items    one row per item of the dump: its place, and its day if the dump has one
leak_facts    one row per item of the catalogue: group, band of popularity, holders, and whether the
              dump has it
candidates    one row per account or ring and item: when it took the item first, and how many of the
              holders belong to it
leak_rates    one row per band and level: the share of comparable items that the dump has
leak_groups   one row per group: items in the dump, and items expected
============  ======================================================================================

An item's *level* is its number of holders: 0 to 4, 5, 6 to 8, 9 to 11, 12 to 16 and so on. Two
levels double it, so that an account which takes the most popular items of a level hardly differs
from others. An account's item is compared with items that have as many holders as this item has
other holders.
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement

RARITIES: Final[dict[str, int | None]] = {"": None, "_of_16": 16, "_of_4": 4, "_of_1": 1}
"""Suffixes of columns, and the other holders that an item may have; None is any number."""


def _level(holders: str) -> str:
    """Return SQL of the level of a number of holders."""
    return (
        f"CASE WHEN {holders} <= 4 THEN CAST({holders} AS INTEGER) "
        f"ELSE 4 + CAST(ceil(2 * log2({holders} / 4.0)) AS INTEGER) END"
    )


LEAK_ITEMS: Final = Statement(
    "leaks.items",
    """
CREATE OR REPLACE TEMP TABLE leak_items AS
SELECT item_key, min(place) AS place, min(day) AS day
FROM leak_rows
WHERE item_key % $sample = 0
GROUP BY item_key
""",
)

LEAK_HOLDINGS: Final = Statement(
    "leaks.holdings",
    """
CREATE OR REPLACE TEMP VIEW leak_holdings AS
SELECT h.account_key, h.item_key, h.group_key, h.first, h.uses
FROM holdings AS h
CROSS JOIN leak_limits AS l
WHERE h.first <= l.latest AND h.item_key % l.sample = 0
""",
)
"""Items that an account took after the dump was published cannot have left through it."""

LEAK_FACTS: Final = Statement(
    "leaks.facts",
    """
CREATE OR REPLACE TEMP TABLE leak_facts AS
WITH held AS (
  SELECT item_key, min(group_key) AS group_key, count(*) AS holders
  FROM leak_holdings
  GROUP BY item_key
),
listed AS (
  SELECT item_key, min(group_key) AS group_key, max(popularity) AS popularity
  FROM leak_catalogue
  WHERE item_key % (SELECT sample FROM leak_limits) = 0
  GROUP BY item_key
),
known AS (
  SELECT coalesce(l.item_key, h.item_key) AS item_key,
    coalesce(l.group_key, h.group_key) AS group_key,
    CASE WHEN l.popularity >= 0
      THEN CAST(floor(log2(l.popularity + 1)) AS INTEGER) ELSE -1 END AS band,
    coalesce(h.holders, 0) AS holders
  FROM listed AS l
  FULL JOIN held AS h ON h.item_key = l.item_key
)
SELECT k.item_key, k.group_key, k.band, k.holders, d.item_key IS NOT NULL AS leaked
FROM known AS k
LEFT JOIN leak_items AS d ON d.item_key = k.item_key
""",
)

CANDIDATES: Final = Statement(
    "leaks.candidates",
    """
CREATE OR REPLACE TEMP VIEW candidates AS
SELECT account_key AS candidate, FALSE AS is_ring, item_key, first, uses, 1 AS inside
FROM leak_holdings
UNION ALL
SELECT r.ring_key AS candidate, TRUE AS is_ring, h.item_key, min(h.first) AS first,
  sum(h.uses) AS uses, count(*) AS inside
FROM leak_rings AS r
JOIN leak_holdings AS h ON h.account_key = r.account_key
GROUP BY r.ring_key, h.item_key
""",
)

LEAK_POOLS: Final = Statement(
    "leaks.pools",
    f"""
SELECT band, {_level("holders")} AS level, count(*) AS items,
  sum(CASE WHEN leaked THEN 1 ELSE 0 END) AS leaked
FROM leak_facts
GROUP BY band, {_level("holders")}
ORDER BY band, level
""",  # noqa: S608 - a constant expression
)
"""Items by band and level, and how many of them the dump has."""

STRATA: Final = Statement(
    "leaks.strata",
    f"""
SELECT f.band, {_level("(f.holders - 1)")} AS level, h.account_key, count(*) AS items,
  sum(CASE WHEN f.leaked THEN 1 ELSE 0 END) AS leaked
FROM leak_holdings AS h
JOIN leak_facts AS f ON f.item_key = h.item_key
GROUP BY f.band, {_level("(f.holders - 1)")}, h.account_key
""",  # noqa: S608 - a constant expression
)
"""The items of each account, by band and by the level of other holders."""

LEAK_GROUPS: Final = Statement(
    "leaks.groups",
    f"""
CREATE OR REPLACE TEMP TABLE leak_groups AS
SELECT f.group_key, sum(CASE WHEN f.leaked THEN 1 ELSE 0 END) AS leaked, sum(r.rate) AS expected
FROM leak_facts AS f
JOIN leak_rates AS r ON r.band = f.band AND r.level = {_level("f.holders")}
WHERE f.group_key IS NOT NULL
GROUP BY f.group_key
""",  # noqa: S608 - a constant expression
)

GROUP_COUNTS: Final = Statement(
    "leaks.group_counts", "SELECT leaked, expected FROM leak_groups WHERE expected > 0"
)


def _counts_of_group(suffix: str, others: int | None) -> str:
    """Return SQL of what a candidate holds of a group, of its rarer items alone if asked for."""
    if others is None:
        return (
            "count(*) AS items, sum(CASE WHEN f.leaked THEN 1 ELSE 0 END) AS leaked, "
            "sum(r.rate) AS expected"
        )
    rare = f"f.holders - c.inside <= {others:d}"
    return (
        f"sum(CASE WHEN {rare} THEN 1 ELSE 0 END) AS items{suffix}, "
        f"sum(CASE WHEN {rare} AND f.leaked THEN 1 ELSE 0 END) AS leaked{suffix}, "
        f"sum(CASE WHEN {rare} THEN r.rate ELSE 0.0 END) AS expected{suffix}"
    )


def _sums_of_groups(suffix: str) -> str:
    """Return SQL of the number of leaked items over all groups, and of its mean and variance."""
    expected = f"expected{suffix} * factor"
    # Without a group, each item is a unit of its own.
    units = f"CASE WHEN is_group THEN 1 ELSE greatest(items{suffix}, 1) END"
    return (
        f"CAST(sum(leaked{suffix}) AS BIGINT) AS leaked{suffix}, "
        f"sum({expected}) AS expected{suffix}, "
        f"sum({expected} + ({expected}) * ({expected}) / (shape * {units})) AS variance{suffix}"
    )


LEAK_OVERLAPS: Final = Statement(
    "leaks.overlaps",
    f"""
WITH by_group AS (
  SELECT c.candidate, c.is_ring, f.group_key,
    {", ".join(_counts_of_group(*one) for one in RARITIES.items())},
    sum(o.rate) AS of_group, min(c.first) AS first, max(c.first) AS last,
    sum(c.uses) AS uses
  FROM candidates AS c
  JOIN leak_facts AS f ON f.item_key = c.item_key
  JOIN leak_rates AS r ON r.band = f.band AND r.level = {_level("(f.holders - c.inside)")}
  JOIN leak_rates AS o ON o.band = f.band AND o.level = {_level("f.holders")}
  GROUP BY c.candidate, c.is_ring, f.group_key
),
scaled AS (
  SELECT p.*, g.group_key IS NOT NULL AS is_group,
    CASE WHEN g.group_key IS NULL THEN 1.0
      ELSE ($shape + g.leaked - p.leaked)
        / ($shape + greatest(g.expected - p.of_group, 0.0)) END AS factor,
    $shape + CASE WHEN g.group_key IS NULL THEN 0 ELSE g.leaked - p.leaked END AS shape
  FROM by_group AS p
  LEFT JOIN leak_groups AS g ON g.group_key = p.group_key
)
SELECT candidate, is_ring, CAST(sum(items) AS BIGINT) AS items,
  {", ".join(map(_sums_of_groups, RARITIES))},
  min(first) AS first, max(last) AS last, CAST(sum(uses) AS BIGINT) AS uses
FROM scaled
GROUP BY candidate, is_ring
ORDER BY candidate
""",  # noqa: S608 - constant expressions
)
"""Per candidate: what it holds of the dump, and the mean and variance of that by chance.

A group's items are in a dump together. Given the rest of its group, an account's items of the group
that the dump has are negative binomial: the mean is scaled by (κ + d) / (κ + e), where d of the
other items of the group are in the dump and e are expected, and the shape is κ + d. This holds for
its rarer items alone, too: its other items of the group are not part of d and e either."""

SHARED: Final = Statement(
    "leaks.shared",
    """
SELECT c.candidate, c.item_key, c.first, d.place, d.day, f.holders, f.group_key
FROM candidates AS c
JOIN leak_items AS d ON d.item_key = c.item_key
JOIN leak_facts AS f ON f.item_key = c.item_key
WHERE c.candidate IN (SELECT candidate FROM leak_shown)
ORDER BY c.candidate, c.item_key
""",
)
"""The items of the dump that some candidates hold."""

HELD_OF_DUMP: Final = Statement(
    "leaks.held_of_dump",
    """
SELECT count(*) AS items, sum(CASE WHEN f.item_key IS NULL THEN 1 ELSE 0 END) AS unknown,
  sum(CASE WHEN f.holders = 0 THEN 1 ELSE 0 END) AS unheld,
  (SELECT count(*) FROM leak_facts) AS catalogue
FROM leak_items AS d
LEFT JOIN leak_facts AS f ON f.item_key = d.item_key
""",
)

RING_SIZES: Final = Statement(
    "leaks.ring_sizes",
    "SELECT ring_key AS candidate, count(*) AS members FROM leak_rings GROUP BY ring_key",
)

CANDIDATE_NAMES: Final = Statement(
    "leaks.names",
    """
SELECT a.account_key AS candidate, a.account AS name
FROM accounts AS a
WHERE a.account_key IN (SELECT candidate FROM leak_shown)
""",
)

MEMBERS_OF_RINGS: Final = Statement(
    "leaks.ring_members",
    """
SELECT hash(r.ring) AS ring_key, r.ring, r.account_key, a.account
FROM rings AS r
JOIN accounts AS a ON a.account_key = r.account_key
ORDER BY r.ring, a.account
""",
)

HELD_OF_ACCUSED: Final = Statement(
    "leaks.held_of_accused",
    """
SELECT c.candidate, c.item_key, f.leaked, f.holders - c.inside AS others
FROM candidates AS c
JOIN leak_facts AS f ON f.item_key = c.item_key
WHERE c.candidate IN (SELECT candidate FROM leak_shown)
  AND (f.leaked OR c.item_key // 1024 % $part = 0)
""",
)
"""All items of the dump that accused accounts hold, and a sample of their other items."""
