"""The holdings that one recent source has added, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ringfence.engine import Engine, Statement

PAIRS_OF_SOURCE: Final = Statement(
    "ledger.holdings_of",
    "SELECT account_key, item_key, first FROM recent_holdings WHERE source = $source",
)
ACCOUNTS_OF_SOURCE: Final = Statement(
    "ledger.accounts_of",
    "SELECT account_key, account FROM recent_accounts WHERE source = $source ORDER BY account_key",
)
ITEMS_OF_SOURCE: Final = Statement(
    "ledger.items_of",
    "SELECT item_key, item FROM recent_items WHERE source = $source ORDER BY item_key",
)

Places = NDArray[np.int64]
"""Places in a list, or times in seconds since 1970."""


@dataclass(frozen=True)
class SourceTakes:
    """The pairs of an account and an item in one source, each once.

    Attributes:
        accounts: names of its accounts, each once.
        items: names of its items, each once.
        account: place of each pair's account among these names.
        item: place of each pair's item.
        first: time of the pair's first take in the source, seconds since 1970.
    """

    accounts: tuple[str, ...]
    items: tuple[str, ...]
    account: Places
    item: Places
    first: Places


def source_takes(engine: Engine, source: int) -> SourceTakes:
    """Return who took what in a source. It has no pairs if its rows are merged with older ones.

    Args:
        engine: with the ledger's tables.
        source: number of the source.
    """
    value = {"source": source}
    pairs = engine.columns(PAIRS_OF_SOURCE, value)
    accounts, account = _named(engine, ACCOUNTS_OF_SOURCE, value, pairs["account_key"])
    items, item = _named(engine, ITEMS_OF_SOURCE, value, pairs["item_key"])
    return SourceTakes(accounts, items, account, item, np.asarray(pairs["first"], np.int64))


def _named(
    engine: Engine, names: Statement, value: Mapping[str, object], keys: NDArray[Any]
) -> tuple[tuple[str, ...], Places]:
    """Return the names in the order of their keys, and the place of each key among them."""
    known = engine.rows(names, value)
    order = np.array([key for key, _ in known], np.uint64)
    return tuple(name for _, name in known), np.searchsorted(order, keys).astype(np.int64)
