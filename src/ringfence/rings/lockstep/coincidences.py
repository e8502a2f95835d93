"""Coincidences: items that two accounts take for the first time within a minute of each other.

The difference in time between two first accesses of an item falls into one of :data:`WINDOWS`
windows of equal width. The middle window is around 0. A pair of accounts has a *coincident
day* if any of its items falls into the middle window on that day. The number of items does not
matter: two people who start one album in the same minute coincide track by track, for one reason.

All counting is SQL over the ledger's holdings. The results have one row per account or per pair.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.stats.arrays import Floats, Keys, Rows

MAX_LAG: Final = 60
"""Accesses less than this many seconds apart coincide. A program that does one thing with many
accounts is done within seconds, and clocks of servers differ by less."""

SIDES: Final = 10
"""Windows on either side of the middle one, each twice :data:`MAX_LAG` wide: 20 minutes."""

WINDOWS: Final = 2 * SIDES + 1
"""Windows of the time difference."""

WINDOW: Final = 2 * MAX_LAG
"""Seconds per window."""

MIN_DAYS: Final = 5
"""Days on which two accounts must act together. A festival is over by then."""

MAX_ACCESS_PAIRS: Final = 10_000_000
"""Pairs of accesses to one item that are counted in a group. If there are more, items are
sampled."""

GROUP_ACCESSES: Final = Statement(
    "rings.lockstep_group_takes",
    """
CREATE OR REPLACE TEMP TABLE lockstep_takes AS
SELECT account_key, item_key, CAST(first AS BIGINT) AS taken, CAST(last AS BIGINT) AS last
FROM lockstep_holdings
WHERE account_key IN (SELECT account_key FROM lockstep_group)
""",
)

MEETINGS: Final = Statement(
    "rings.lockstep_meetings",
    """
WITH held AS (
  SELECT item_key, count(*) AS holders FROM lockstep_takes GROUP BY item_key
)
SELECT coalesce(CAST(sum(holders * (holders - 1) // 2) AS BIGINT), 0) AS meetings FROM held
""",
)

NEAR_DAYS: Final = Statement(
    "rings.lockstep_near",
    """
WITH takes AS (
  SELECT account_key, item_key, taken
  FROM lockstep_takes
  WHERE item_key % CAST($one_in AS UBIGINT) = 0
),
lags AS (
  SELECT a.account_key AS one, b.account_key AS other, b.taken - a.taken AS lag,
    greatest(a.taken, b.taken) // 86400 AS day
  FROM takes AS a
  JOIN takes AS b ON b.item_key = a.item_key AND b.account_key > a.account_key
  WHERE greatest(b.taken - a.taken, a.taken - b.taken) < $width * $sides + $width // 2
),
placed AS (
  SELECT one, other, day,
    CASE WHEN lag < 0 THEN -((-lag + $width // 2) // $width)
      ELSE (lag + $width // 2) // $width END AS place
  FROM lags
),
windows AS (
  SELECT one, other, day, place, count(*) AS items FROM placed GROUP BY one, other, day, place
),
days AS (
  SELECT one, other, day, count(*) AS windows,
    sum(CASE WHEN place = 0 THEN items ELSE 0 END) AS items
  FROM windows
  GROUP BY one, other, day
)
SELECT one, other, count(*) AS days,
  CAST(sum(CASE WHEN items > 0 THEN 1 ELSE 0 END) AS DOUBLE) AS occasions,
  CAST(sum(items) AS DOUBLE) AS items,
  sum(1 - greatest(0.0, 1 - windows * $chance)) AS expected
FROM days
GROUP BY one, other
ORDER BY one, other
""",
)
"""Pairs of a group with their near days, coincident days, items in the middle window, and the
coincident days that chance would give."""

ACCESSES_PER_ACCOUNT: Final = Statement(
    "rings.lockstep_held",
    """
SELECT account_key, count(*) AS items, count(DISTINCT taken // 86400) AS days
FROM lockstep_takes
WHERE item_key % CAST($one_in AS UBIGINT) = 0
GROUP BY account_key
""",
)


@dataclass(frozen=True)
class CoincidentDays:
    """Days on which accounts of a group act together, pair by pair.

    Attributes:
        keys: (accounts,) account keys, ascending.
        item_counts: (accounts,) examined items that each account holds.
        active_days: (accounts,) days on which each account takes an item for the first time.
        one_in: one item in this many was examined.
        one: (pairs,) place of the first account in ``keys``. A pair whose accesses are never near
            each other is absent.
        other: (pairs,) place of the second account.
        near_days: (pairs,) days on which the pair has an item in any window.
        observed: (pairs,) coincident days: days with an item in the middle window.
        expected: (pairs,) coincident days by chance.
        items: (pairs,) items in the middle window.
    """

    keys: Keys
    item_counts: Floats = field(repr=False)
    active_days: Floats = field(repr=False)
    one_in: int
    one: Rows = field(repr=False)
    other: Rows = field(repr=False)
    near_days: Floats = field(repr=False)
    observed: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    items: Floats = field(repr=False)

    @classmethod
    def of(cls, engine: Engine, keys: Keys, chance: float = 1 / WINDOWS) -> Self:
        """Count the coincident days of each pair of a group.

        Args:
            engine: has the view ``lockstep_holdings``. Writes temp tables ``lockstep_group``
                and ``lockstep_takes``.
            keys: account keys, ascending.
            chance: the probability that an item within the windows is in the middle one.
        """
        engine.table("lockstep_group", {"account_key": keys})
        engine.run(GROUP_ACCESSES)
        one_in = -(-int(engine.rows(MEETINGS)[0][0]) // MAX_ACCESS_PAIRS) or 1
        own = engine.columns(ACCESSES_PER_ACCOUNT, {"one_in": one_in})
        item_counts, active_days = np.zeros((2, keys.size))
        place = np.searchsorted(keys, own["account_key"])
        item_counts[place], active_days[place] = own["items"], own["days"]
        near = engine.columns(
            NEAR_DAYS, {"one_in": one_in, "width": WINDOW, "sides": SIDES, "chance": chance}
        )
        one, other = (np.searchsorted(keys, near[side]) for side in ("one", "other"))
        names = ("days", "occasions", "expected", "items")
        counts = (near[name].astype(np.float64) for name in names)
        return cls(keys, item_counts, active_days, one_in, one, other, *counts)

    def per_account(self, values: Floats) -> Floats:
        """Return (accounts,) the sum of a value of each pair over both of its accounts."""
        size = self.keys.size
        both = np.bincount(self.one, values, size) + np.bincount(self.other, values, size)
        return np.asarray(both, dtype=np.float64)
