"""Measure whether the items of bulk sessions look like the library of one person.

Three questions are put to the items: are they spread over more groups than a person's taste, are
they more popular than other accounts' items, and were they taken in the order of popularity? A
person who copies a library differs from other users in how much and how fast, not in these.

The unpopular end does not count: whole albums have tracks that few others hold. The order by the
number in an id does not count either: a library that is copied by date follows the ids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context
from ringfence.evidence.breadth import CONCENTRATION, LONG_HISTORY, MINIMUM_GROUPED_ITEMS
from ringfence.evidence.order import MINIMUM_HOURS, order_p_values
from ringfence.evidence.popularity import MEAN_HOLDERS
from ringfence.stats.arrays import Columns, Floats, Keys
from ringfence.stats.calibration import SMALLEST_POPULATION, calibrate, extended_rank_p_values

ALBUM: Final = 12
"""Items that are taken together where groups are not known: the tracks of an album."""

BULK_ITEMS: Final = Statement(
    "evidence.bulk_items",
    """
WITH taken AS (
  SELECT h.account_key, h.item_key, h.first, c.group_key, c.holders,
    ln(c.popularity + 1
      - CASE WHEN c.popularity >= h.uses THEN h.uses ELSE 0 END) AS log_popularity,
    lag(c.group_key) OVER (PARTITION BY h.account_key ORDER BY h.first, h.item_key) AS before
  FROM holdings AS h
  JOIN bulk_hours AS b ON b.account_key = h.account_key AND b.hour = h.first // 3600
  JOIN catalogue AS c ON c.item_key = h.item_key
),
in_groups AS (
  SELECT account_key, group_key, count(*) AS items FROM taken
  WHERE group_key IS NOT NULL
  GROUP BY account_key, group_key
),
spread AS (
  SELECT account_key, CAST(sum(items) AS BIGINT) AS grouped, count(*) AS groups,
    CAST(sum(items * (items - 1)) AS DOUBLE) / 2 AS pairs
  FROM in_groups
  GROUP BY account_key
),
whole AS (
  SELECT account_key, count(*) AS items,
    CAST(sum(CASE WHEN group_key = before THEN 0 ELSE 1 END) AS BIGINT) AS runs,
    round(avg(ln(greatest(holders, 1))), 9) AS mean_log_holders,
    round(corr(first, log_popularity), 6) AS popularity_order
  FROM taken
  GROUP BY account_key
),
hours AS (
  SELECT account_key, count(*) AS hours, CAST(sum(uses) AS BIGINT) AS uses
  FROM bulk_hours
  GROUP BY account_key
)
SELECT h.account_key, h.hours, h.uses, coalesce(w.items, 0) AS items, coalesce(w.runs, 0) AS runs,
  coalesce(s.grouped, 0) AS grouped, coalesce(s.groups, 0) AS groups, coalesce(s.pairs, 0) AS pairs,
  w.mean_log_holders, w.popularity_order
FROM hours AS h
LEFT JOIN whole AS w ON w.account_key = h.account_key
LEFT JOIN spread AS s ON s.account_key = h.account_key
ORDER BY h.account_key
""",
)
"""Per account with bulk sessions: their hours and uses, the new items, runs of items of one group,
items with a group, groups, pairs of items within one group, the mean logarithm of the items'
holders, and the correlation of the order of taking with popularity, own uses left out."""


@dataclass(frozen=True)
class BulkItems:
    """The items that accounts took in bulk sessions; arrays of one length, by ascending key.

    Attributes:
        keys: account keys.
        items: new items.
        groups: groups of these items; 0 where they are not known.
        hours: clock hours of the sessions.
        taste: p-values under "this is the library of one person", by name of the selection test
            that asks the same question of all items; NaN where not measured.
    """

    keys: Keys
    items: Floats
    groups: Floats
    hours: Floats
    taste: dict[str, Floats]


def measure_bulk_items(context: Context) -> BulkItems:
    """Measure the items of all accounts in the table ``bulk_hours``."""
    table = context.engine.columns(BULK_ITEMS)
    return BulkItems(
        keys=table["account_key"],
        items=table["items"].astype(np.float64),
        groups=table["groups"].astype(np.float64),
        hours=table["hours"].astype(np.float64),
        taste={
            "breadth": _breadth(table, context),
            "popularity": _popularity(table, context),
            "order": _order(table, grouped=context.grouped),
        },
    )


def _breadth(table: Columns, context: Context) -> Floats:
    """Return p-values of Simpson's index, where it was measured on people."""
    name = "breadth_long" if context.days > LONG_HISTORY else "breadth"
    p = np.full(table["items"].size, np.nan)
    enough = table["grouped"] >= MINIMUM_GROUPED_ITEMS
    if name not in context.references or not enough.any():
        return p
    others = _others(context, CONCENTRATION, {"minimum": MINIMUM_GROUPED_ITEMS}, table)
    users = _simpson(others["items"], others["pairs"])
    own = _simpson(table["grouped"][enough], table["pairs"][enough])
    values = np.concatenate([own, users])
    p[enough] = calibrate(values, context.references[name])[: own.size]
    return p


def _popularity(table: Columns, context: Context) -> Floats:
    """Return p-values of the popular end, compared with all items of the other accounts."""
    p = np.full(table["items"].size, np.nan)
    enough = table["items"] >= MINIMUM_ITEMS
    others = _others(context, MEAN_HOLDERS, {"minimum": MINIMUM_ITEMS}, table)["mean_log_holders"]
    if others.size >= SMALLEST_POPULATION:
        own = np.ma.filled(table["mean_log_holders"], np.nan)[enough]
        p[enough] = extended_rank_p_values(own, others.astype(np.float64))
    return p


def _order(table: Columns, *, grouped: bool) -> Floats:
    """Return p-values of the order by popularity; the items of one run belong together."""
    runs = table["runs"] if grouped else table["items"] // ALBUM
    correlation = np.abs(np.ma.filled(np.ma.asarray(table["popularity_order"], np.float64), np.nan))
    p = order_p_values(np.nan_to_num(correlation), runs.astype(np.float64))
    measured = (runs >= MINIMUM_HOURS) & (table["items"] >= MINIMUM_ITEMS) & ~np.isnan(correlation)
    return np.asarray(np.where(measured, p, np.nan), dtype=np.float64)


def _others(
    context: Context, statement: Statement, parameters: dict[str, int], bulk: Columns
) -> Columns:
    """Return what a test measures of the accounts without bulk sessions."""
    table = context.engine.columns(statement, parameters)
    kept = ~np.isin(table["account_key"], bulk["account_key"])
    return {name: values[kept] for name, values in table.items()}


def _simpson(items: np.ndarray, pairs: np.ndarray) -> Floats:
    n = items.astype(np.float64)
    return np.asarray((pairs + 1.0) / (n * (n - 1) / 2 + 1), dtype=np.float64)
