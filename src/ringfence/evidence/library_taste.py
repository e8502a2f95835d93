"""Ask whether the items of bulk sessions are the library of one person, or a list of the catalogue.

A person who copies a library differs from other users in how much and how fast. Three things do not
differ:

* **Groups.** One person's items lie in fewer groups than the holdings of all users together:
  the chance that two items share a group is larger. On average this follows from
  Jensen's inequality. Among real people the chance is 25 times as large in the median, and 5.6
  times at the 1 % quantile (docs/decisions/0036-copies-of-a-library.md). A library with more groups
  is taken album by album.
* **Rare items.** A tenth of a person's items is held by few others. In a list of the most used
  items, nothing is.
* **Order.** The items are not taken in the order of their popularity.

Where one of the three fails, no copy explains the account.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context
from ringfence.evidence.breadth import MINIMUM_GROUPED_ITEMS
from ringfence.evidence.order import MINIMUM_HOURS, order_p_values
from ringfence.stats.arrays import Columns, Flags, Floats
from ringfence.stats.calibration import SMALLEST_POPULATION

RAREST_TENTH: Final = 0.1
"""The quantile of the holders of an account's items that says how rare its rarest tenth is."""

USUAL_RARITY: Final = 0.99
"""The share of other accounts whose rarest tenth a copy may reach: one in a hundred loses the
explanation, if people copied only what they play."""

WHOLE: Final = 4
"""Items of one group in a row, on average, that are taken album by album. Albums have about ten."""

LISTED: Final = 0.01
"""The p-value of the order by popularity from which the items are a list. One copy in a hundred
loses the explanation; among 539 simulated copies the least p-value was 0.09."""

CONCENTRATED: Final = 1.2
"""The chance that two items share a group, relative to that of all others' holdings, from which the
items are a taste. A list of the most used items has about 1. The favourites of simulated listeners,
which come in no albums, have at least 1.4."""

_ALBUM: Final = 12
"""Items that are taken together where groups are not known: the tracks of an album."""

_COMPARED: Final = 1_000
"""Number of other accounts whose holdings are compared. Account keys are hashes, so that the first
keys are a random sample."""

BULK_ITEMS: Final = Statement(
    "evidence.bulk_items",
    """
WITH taken AS (
  SELECT h.account_key, h.item_key, h.first, c.group_key, c.holders,
    ln(c.popularity + 1
      - CASE WHEN c.popularity >= h.uses THEN h.uses ELSE 0 END) AS log_popularity,
    lag(c.group_key) OVER (PARTITION BY h.account_key ORDER BY h.first, c.group_key) AS before
  FROM holdings AS h
  JOIN copied_hours AS b ON b.account_key = h.account_key AND b.hour = h.first // 3600
  JOIN catalogue AS c ON c.item_key = h.item_key
),
in_groups AS (
  SELECT account_key, group_key, count(*) AS items FROM taken
  WHERE group_key IS NOT NULL
  GROUP BY account_key, group_key
),
spread AS (
  SELECT account_key, CAST(sum(items) AS BIGINT) AS grouped,
    CAST(sum(items * (items - 1)) AS DOUBLE) AS pairs
  FROM in_groups
  GROUP BY account_key
)
SELECT t.account_key, count(*) AS items,
  CAST(sum(CASE WHEN t.group_key = t.before THEN 0 ELSE 1 END) AS BIGINT) AS runs,
  coalesce(any_value(s.grouped), 0) AS grouped, coalesce(any_value(s.pairs), 0) AS pairs,
  quantile_disc(t.holders, $rare) AS rarest,
  round(corr(t.first, t.log_popularity), 6) AS popularity_order
FROM taken AS t
LEFT JOIN spread AS s ON s.account_key = t.account_key
GROUP BY t.account_key
ORDER BY t.account_key
""",
)
"""Per account: its new items in bulk sessions, runs of items of one group, items with a group,
ordered pairs of items within one group, the holders of the rarest tenth, and the correlation of the
order of taking with popularity, own uses left out."""

ALIKE: Final = Statement(
    "evidence.bulk_alike",
    """
WITH shares AS (
  SELECT group_key, CAST(sum(items) AS DOUBLE) AS items FROM group_holdings
  WHERE account_key NOT IN (SELECT account_key FROM bulk_hours)
  GROUP BY group_key
)
SELECT coalesce(sum(items * items) / (sum(items) * sum(items)), 0) AS alike FROM shares
""",
)
"""The chance that two items of the holdings of all other accounts share a group."""

OTHERS_RAREST: Final = Statement(
    "evidence.bulk_others_rarest",
    """
WITH compared AS (
  SELECT account_key FROM portfolio
  WHERE items >= $minimum AND account_key NOT IN (SELECT account_key FROM bulk_hours)
  ORDER BY account_key
  LIMIT $compared
)
SELECT h.account_key, quantile_disc(c.holders, $rare) AS rarest
FROM holdings AS h
JOIN compared AS o ON o.account_key = h.account_key
JOIN catalogue AS c ON c.item_key = h.item_key
GROUP BY h.account_key
""",
)

LISTS_FORGOTTEN: Final = Statement(
    "evidence.bulk_lists_forgotten",
    """
DELETE FROM bulk_hours
WHERE account_key IN (SELECT unnest($lists)) AND ($recognised OR NOT recognised)
""",
)

PLAYLISTS_UNRECOGNISED: Final = Statement(
    "evidence.bulk_playlists_unrecognised",
    """
UPDATE bulk_hours SET recognised = FALSE WHERE account_key IN (SELECT unnest($lists))
""",
)


def keep_libraries(context: Context, *, recognised: bool, told: bool) -> None:
    """Delete rows of ``bulk_hours`` of accounts whose items are not one person's library.

    People also copy playlists, whose items are not their own taste. Where the log does not tell
    copies from plays, such a session is a possible copy, unless its order follows popularity.

    Args:
        context: the tables ``bulk_hours`` and ``copied_hours`` exist.
        recognised: whether ``copied_hours`` has recognised copies. Then all rows of the account are
            deleted, or become possible copies. Otherwise those of its possible copies are deleted.
        told: whether the log tells copies from plays.
    """
    table = context.engine.columns(BULK_ITEMS, {"rare": RAREST_TENTH})
    kept = ~_in_order(table, grouped=context.grouped)
    if told or recognised:
        own = _of_few_groups(table, context) & _with_rare_items(table, context)
        if told:
            kept &= own
        else:
            lists = table["account_key"][~own].tolist()
            context.engine.run(PLAYLISTS_UNRECOGNISED, {"lists": lists})
    lists = table["account_key"][~kept].tolist()
    context.engine.run(LISTS_FORGOTTEN, {"lists": lists, "recognised": recognised})


def _of_few_groups(table: Columns, context: Context) -> Flags:
    """Return whether items lie in few groups or come album by album, or groups are not known."""
    alike = float(context.engine.rows(ALIKE)[0][0])
    items, runs = table["items"].astype(np.float64), table["runs"].astype(np.float64)
    grouped = table["grouped"].astype(np.float64)
    usual = CONCENTRATED * alike * grouped * (grouped - 1)
    concentrated = table["pairs"].astype(np.float64) >= usual
    return np.asarray((grouped < MINIMUM_GROUPED_ITEMS) | concentrated | (items >= WHOLE * runs))


def _with_rare_items(table: Columns, context: Context) -> Flags:
    """Return whether the rarest tenth is as rare as that of others, or others are too few."""
    parameters = {"rare": RAREST_TENTH, "minimum": MINIMUM_ITEMS, "compared": _COMPARED}
    others = context.engine.columns(OTHERS_RAREST, parameters)["rarest"].astype(np.float64)
    if others.size < SMALLEST_POPULATION:
        return np.ones(table["items"].size, dtype=bool)
    limit = float(np.quantile(others, USUAL_RARITY, method="higher"))
    return np.asarray(table["rarest"].astype(np.float64) <= limit)


def _in_order(table: Columns, *, grouped: bool) -> Flags:
    """Return whether the order follows popularity; the items of one run belong together."""
    runs: Floats = (table["runs"] if grouped else table["items"] // _ALBUM).astype(np.float64)
    correlation = np.abs(np.ma.filled(np.ma.asarray(table["popularity_order"], np.float64), 0.0))
    p = order_p_values(np.nan_to_num(correlation), runs)
    return np.asarray((runs >= MINIMUM_HOURS) & (p <= LISTED))
