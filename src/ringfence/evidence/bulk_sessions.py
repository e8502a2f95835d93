"""Find bulk sessions: hours in which an account takes items far faster than it can use them.

A device that copies a library, or a program that imports one, takes thousands of items one after
another. This is one act. Which sessions may be such a copy, and how many items, is limited by what
services allow: :data:`SESSIONS_PER_YEAR` and :data:`COPIED_ITEMS`.

==============  ====================================================================================
bulk_hours      one row per account and hour of a bulk session that a copy of a library can explain
==============  ====================================================================================
"""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.evidence.base import Context
from ringfence.evidence.reference_distributions import Kind

USES_PER_MINUTE: Final = 2
"""Uses per minute in use from which an hour may belong to a bulk session. Over a line of 1 Mbit/s,
a track in normal quality (3 to 4 MB) takes 25 to 30 seconds. Bulk transfers are not slower."""

SESSION_ITEMS: Final[dict[Kind, int]] = {"music": 200, "general": 200, "library": 60}
"""New items of a session, at least. People skip as fast: in 884 months of 48 people there are 2,326
sessions of 60 uses at this speed, 76 with 100 new items, and 13 with 200. Nobody reads the full
text of 60 articles at this speed."""

_PEAK_USES: Final = 60
"""A session has an hour with this number of uses: 200 items at this speed fill at most three clock
hours."""

PLAYED_SECONDS: Final = 2.5
"""Seconds played per use of a session, at most, where the log has them: a copy is not played.
People who skip play for longer: of their sessions of 60 uses, 1 % play less than 4.8 seconds per
use. A person who streams during a copy also plays little per use."""

PAUSE_HOURS: Final = 3
"""Hours from one fast hour to the next, at most, within one session."""

SESSIONS_PER_YEAR: Final = 5
"""Sessions that a copy explains: services allow five devices
(https://www.spotify.com/ke-sw/mini/, read in November 2026). A device that copies the same library
again takes no new items, and its session counts like any other."""

COPIED_ITEMS: Final[dict[Kind, int]] = {"music": 10_000, "general": 10_000, "library": 1_400}
"""New items per year that a copy explains. A device may hold 10,000 tracks (same source). In a
library, one night of a reference manager that finds PDFs, such as Zotero or Paperpile."""

BULK_HOURS: Final = Statement(
    "evidence.bulk_hours",
    """
CREATE OR REPLACE TEMP TABLE bulk_hours AS
WITH fast AS (
  SELECT account_key, hour, uses, new_items, coalesce(seconds, 0) AS seconds
  FROM activity
  WHERE uses >= $rate * minutes AND account_key IN (
    SELECT account_key FROM activity WHERE uses >= $peak AND uses >= $rate * minutes)
),
begun AS (
  SELECT account_key, hour, uses, new_items, seconds,
    CASE WHEN hour - lag(hour) OVER (PARTITION BY account_key ORDER BY hour) <= $pause
      THEN 0 ELSE 1 END AS begins,
    (hour - min(hour) OVER (PARTITION BY account_key)) // 8760 AS year
  FROM fast
),
numbered AS (
  SELECT account_key, hour, uses, new_items, seconds, year,
    sum(begins) OVER (PARTITION BY account_key ORDER BY hour) AS session
  FROM begun
),
sessions AS (
  SELECT account_key, session, min(year) AS year, sum(new_items) AS new_items, sum(uses) AS uses
  FROM numbered
  GROUP BY account_key, session
  HAVING sum(seconds) <= $played * sum(uses)
),
ranked AS (
  SELECT account_key, session, year, uses,
    row_number() OVER (PARTITION BY account_key, year ORDER BY new_items DESC, session) AS place
  FROM sessions
),
counted AS (
  SELECT n.account_key, n.hour, n.uses,
    sum(n.new_items) OVER (PARTITION BY n.account_key, r.year ORDER BY r.place, n.hour) AS so_far
  FROM numbered AS n
  JOIN ranked AS r ON r.account_key = n.account_key AND r.session = n.session
  WHERE (r.place <= $sessions OR r.uses < $least)
    AND n.account_key IN (SELECT account_key FROM sessions WHERE new_items >= $least)
)
SELECT account_key, hour, uses FROM counted WHERE so_far <= $items
""",
)
"""The largest sessions of each year count, hour by hour, until the items are used up. Smaller ones
count after them, if the account has a session that is large enough: they top up the copy."""

STREAMERS_FORGOTTEN: Final = Statement(
    "evidence.bulk_streamers_forgotten",
    """
DELETE FROM bulk_hours WHERE account_key IN (
  SELECT b.account_key
  FROM (SELECT account_key, sum(uses) AS uses FROM bulk_hours GROUP BY account_key) AS b
  LEFT JOIN (
    SELECT account_key, sum(events) AS events FROM surfaces
    WHERE surface IN ('download', 'metadata')
    GROUP BY account_key
  ) AS d ON d.account_key = b.account_key
  WHERE 2 * coalesce(d.events, 0) < b.uses
)
""",
)
"""A copy is made of downloads, and an import of look-ups. Surfaces are counted per account, so half
of the uses in bulk is enough: the same hours may hold streams."""

DOWNLOADS_KNOWN: Final = Statement(
    "evidence.bulk_downloads_known",
    "SELECT count(*) FROM surfaces WHERE surface = 'download'",
)

BULK_ACCOUNTS: Final = Statement(
    "evidence.bulk_accounts", "SELECT count(DISTINCT account_key) FROM bulk_hours"
)


def find_bulk_sessions(context: Context) -> int:
    """Make the table ``bulk_hours``, and return the number of accounts in it.

    Args:
        context: the ledger; the tables of :data:`ringfence.evidence.steps.STEPS` exist.
    """
    engine = context.engine
    engine.run(
        BULK_HOURS,
        {
            "rate": USES_PER_MINUTE,
            "peak": _PEAK_USES,
            "least": SESSION_ITEMS[context.kind],
            "played": PLAYED_SECONDS,
            "pause": PAUSE_HOURS,
            "sessions": SESSIONS_PER_YEAR,
            "items": COPIED_ITEMS[context.kind],
        },
    )
    if "surface" in context.columns and engine.rows(DOWNLOADS_KNOWN)[0][0]:
        engine.run(STREAMERS_FORGOTTEN)
    return int(engine.rows(BULK_ACCOUNTS)[0][0])
