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
SELECT a.account_key, a.hour, a.uses, a.new_items, a.minutes, a.seconds,
  b.hour IS NOT NULL AS in_bulk
FROM activity AS a
LEFT JOIN copied_hours AS b ON b.account_key = a.account_key AND b.hour = a.hour
WHERE a.account_key IN (SELECT account_key FROM copied_hours)
""",
    ),
    Statement(
        "evidence.bulk_days",
        """
CREATE OR REPLACE TEMP TABLE bulk_days AS
SELECT account_key, day, uses, new_items, active_hours, seconds
FROM days
WHERE account_key IN (SELECT account_key FROM copied_hours)
""",
    ),
)
"""All rows of the accounts with bulk sessions, kept to be put back."""

_OUT: Final = (
    Statement(
        "evidence.bulk_activity_out",
        "DELETE FROM activity WHERE account_key IN (SELECT account_key FROM copied_hours)",
    ),
    Statement(
        "evidence.bulk_days_out",
        "DELETE FROM days WHERE account_key IN (SELECT account_key FROM copied_hours)",
    ),
)

TAKEN_OUT: Final = (
    *_OUT,
    Statement(
        "evidence.bulk_activity_left",
        """
INSERT INTO activity
SELECT account_key, hour, uses, new_items, minutes, seconds FROM bulk_activity WHERE NOT in_bulk
""",
    ),
    Statement(
        "evidence.bulk_days_left",
        """
INSERT INTO days
SELECT account_key, hour // 24 AS day, CAST(sum(uses) AS BIGINT) AS uses,
  CAST(sum(new_items) AS BIGINT) AS new_items, count(*) AS active_hours, sum(seconds) AS seconds
FROM bulk_activity
WHERE NOT in_bulk
GROUP BY account_key, hour // 24
""",
    ),
)

PUT_BACK: Final = (
    *_OUT,
    Statement(
        "evidence.bulk_activity_back",
        """
INSERT INTO activity
SELECT account_key, hour, uses, new_items, minutes, seconds FROM bulk_activity
""",
    ),
    Statement(
        "evidence.bulk_days_back",
        """
INSERT INTO days
SELECT account_key, day, uses, new_items, active_hours, seconds FROM bulk_days
""",
    ),
)


@contextmanager
def without_bulk(engine: Engine) -> Iterator[None]:
    """Open a scope in which ``activity`` and ``days`` lack the hours of ``copied_hours``."""
    for step in (*KEPT, *TAKEN_OUT):
        engine.run(step)
    try:
        yield
    finally:
        for step in PUT_BACK:
            engine.run(step)
