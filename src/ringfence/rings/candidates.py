"""Whom to look for rings among, where there are more accounts than can be looked at.

Linked accounts come first, then accounts in the order of evidence of their own, as long as there is
room for their holdings. Who is chosen does not depend on collisions, so that those chosen are a
population of their own: what is expected is estimated among them, and found among them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from ringfence.engine import DuckDBEngine, Statement
from ringfence.rings.holdings import AT_MOST, Keys

LEAST: Final = 50_000
"""Accounts that are looked at however much they hold; then items are sampled."""

SIZES: Final = Statement(
    "rings.sizes", "SELECT account_key, items FROM portfolio ORDER BY account_key"
)


def candidates(
    engine: DuckDBEngine, order: Keys, linked: Sequence[Keys], at_most: int = AT_MOST
) -> Keys:
    """Return the keys of the accounts to look among, ascending.

    Args:
        engine: the evidence steps have run.
        order: all account keys, those with the most evidence of their own first.
        linked: sets of linked accounts, most worth a look first.
        at_most: holdings that there is room for.
    """
    sizes = engine.columns(SIZES)
    known = np.asarray(sizes["account_key"], dtype=np.uint64)
    if int(sizes["items"].sum()) <= at_most:
        return known
    first = np.concatenate([*linked, order])
    _, place = np.unique(first, return_index=True)
    ranked = first[np.sort(place)]
    held = np.cumsum(sizes["items"].astype(np.int64)[np.searchsorted(known, ranked)])
    fitting = max(int(np.searchsorted(held, at_most, side="right")), LEAST)
    return np.sort(ranked[:fitting])
