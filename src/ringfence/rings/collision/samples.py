"""What is looked at: everything, or where that is too much, some accounts' all and all's some.

Beyond so many holdings there are two views of a service, and both are searched. In one, items are
sampled, the same for all accounts, so that overlaps are those of the items looked at, observed and
expected: a thinned Poisson count is a Poisson count, and the sampling error is in its p-value. In
the other, no item is left out but most accounts are: linked ones stay, and those whose own evidence
is the most_suspicious, which says nothing of what they have in common. How many accounts hold an
item is always counted among all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.collision.holdings import Holdings, holdings_among
from ringfence.stats.arrays import Integers, Keys

AT_MOST: Final = 10_000_000
"""Holdings that are looked at in one view, about."""

LARGEST: Final = 0.05
"""Share of these that one account may have where accounts are chosen. Who holds more is seen by
itself, and would leave no room for others."""

RING_ITEMS: Final = Statement(
    "rings.items",
    """
CREATE OR REPLACE TEMP TABLE ring_items AS
WITH left_out AS (
  SELECT item_key, count(*) AS holders
  FROM holdings
  WHERE account_key NOT IN (SELECT account_key FROM ring_accounts)
  GROUP BY item_key
),
held AS (
  SELECT c.item_key, c.group_key, c.genre_key, c.holders - coalesce(l.holders, 0) AS holders
  FROM catalogue AS c
  LEFT JOIN left_out AS l ON l.item_key = c.item_key
)
SELECT item_key, coalesce(group_key, 0) AS group_key, coalesce(genre_key, 0) AS genre_key, holders
FROM held
WHERE holders > 1
""",
)
"""An item that one account holds cannot be a collision, and is left out on both sides. The
catalogue has counted everybody; who is left out here, robots, is taken off."""

SHARED: Final = Statement(
    "rings.shared", "SELECT CAST(coalesce(sum(holders), 0) AS BIGINT) AS holdings FROM ring_items"
)

HELD: Final = Statement(
    "rings.held",
    """
SELECT h.account_key, i.item_key, i.group_key, i.genre_key, i.holders
FROM holdings AS h
JOIN chosen_accounts AS a ON a.account_key = h.account_key
JOIN ring_items AS i ON i.item_key = h.item_key
WHERE i.item_key % CAST($one_in AS UBIGINT) = 0
""",
)

ELSEWHERE: Final = Statement(
    "rings.elsewhere",
    """
WITH chosen_items AS (
  SELECT h.item_key
  FROM holdings AS h
  JOIN chosen_accounts AS a ON a.account_key = h.account_key
  GROUP BY h.item_key
)
SELECT i.group_key, i.genre_key, i.holders, count(*) AS items
FROM ring_items AS i
LEFT JOIN chosen_items AS c ON c.item_key = i.item_key
WHERE c.item_key IS NULL
GROUP BY i.group_key, i.genre_key, i.holders
""",
)
"""Items that none of the chosen accounts holds, those alike in one row."""

SIZES: Final = Statement("rings.sizes", "SELECT account_key, items FROM portfolio")


def load_holdings(engine: Engine, accounts: Keys, at_most: int = AT_MOST) -> Holdings:
    """Read the holdings of accounts from a ledger whose evidence steps have run, sampled if needed.

    Args:
        engine: holds the ledger and the catalogue; temp tables ``ring_*`` are made.
        accounts: their keys, robots not among them.
        at_most: holdings to look at, about.
    """
    _count(engine, accounts)
    return _loaded(engine, accounts, _one_in(engine, at_most))


def load_views(
    engine: Engine, order: Keys, linked: Sequence[Keys], at_most: int = AT_MOST
) -> Iterator[Holdings]:
    """Read all views of a service, the one without sampling first.

    Args:
        engine: as in :func:`load_holdings`.
        order: all account keys, those with the most evidence of their own first.
        linked: sets of linked accounts, most worth a look first.
        at_most: holdings to look at in each view, about.
    """
    _count(engine, order)
    one_in = _one_in(engine, at_most)
    if one_in > 1:
        yield _loaded(engine, most_suspicious(engine, order, linked, at_most), 1, others=True)
    yield _loaded(engine, order, one_in)


def most_suspicious(engine: Engine, order: Keys, linked: Sequence[Keys], at_most: int) -> Keys:
    """Return the accounts that there is room for: linked ones for half of it, then others."""
    sizes = engine.columns(SIZES)
    known = np.argsort(sizes["account_key"])
    held = np.asarray(sizes["items"], np.int64)[known]
    keys = np.asarray(sizes["account_key"], np.uint64)[known]
    first = _fitting(_distinct(np.concatenate([order[:0], *linked])), keys, held, at_most // 2)
    return _fitting(_distinct(np.concatenate([first, order])), keys, held, at_most)


def _fitting(ranked: Keys, keys: Keys, held: Integers, at_most: int) -> Keys:
    """Return the first accounts whose holdings are at most so many together."""
    sizes = held[np.searchsorted(keys, ranked)]
    ordinary = sizes <= LARGEST * at_most
    together = np.cumsum(sizes[ordinary])
    return ranked[ordinary][: int(np.searchsorted(together, at_most, side="right"))]


def _distinct(keys: Keys) -> Keys:
    """Keep the first of each."""
    return keys[np.sort(np.unique(keys, return_index=True)[1])]


def _count(engine: Engine, accounts: Keys) -> None:
    engine.table("ring_accounts", {"account_key": accounts})
    engine.run(RING_ITEMS)


def _one_in(engine: Engine, at_most: int) -> int:
    return -(-int(engine.rows(SHARED)[0][0]) // at_most) or 1


def _loaded(engine: Engine, accounts: Keys, one_in: int, *, others: bool = False) -> Holdings:
    engine.table("chosen_accounts", {"account_key": accounts})
    elsewhere = engine.columns(ELSEWHERE) if others else None
    return holdings_among(engine.columns(HELD, {"one_in": one_in}), elsewhere, one_in)
