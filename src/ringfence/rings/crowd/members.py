"""Choose the members of a crowd among the visitors of its cohort.

A cohort also has honest visitors. Their own items, which nobody else holds, are fewer, because they
also take popular items. A visitor is a member if its share of own items reaches a limit. The limit
is chosen for the cohort: the lowest at which at most :data:`MAX_HONEST_SHARE` of the members are
expected to be honest. Visitors with less than half own items are taken as honest. Let the cohort
have n of them. Outside the cohort, among visitors with about as many items, let a be the share of
such visitors, and b the share of visitors that reach the limit. Then about n b / a honest visitors
of the cohort reach it. This is an upper bound, because members may share items by chance. If too
many would be honest at every limit, the highest one is used.

That is too low for cohorts of visitors without traces of a browser, of which many are honest. A
visitor with one or two items often has own items only. So visitors with less than half the usual
items of such a cohort are compared among themselves. If too many members would be honest at every
limit, only larger visitors can be members, or none.

In a crowd that is found by its continuations, only visitors that continue another one, or are
continued, can be members.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.stats.arrays import Columns, Flags, Floats

LIMITS: Final = (0.5, 2 / 3, 0.75, 0.8, 0.9, 1.0)
"""Shares of own items that may be the limit of a cohort."""

MEMBER_SIZES: Final = (0.5, 1.0, 1.5, 2.0)
"""Least items of a member, as multiples of the cohort's median. A larger visitor whose items are
all its own is less likely to be honest, so larger sizes are tried where the smaller ones fail."""

MAX_HONEST_SHARE: Final = 0.01
"""Honest visitors at most that are expected among the members of a crowd, as a share."""

OWN_ITEMS: Final = Statement(
    "rings.crowd_own_items",
    """
CREATE OR REPLACE TEMP TABLE crowd_own AS
SELECT h.account_key, CAST(count(*) AS DOUBLE) AS items,
  sum(CASE WHEN i.one + i.other = 1 THEN 1.0 ELSE 0.0 END) / count(*) AS own
FROM crowd_runs AS r
JOIN holdings AS h ON h.account_key = r.account_key
JOIN crowd_items AS i ON i.item_key = h.item_key
GROUP BY h.account_key
""",
)
"""The share of each brief visitor's items that nobody else holds."""

COHORT_OWN_ITEMS: Final = Statement(
    "rings.crowd_cohort_own_items",
    """
SELECT o.account_key, o.items, o.own, m.account_key IS NOT NULL AS inside,
  coalesce(c.continuing, FALSE) AS continuing
FROM crowd_own AS o
LEFT JOIN crowd_members AS m ON m.account_key = o.account_key AND m.cohort = $cohort
LEFT JOIN (
  SELECT account_key, TRUE AS continuing
  FROM crowd_turns
  WHERE cohort = $cohort AND (after = 1 OR before = 1)
) AS c ON c.account_key = o.account_key
ORDER BY o.account_key
""",
)


def measure_own_items(engine: Engine) -> None:
    """Make the temp table ``crowd_own``: the share of own items of each brief visitor."""
    engine.run(OWN_ITEMS)


def choose_members(engine: Engine, cohort: int, *, continuing: bool, mixed: bool) -> Columns:
    """Return the members of a cohort's crowd: ``account_key``, ``items`` and ``own`` share.

    Args:
        engine: holds the tables of the crowd's visitors and cohorts.
        cohort: number of the cohort.
        continuing: whether the crowd is found by its continuations.
        mixed: whether the cohort's attribute is usual among honest visitors, too.
    """
    visitors = engine.columns(COHORT_OWN_ITEMS, {"cohort": cohort})
    inside = visitors["inside"].astype(bool)
    if continuing:
        chosen = inside & visitors["continuing"].astype(bool)
    else:
        choose = by_own_items_and_size if mixed else by_own_items
        chosen = choose(visitors["own"], visitors["items"], inside)
    return {name: visitors[name][chosen] for name in ("account_key", "items", "own")}


def by_own_items(own: Floats, items: Floats, inside: Flags) -> Flags:
    """Return (visitors,) whether each is a member; at the highest limit if all fail.

    Args:
        own: (visitors,) share of own items of all brief visitors.
        items: (visitors,) items of each.
        inside: (visitors,) whether each is in the cohort.
    """
    usual = float(np.median(items[inside]))
    compared = inside | ((2 * items >= usual) & (items <= 2 * usual))
    return inside & (own >= lowest_limit(own[compared], inside[compared]))


def by_own_items_and_size(own: Floats, items: Floats, inside: Flags) -> Flags:
    """Return (visitors,) whether each is a member; nobody if too many would be honest.

    Args:
        own: as for :func:`by_own_items`.
        items: as for :func:`by_own_items`.
        inside: as for :func:`by_own_items`.
    """
    usual = float(np.median(items[inside]))
    chosen: Flags = np.zeros(own.size, np.bool_)
    for share in MEMBER_SIZES:
        large = items >= share * usual
        compared = large & (inside | (items <= 2 * max(share, 1) * usual))
        limit = lowest_limit(own[compared], inside[compared])
        if limit < LIMITS[-1]:
            chosen = inside & large & (own >= limit)
            break
    small = items < MEMBER_SIZES[0] * usual
    limit = lowest_limit(own[small], inside[small])
    return chosen | (inside & small & (own >= limit) & (limit < LIMITS[-1]))


def lowest_limit(own: Floats, inside: Flags) -> float:
    """Return the lowest limit with few honest members expected, or the highest of all.

    Args:
        own: (visitors,) share of own items of all brief visitors.
        inside: (visitors,) whether each is in the cohort.
    """
    few = own < LIMITS[0]
    outside = np.sum(few & ~inside) + 1
    for limit in LIMITS:
        reached = own >= limit - 1e-9
        honest = np.sum(few & inside) * (np.sum(reached & ~inside) + 1) / outside
        if honest <= MAX_HONEST_SHARE * np.sum(inside & reached):
            return limit - 1e-9
    return LIMITS[-1]
