"""The first and the last hour in which anything in a ledger was used, and its last days."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Final

from ringfence.engine import Engine, Statement
from ringfence.stats.seconds import DAY, HOUR

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


def first_day_kept(engine: Engine, days: int, now: float) -> date | None:
    """Return the first of the last days of a ledger, UTC; None if nothing was used.

    The last day is that of the clock or of the last event, whichever is earlier. A clock that is
    ahead, or an event from the future, therefore makes no day old.

    Args:
        engine: holds the ledger.
        days: number of days, at least 1.
        now: seconds since 1970.
    """
    hours = used_hours(engine)
    if hours is None:
        return None
    last = min(int(now) // DAY, hours[1] * HOUR // DAY)
    return datetime.fromtimestamp(max(last - days + 1, 0) * DAY, UTC).date()
