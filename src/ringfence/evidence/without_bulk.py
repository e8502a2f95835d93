"""Take the hours of bulk sessions out of the tables that tests of amount and speed read.

The tables ``activity`` and ``days`` are changed in place and put back: bulk sessions are few, and
the tables are large.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from ringfence.engine import Engine, Statement

KEPT: Final = (
    Statement(
        "evidence.bulk_activity",
        """
CREATE OR REPLACE TEMP TABLE bulk_activity AS
SELECT a.account_key, a.hour, a.uses, a.new_items, a.minutes, a.seconds
FROM activity AS a
JOIN bulk_hours AS b ON b.account_key = a.account_key AND b.hour = a.hour
""",
    ),
    Statement(
        "evidence.bulk_days",
        """
CREATE OR REPLACE TEMP TABLE bulk_days AS
SELECT account_key, day, uses, new_items, active_hours, seconds
FROM days
WHERE account_key IN (SELECT account_key FROM bulk_hours)
""",
    ),
)
"""The rows that are taken out, kept to be put back."""

DAYS_OUT: Final = Statement(
    "evidence.bulk_days_out",
    "DELETE FROM days WHERE account_key IN (SELECT account_key FROM bulk_hours)",
)

TAKEN_OUT: Final = (
    Statement(
        "evidence.bulk_activity_out",
        """
DELETE FROM activity WHERE EXISTS (
  SELECT 1 FROM bulk_hours AS b
  WHERE b.account_key = activity.account_key AND b.hour = activity.hour)
""",
    ),
    DAYS_OUT,
    Statement(
        "evidence.bulk_days_left",
        """
INSERT INTO days
SELECT account_key, hour // 24 AS day, CAST(sum(uses) AS BIGINT) AS uses,
  CAST(sum(new_items) AS BIGINT) AS new_items, count(*) AS active_hours, sum(seconds) AS seconds
FROM activity
WHERE account_key IN (SELECT account_key FROM bulk_hours)
GROUP BY account_key, hour // 24
""",
    ),
)

PUT_BACK: Final = (
    DAYS_OUT,
    Statement("evidence.bulk_days_back", "INSERT INTO days SELECT * FROM bulk_days"),
    Statement("evidence.bulk_activity_back", "INSERT INTO activity SELECT * FROM bulk_activity"),
)


@contextmanager
def without_bulk(engine: Engine) -> Iterator[None]:
    """Open a scope in which ``activity`` and ``days`` lack the hours of ``bulk_hours``."""
    for step in (*KEPT, *TAKEN_OUT):
        engine.run(step)
    try:
        yield
    finally:
        for step in PUT_BACK:
            engine.run(step)
