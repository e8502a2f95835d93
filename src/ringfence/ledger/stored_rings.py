"""The rings that scans have found, moved from one ledger to another."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.ledger.folded_sources import FORGET_RINGS

STORED_RINGS: Final = Statement("ledger.stored_rings", "SELECT ring, account_key FROM rings")
STORE_RINGS: Final = Statement(
    "ledger.store_rings",
    """
INSERT INTO rings
SELECT CAST(ring AS VARCHAR), CAST(account_key AS UBIGINT) FROM rings_of_copy
""",
)


def move_rings(copy: Engine, engine: Engine) -> None:
    """Replace the rings of a ledger by those of a copy, which a scan has changed.

    Args:
        copy: with the tables of the copy.
        engine: with the ledger's tables.
    """
    rings = copy.columns(STORED_RINGS)
    with engine.transaction():
        engine.table("rings_of_copy", rings)
        engine.run(FORGET_RINGS)
        engine.run(STORE_RINGS)
