"""Choose the holdings in which lockstep is searched: those of whole accounts, or foreign parts."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

WHOLE_ACCOUNTS: Final = Statement(
    "rings.lockstep_whole",
    """
CREATE OR REPLACE TEMP VIEW lockstep_holdings AS
SELECT account_key, item_key, first, last
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM set_apart)
""",
)

FOREIGN_PARTS: Final = Statement(
    "rings.lockstep_foreign",
    """
CREATE OR REPLACE TEMP TABLE foreign_and_others AS
SELECT account_key, item_key, first, last FROM foreign_holdings
UNION ALL
SELECT account_key, item_key, first, last
FROM holdings
WHERE item_key IN (SELECT item_key FROM foreign_holdings)
  AND account_key NOT IN (SELECT account_key FROM foreign_holdings)
  AND account_key NOT IN (SELECT account_key FROM set_apart)
""",
)
"""The items that accounts took from foreign places, and those of them that others hold. The others
show how likely people are to coincide, and whether an item was taken in a crowd."""

ONLY_FOREIGN_PARTS: Final = Statement(
    "rings.lockstep_only_foreign",
    """
CREATE OR REPLACE TEMP VIEW lockstep_holdings AS
SELECT account_key, item_key, first, last FROM foreign_and_others
""",
)


def compare_whole_accounts(engine: Engine) -> None:
    """Make the view ``lockstep_holdings`` of all that accounts hold.

    Args:
        engine: holds the ledger and the temp table ``set_apart``.
    """
    engine.run(WHOLE_ACCOUNTS)


def compare_foreign_parts(engine: Engine) -> None:
    """Make the view ``lockstep_holdings`` of foreign parts, and of others with the same items.

    Args:
        engine: holds the ledger and the temp tables ``set_apart`` and ``foreign_holdings``.
    """
    engine.run(FOREIGN_PARTS)
    engine.run(ONLY_FOREIGN_PARTS)
