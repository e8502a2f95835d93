"""Find bulk sessions: hours in which an account takes items far faster than it can use them.

A device that copies a library, or a program that imports one, takes thousands of items one after
another. This is one act. How many items a copy explains is limited by what services allow:
:data:`COPIED_ITEMS` per year. A copy is *recognised* if it is the first one of a year, is not
played, and the log shows it (:mod:`ringfence.evidence.possible_copies`). Other sessions are
*possible* copies: a second library of the same login, or a copy that the log cannot tell from use.

============  ======================================================================================
bulk_hours    one row per account and hour of a bulk session that a copy of a library may explain,
              and whether the copy is recognised
copied_hours  the hours of recognised copies, or all bulk hours of accounts with a possible copy
============  ======================================================================================
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context
from ringfence.evidence.library_taste import keep_libraries
from ringfence.evidence.possible_copies import CopyHabits, keep_possible_copies
from ringfence.stats.arrays import Floats, Keys

USES_PER_MINUTE: Final = 2
"""Uses per minute in use from which an hour may belong to a bulk session. Over a line of 1 Mbit/s,
a track in normal quality (3 to 4 MB) takes 25 to 30 seconds. Bulk transfers are not slower."""

SESSION_ITEMS: Final = 200
"""New items of a session, at least. People skip as fast: in 884 months of 48 people there are 2,326
sessions of 60 uses at this speed, 76 with 100 new items, and 13 with 200."""

_PEAK_USES: Final = 60
"""A session has an hour with this number of uses: 200 items at this speed fill at most three clock
hours."""

PLAYED_SECONDS: Final = 2.5
"""Seconds played per use of a recognised copy, at most, where the log has them but does not tell
copies from plays: a copy is not played. People who skip play for longer: of their sessions of 60
uses, 1 % play less than 4.8 seconds per use. A person who streams during a small copy plays more.
Some logs write the seconds of the request, so a session with more is a possible copy."""

PAUSE_HOURS: Final = 3
"""Hours from one fast hour to the next, at most, within one session."""

COPY_HOURS: Final = 48
"""Hours between the largest session of a year and another one, at most, within one copy. A copy may
be interrupted, and goes on the next evening."""

COPIED_ITEMS: Final = 10_000
"""New items per year that a copy explains: a device may hold 10,000 tracks
(https://www.spotify.com/ke-sw/mini/, read in November 2026). A second device with the same library
takes no new items. A second library is a possible copy."""

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
  SELECT account_key, session, min(year) AS year, min(hour) AS hour, sum(new_items) AS new_items,
    CASE WHEN $surfaces OR sum(seconds) <= $played * sum(uses) THEN 1 ELSE 0 END AS unplayed
  FROM numbered
  GROUP BY account_key, session
),
ranked AS (
  SELECT account_key, session, year, hour, new_items, unplayed,
    max(new_items) OVER (PARTITION BY account_key, year) AS most,
    row_number() OVER (PARTITION BY account_key, year
      ORDER BY unplayed DESC, new_items DESC, session) AS place
  FROM sessions
),
copied AS (
  SELECT account_key, year, hour
  FROM ranked
  WHERE place = 1 AND unplayed = 1 AND new_items >= $least
),
known AS (
  SELECT r.account_key, r.session, r.year, r.place,
    CASE WHEN r.unplayed = 1 AND c.hour IS NOT NULL
      AND (abs(r.hour - c.hour) <= $copy OR r.new_items < $least) THEN 1 ELSE 0 END AS recognised
  FROM ranked AS r
  LEFT JOIN copied AS c ON c.account_key = r.account_key AND c.year = r.year
  WHERE r.most >= $least
),
counted AS (
  SELECT n.account_key, n.hour, n.uses, k.recognised,
    sum(n.new_items) OVER (PARTITION BY n.account_key, k.year
      ORDER BY k.recognised DESC, k.place, n.hour) AS so_far
  FROM numbered AS n
  JOIN known AS k ON k.account_key = n.account_key AND k.session = n.session
)
SELECT account_key, hour, uses, recognised = 1 AS recognised FROM counted WHERE so_far <= $items
""",
)
"""Of each year the largest session counts, hour by hour, until the items are used up, with the
sessions near it. Smaller ones count after them: they top up the copy, or repeat it. Other sessions
come last."""

COPIED_HOURS: Final = Statement(
    "evidence.bulk_copied_hours",
    """
CREATE OR REPLACE TEMP TABLE copied_hours AS
SELECT account_key, hour, uses
FROM bulk_hours
WHERE CASE WHEN $possible
  THEN account_key IN (SELECT account_key FROM bulk_hours WHERE NOT recognised)
  ELSE recognised END
""",
)

BULK_ACCOUNTS: Final = Statement(
    "evidence.bulk_accounts",
    """
WITH hours AS (
  SELECT account_key, count(*) AS hours FROM copied_hours GROUP BY account_key
),
taken AS (
  SELECT h.account_key, count(*) AS items, count(DISTINCT c.group_key) AS groups
  FROM holdings AS h
  JOIN copied_hours AS b ON b.account_key = h.account_key AND b.hour = h.first // 3600
  JOIN catalogue AS c ON c.item_key = h.item_key
  GROUP BY h.account_key
)
SELECT h.account_key, h.hours, t.items, t.groups
FROM hours AS h
JOIN taken AS t ON t.account_key = h.account_key
ORDER BY h.account_key
""",
)


@dataclass(frozen=True)
class BulkItems:
    """Items that accounts took in bulk sessions; arrays of one length, by ascending key.

    Attributes:
        keys: account keys.
        items: new items.
        groups: groups of these items; 0 where they are not known.
        hours: clock hours of the sessions.
        recognised: whether all of them are recognised copies; otherwise some are possible ones.
    """

    keys: Keys
    items: Floats
    groups: Floats
    hours: Floats
    recognised: bool = True


def find_bulk_sessions(context: Context) -> None:
    """Make the table ``bulk_hours``.

    Args:
        context: the ledger; the tables of :data:`ringfence.evidence.steps.STEPS` exist.
    """
    habits = CopyHabits.of(context)
    context.engine.run(
        BULK_HOURS,
        {
            "surfaces": habits.told_apart,
            "rate": USES_PER_MINUTE,
            "peak": _PEAK_USES,
            "least": SESSION_ITEMS,
            "played": PLAYED_SECONDS,
            "pause": PAUSE_HOURS,
            "copy": COPY_HOURS,
            "items": COPIED_ITEMS,
        },
    )
    keep_possible_copies(context, habits)
    for recognised in (True, False):
        context.engine.run(COPIED_HOURS, {"possible": not recognised})
        keep_libraries(context, recognised=recognised, told=habits.told_apart)


def select_copies(context: Context, *, recognised: bool) -> BulkItems:
    """Make the table ``copied_hours``, and return what the accounts in it took.

    Args:
        context: the table ``bulk_hours`` exists.
        recognised: whether the table has recognised copies only; otherwise it has all of the
            accounts that have possible ones.
    """
    context.engine.run(COPIED_HOURS, {"possible": not recognised})
    table = context.engine.columns(BULK_ACCOUNTS)
    return BulkItems(
        keys=table["account_key"],
        items=table["items"].astype(np.float64),
        groups=table["groups"].astype(np.float64),
        hours=table["hours"].astype(np.float64),
        recognised=recognised,
    )
