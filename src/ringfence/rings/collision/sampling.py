"""Sampling: which accounts and items are examined when a service has too many holdings.

Beyond :data:`MAX_HOLDINGS`, two samples are searched. In one, items are sampled, the same for all
accounts, and every account is examined. Observed and expected collisions are then those of the
sampled items: a thinned Poisson count is a Poisson count, so the sampling error is in the p-value.
The other sample has all items of some accounts: linked ones, and the most suspicious ones by their
own evidence, which does not depend on shared items. In both, the holders of an item are
counted among all accounts that are not robots.

Sampling fails for small holdings: a member needs ten shared items among those examined.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.collision.holdings import Holdings, holdings_from_rows
from ringfence.stats.arrays import Integers, Keys

MAX_HOLDINGS: Final = 10_000_000
"""Approximate number of holdings that are examined in one sample."""

MAX_ACCOUNT_SHARE: Final = 0.05
"""Share of these that one account may have where accounts are selected. An account with more is
found by its own evidence, and would leave no room for others."""

SAMPLES: Final = 2
"""Samples that are searched. P-values are corrected for two, even if one sample has all."""

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
"""Items that at least two accounts hold. An item with one holder cannot be a collision.

The catalogue counts all accounts, so the holders that are robots are subtracted."""

SHARED_HOLDINGS: Final = Statement(
    "rings.shared", "SELECT CAST(coalesce(sum(holders), 0) AS BIGINT) AS holdings FROM ring_items"
)

SELECTED_HOLDINGS: Final = Statement(
    "rings.held",
    """
SELECT h.account_key, i.item_key, i.group_key, i.genre_key, i.holders
FROM holdings AS h
JOIN chosen_accounts AS a ON a.account_key = h.account_key
JOIN ring_items AS i ON i.item_key = h.item_key
WHERE i.item_key % CAST($one_in AS UBIGINT) = 0
""",
)

OTHER_ITEMS: Final = Statement(
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
"""Items that no selected account holds, with one row per number of items that are alike."""

ACCOUNT_SIZES: Final = Statement("rings.sizes", "SELECT account_key, items FROM portfolio")


def load_holdings(engine: Engine, accounts: Keys, max_holdings: int = MAX_HOLDINGS) -> Holdings:
    """Read the holdings of accounts, with sampled items if there are too many.

    Args:
        engine: holds the ledger and the catalogue. Writes temp tables ``ring_*``.
        accounts: keys of all accounts that are not robots.
        max_holdings: holdings to read, about.
    """
    _count_holders(engine, accounts)
    return _read_holdings(engine, accounts, _sampling_interval(engine, max_holdings))


def load_samples(
    engine: Engine, order: Keys, linked: Sequence[Keys], max_holdings: int = MAX_HOLDINGS
) -> Iterator[Holdings]:
    """Yield the samples of a service; the one with all items of some accounts comes first.

    Where everything fits in one sample, that is the only one.

    Args:
        engine: as in :func:`load_holdings`.
        order: all account keys, the most suspicious by their own evidence first.
        linked: account keys of each linked set, the most important first.
        max_holdings: holdings in each sample, about.
    """
    _count_holders(engine, order)
    one_in = _sampling_interval(engine, max_holdings)
    if one_in > 1:
        selected = select_accounts(engine, order, linked, max_holdings)
        yield _read_holdings(engine, selected, 1, others=True)
    yield _read_holdings(engine, order, one_in)


def select_accounts(engine: Engine, order: Keys, linked: Sequence[Keys], max_holdings: int) -> Keys:
    """Return the keys of accounts that fit: linked ones up to half, then the most suspicious.

    An account with more than :data:`MAX_ACCOUNT_SHARE` of the room, or of the half for linked
    accounts, is left out.

    Args:
        engine: holds the table ``portfolio``.
        order: all account keys, the most suspicious first.
        linked: account keys of each linked set, the most important first.
        max_holdings: holdings of all selected accounts together.
    """
    sizes = engine.columns(ACCOUNT_SIZES)
    known = np.argsort(sizes["account_key"])
    item_counts = np.asarray(sizes["items"], np.int64)[known]
    keys = np.asarray(sizes["account_key"], np.uint64)[known]
    all_linked = _distinct(np.concatenate([order[:0], *linked]))
    first = _fit(all_linked, keys, item_counts, max_holdings // 2)
    return _fit(_distinct(np.concatenate([first, order])), keys, item_counts, max_holdings)


def _fit(ranked: Keys, keys: Keys, item_counts: Integers, max_holdings: int) -> Keys:
    """Return the first accounts whose holdings fit together."""
    sizes = item_counts[np.searchsorted(keys, ranked)]
    ordinary = sizes <= MAX_ACCOUNT_SHARE * max_holdings
    together = np.cumsum(sizes[ordinary])
    return ranked[ordinary][: int(np.searchsorted(together, max_holdings, side="right"))]


def _distinct(keys: Keys) -> Keys:
    """Return each key once, in the order of first occurrence."""
    return keys[np.sort(np.unique(keys, return_index=True)[1])]


def _count_holders(engine: Engine, accounts: Keys) -> None:
    engine.table("ring_accounts", {"account_key": accounts})
    engine.run(RING_ITEMS)


def _sampling_interval(engine: Engine, max_holdings: int) -> int:
    """Return n such that one item in n is read."""
    return -(-int(engine.rows(SHARED_HOLDINGS)[0][0]) // max_holdings) or 1


def _read_holdings(
    engine: Engine, accounts: Keys, one_in: int, *, others: bool = False
) -> Holdings:
    engine.table("chosen_accounts", {"account_key": accounts})
    other_items = engine.columns(OTHER_ITEMS) if others else None
    rows = engine.columns(SELECTED_HOLDINGS, {"one_in": one_in})
    return holdings_from_rows(rows, other_items, one_in)
