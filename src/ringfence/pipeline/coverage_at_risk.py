"""Measure which part of the catalogue some accounts hold together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine, Statement
from ringfence.model.finding import Coverage

HELD_TOGETHER: Final = Statement(
    "pipeline.held_together",
    """
WITH wanted AS (
  SELECT DISTINCT unnest($accounts) AS account
),
held AS (
  SELECT DISTINCT h.item_key
  FROM wanted AS w
  JOIN accounts AS a ON a.account = w.account
  JOIN holdings AS h ON h.account_key = a.account_key
)
SELECT count(*) AS items, coalesce(sum(c.popularity), 0) AS popularity
FROM held
JOIN catalogue AS c ON c.item_key = held.item_key
""",
)
"""The items that at least one of the accounts holds, and their popularity."""


def coverage_at_risk(
    engine: Engine, catalogue: Catalogue, accounts: Sequence[str]
) -> tuple[int, Coverage]:
    """Return the number of items that accounts hold together, and their coverage.

    An item that several of them hold counts once.

    Args:
        engine: with the ledger and the catalogue of a scan.
        catalogue: its totals.
        accounts: names of accounts. Those that the ledger does not know hold nothing.
    """
    if not accounts:
        return 0, Coverage(0.0, 0.0)
    items, popularity = engine.rows(HELD_TOGETHER, {"accounts": list(accounts)})[0]
    return int(items), catalogue.coverage(int(items), float(popularity))
