"""Find canaries in a published copy: they prove its origin, and name who took them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.catalogue.canary_list import CanaryItem
from ringfence.engine import ArrowData, Statement, open_engine
from ringfence.leaks.dump_values import open_values
from ringfence.leaks.dumps import UnreadableRecords
from ringfence.ledger import open_ledger
from ringfence.settings import Settings

CANARY_HOLDERS: Final = Statement(
    "leaks.canary_holders",
    """
SELECT a.account, count(*) AS canaries
FROM holdings AS h
JOIN accounts AS a ON a.account_key = h.account_key
WHERE h.item_key IN (SELECT hash(item) FROM found_canaries)
GROUP BY a.account
ORDER BY canaries DESC, a.account
""",
)


@dataclass(frozen=True)
class CanaryPresence:
    """The canaries of a copy.

    Attributes:
        found: their ids.
        planted: number of canaries in the list.
        items: number of distinct items of the copy.
        holders: accounts of the ledger that took canaries of the copy, with their number, most
            first; empty without a ledger.
        unreadable: records of the copy that could not be read.
    """

    found: tuple[str, ...]
    planted: int
    items: int
    holders: tuple[tuple[str, int], ...]
    unreadable: UnreadableRecords = field(default_factory=UnreadableRecords)


def canaries_in_dump(
    dump: Path | ArrowData,
    canaries: Sequence[CanaryItem],
    *,
    item: str = "item",
    ledger: Path | None = None,
    settings: Settings | None = None,
) -> CanaryPresence:
    """Return which canaries a published copy has.

    A canary exists in one catalogue only, and its id is random, so a copy that has one was made
    from this catalogue.

    Args:
        dump: file in any format of a dump, or table.
        canaries: from the secret list.
        item: column of the dump with the item.
        ledger: to find the accounts that took them.
        settings: of the engine.

    Raises:
        LeakError: the dump cannot be read, or has no such column.
        LedgerError: the ledger cannot be read.
    """
    settings = settings or Settings()
    names = np.array([one.item for one in canaries], dtype=object)
    with open_engine(settings.engine) as engine:
        values = open_values(engine, dump, [item])
        engine.table("planted_canaries", {"item": names})
        unreadable = values.store({"item": item})
        size, seen = engine.rows(
            "SELECT count(DISTINCT item), list(DISTINCT item) FILTER "
            "(item IN (SELECT item FROM planted_canaries)) FROM dump_values"
        )[0]
    found = tuple(sorted(seen or ()))
    holders: tuple[tuple[str, int], ...] = ()
    if ledger is not None and found:
        with open_ledger(ledger, settings) as reader:
            reader.engine.table("found_canaries", {"item": np.array(found, dtype=object)})
            rows = reader.engine.rows(CANARY_HOLDERS)
            holders = tuple((str(account), int(count)) for account, count in rows)
    return CanaryPresence(found, len(canaries), int(size), holders, unreadable)
