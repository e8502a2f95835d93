"""The first and the last hour in which anything in a ledger was used."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Engine, Statement

USED_HOURS: Final = Statement(
    "ledger.used_hours",
    """
WITH used AS (
  SELECT min(hour) AS first, max(hour) AS last FROM aged_hours
  UNION ALL
  SELECT min(hour) AS first, max(hour) AS last FROM recent_hours
)
SELECT min(first) AS first, max(last) AS last FROM used
""",
)


def used_hours(engine: Engine) -> tuple[int, int] | None:
    """Return the first and the last hour with a use, hours since 1970; None in an empty ledger."""
    first, last = engine.rows(USED_HOURS)[0]
    return None if first is None else (int(first), int(last))
