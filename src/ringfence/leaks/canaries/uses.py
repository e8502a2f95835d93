"""Find the canaries that accounts have used, in a ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.catalogue.canary_list import CanaryItem
from ringfence.engine import Statement
from ringfence.ledger import open_ledger
from ringfence.settings import Settings

MOST_HOLDERS: Final = 20
"""Accounts that are named per canary. A canary that more hold is public."""

CANARY_USES: Final = Statement(
    "leaks.canary_uses",
    """
WITH planted AS (
  SELECT DISTINCT item, hash(item) AS item_key FROM planted_canaries
),
held AS (
  SELECT p.item, a.account, h.first,
    count(*) OVER (PARTITION BY p.item) AS holders,
    row_number() OVER (PARTITION BY p.item ORDER BY h.first, a.account) AS place
  FROM holdings AS h
  JOIN planted AS p ON p.item_key = h.item_key
  JOIN accounts AS a ON a.account_key = h.account_key
)
SELECT item, account, CAST(first AS BIGINT) AS first, holders
FROM held
WHERE place <= $most
ORDER BY item, place
""",
)
"""The first accounts that took each canary that was taken, with the number of all of them."""


@dataclass(frozen=True)
class CanaryUse:
    """A canary that was used.

    Attributes:
        item: its id.
        holders: number of accounts that took it.
        accounts: the first 20 of them, each with the time of its first take.
    """

    item: str
    holders: int
    accounts: tuple[tuple[str, datetime], ...]

    @property
    def first(self) -> datetime:
        """When it was first taken."""
        return self.accounts[0][1]


def canary_uses(
    ledger: Path, canaries: Sequence[CanaryItem], settings: Settings | None = None
) -> tuple[CanaryUse, ...]:
    """Return the canaries that accounts of a ledger took, those first taken last coming first.

    Args:
        ledger: of any size; only its holdings are read.
        canaries: from the secret list.
        settings: of the engine.

    Raises:
        LedgerError: the ledger cannot be read.
    """
    names = np.array([one.item for one in canaries], dtype=object)
    with open_ledger(ledger, settings or Settings()) as reader:
        reader.engine.table("planted_canaries", {"item": names})
        rows = reader.engine.rows(CANARY_USES, {"most": MOST_HOLDERS})
    accounts: dict[str, list[tuple[str, datetime]]] = {}
    holders: dict[str, int] = {}
    for item, account, first, count in rows:
        moment = datetime.fromtimestamp(int(first), UTC)
        accounts.setdefault(str(item), []).append((str(account), moment))
        holders[str(item)] = int(count)
    found = [CanaryUse(item, holders[item], tuple(named)) for item, named in accounts.items()]
    return tuple(sorted(found, key=lambda one: (one.first, one.item), reverse=True))
