"""The rows of the feed: the first take of each item by each account in some sources."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from ringfence.engine import Engine
from ringfence.ledger import SourceTakes, source_takes
from ringfence.service.exposure.feed import FEED_TYPE, FeedRows
from ringfence.service.exposure.keys import hash_names

_MILLISECONDS: Final = 1_000


def feed_rows(engine: Engine, sources: Iterable[int], secret: bytes) -> FeedRows:
    """Return the rows of the feed for some recent sources, each pair of a source once.

    Args:
        engine: with the ledger's tables.
        sources: numbers of the sources. One whose rows are merged already gives no row.
        secret: of the service.
    """
    parts = [_rows(source_takes(engine, source), secret) for source in sorted(set(sources))]
    return np.concatenate(parts) if parts else np.empty(0, FEED_TYPE)


def _rows(takes: SourceTakes, secret: bytes) -> FeedRows:
    rows = np.empty(len(takes.first), FEED_TYPE)
    rows["account"] = hash_names(takes.accounts, secret)[takes.account]
    rows["item"] = hash_names(takes.items, secret)[takes.item]
    rows["moment"] = takes.first * _MILLISECONDS
    return rows
