"""Coincidences: items that two accounts take for the first time within a minute of each other.

All of it is SQL over the ledger's holdings; what comes back is one row an account or pair.

A pair of accounts has at most one coincidence a day, an *occasion*, whatever the number of items:
who starts one album in the same minute, or follows one broadcast for an evening, coincides item
after item for a single reason. The difference in time between the two takes of an item falls into
one of :data:`WINDOWS` windows of equal width, the middle one around nought; on each day it is asked
which windows the pair has items in.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Self

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.stats.arrays import Floats, Keys, Rows

TOGETHER: Final = 60
"""Takes less than so many seconds apart coincide: a program that does one thing with many accounts
is done within seconds, and clocks of servers differ by less."""

SIDES: Final = 10
"""Windows on either side of the middle one, each twice :data:`TOGETHER` wide: 20 minutes."""

WINDOWS: Final = 2 * SIDES + 1

WIDTH: Final = 2 * TOGETHER
"""Seconds of a window."""

DAY: Final = 86_400

LEAST_AT_ONCE: Final = 4
"""Accounts that take an item in one moment, where pairs are looked for: of the smallest ring, half
are in one moment when it falls into two."""

MOST_MOMENTS: Final = 10
"""Moments of one item in which pairs are looked for, the most crowded ones: what is taken by some
in every minute tells nothing, and a ring takes an item once."""

MOST_AT_ONCE: Final = (100, 50, 25, 12)
"""Accounts that are looked at where more take an item within one moment: those with the lowest
keys, the same everywhere, so that accounts that always act together still meet. The first that
leaves no more than :data:`MEETINGS_AT_MOST` pairs, or the last."""

MEETINGS_AT_MOST: Final = 3_000_000
"""Pairs of takes in one moment that are looked at: their sums are kept in memory."""

LEAST_DAYS: Final = 5
"""Days on which two accounts must act together: a festival is over by then."""

TAKES_AT_MOST: Final = 20_000_000
"""Takes in which pairs are looked for; where there are more, items are sampled."""

PAIRS_AT_MOST: Final = 10_000_000
"""Pairs of takes of one item that a group is scored by; beyond, items are sampled."""

SIZE: Final = Statement(
    "rings.lockstep_size",
    """
SELECT count(*) AS takes,
  CAST(coalesce(sum(CASE WHEN first % 3600 = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS at_full_hours,
  coalesce(max(first) // 86400 - min(first) // 86400 + 1, 0) AS days
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM robots)
""",
)

# Parameters are signed: without casts, remainders of keys are taken in 128 bits, 50 times slower.
MOMENTS: Final = Statement(
    "rings.lockstep_moments",
    """
CREATE OR REPLACE TEMP TABLE lockstep_moments AS
WITH takes AS (
  SELECT account_key, item_key, CAST(first // $width AS INTEGER) AS moment
  FROM holdings
  WHERE item_key % CAST($one_in AS UBIGINT) = 0
    AND account_key NOT IN (SELECT account_key FROM robots)
),
shared AS (
  SELECT item_key, moment,
    row_number() OVER (PARTITION BY item_key ORDER BY count(*) DESC, moment) AS place
  FROM takes
  GROUP BY item_key, moment
  HAVING count(*) >= $least
)
SELECT t.account_key, t.item_key, t.moment
FROM takes AS t
JOIN shared AS s ON s.item_key = t.item_key AND s.moment = t.moment
WHERE s.place <= $most
""",
)
"""Takes of items that some accounts take in the same two minutes, the most crowded of each item."""

SUSPECTED: Final = Statement(
    "rings.lockstep_suspected",
    """
CREATE OR REPLACE TEMP TABLE lockstep_suspected AS
WITH met AS (
  SELECT account_key, count(*) AS takes
  FROM lockstep_moments
  GROUP BY account_key
  HAVING count(DISTINCT moment // $moments_a_day) >= $least_days
),
held AS (
  SELECT account_key, count(*) AS items
  FROM holdings
  WHERE item_key % CAST($one_in AS UBIGINT) = 0 AND account_key IN (SELECT account_key FROM met)
  GROUP BY account_key
)
SELECT met.account_key, held.items
FROM met
JOIN held ON held.account_key = met.account_key
WHERE met.takes >= $share * held.items
""",
)
"""Accounts that take enough of what they take when others take it too."""

CROWDS: Final = Statement(
    "rings.lockstep_crowds",
    """
WITH crowds AS (
  SELECT m.item_key, m.moment, count(*) AS accounts
  FROM lockstep_moments AS m
  JOIN lockstep_suspected AS s ON s.account_key = m.account_key
  GROUP BY m.item_key, m.moment
)
SELECT accounts, count(*) AS moments FROM crowds GROUP BY accounts ORDER BY accounts
""",
)

PAIRS: Final = Statement(
    "rings.lockstep_pairs",
    """
WITH numbered AS (
  SELECT m.account_key, m.item_key, m.moment, s.items,
    row_number() OVER (PARTITION BY m.item_key, m.moment ORDER BY m.account_key) AS place
  FROM lockstep_moments AS m
  JOIN lockstep_suspected AS s ON s.account_key = m.account_key
),
few AS (
  SELECT account_key, item_key, moment, items FROM numbered WHERE place <= $most
),
days AS (
  SELECT a.account_key AS one, b.account_key AS other, count(*) AS takes,
    max(greatest(a.items, b.items)) AS items
  FROM few AS a
  JOIN few AS b
    ON b.item_key = a.item_key AND b.moment = a.moment AND b.account_key > a.account_key
  GROUP BY a.account_key, b.account_key, a.moment // $moments_a_day
)
SELECT one, other
FROM days
GROUP BY one, other
HAVING count(*) >= $least_days AND sum(takes) >= $share * max(items)
ORDER BY one, other
""",
)
"""Pairs that take enough of what each of them takes in the same moments, on enough days."""

JOINING: Final = Statement(
    "rings.lockstep_joining",
    """
WITH moments AS (
  SELECT m.item_key, m.moment
  FROM lockstep_moments AS m
  JOIN lockstep_group AS g ON g.account_key = m.account_key
  GROUP BY m.item_key, m.moment
  HAVING count(*) > 1
),
met AS (
  SELECT t.account_key, count(*) AS takes
  FROM lockstep_moments AS t
  JOIN moments AS m ON m.item_key = t.item_key AND m.moment = t.moment
  GROUP BY t.account_key
)
SELECT s.account_key
FROM lockstep_suspected AS s
JOIN met ON met.account_key = s.account_key
WHERE met.takes >= $share * s.items
ORDER BY s.account_key
""",
)
"""Accounts that take enough of what they take in moments of at least two of a group."""

GROUP_TAKES: Final = Statement(
    "rings.lockstep_group_takes",
    """
CREATE OR REPLACE TEMP TABLE lockstep_takes AS
SELECT account_key, item_key, CAST(first AS BIGINT) AS taken
FROM holdings
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

NEAR: Final = Statement(
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
"""Pairs of a group: days with an item in any window, with one in the middle, items there, and days
with one in the middle by chance."""

HELD: Final = Statement(
    "rings.lockstep_held",
    """
SELECT account_key, count(*) AS items, count(DISTINCT taken // 86400) AS days
FROM lockstep_takes
WHERE item_key % CAST($one_in AS UBIGINT) = 0
GROUP BY account_key
""",
)

OTHERS: Final = Statement(
    "rings.lockstep_others",
    """
SELECT DISTINCT account_key
FROM holdings
WHERE account_key NOT IN (SELECT account_key FROM robots)
  AND account_key NOT IN (SELECT account_key FROM lockstep_group)
ORDER BY account_key
LIMIT $most
""",
)


@dataclass(frozen=True)
class Occasions:
    """Coincidences within a group.

    Attributes:
        keys: the group's account keys, ascending.
        held: (accounts,) items each holds, of those looked at.
        active: (accounts,) days on which each takes any for the first time.
        one_in: of so many items one was looked at.
        one: (pairs,) place of the first account in ``keys``; pairs that never come near are left
            out.
        other: of the second one.
        days: on which the two take an item within any of the windows.
        observed: occasions, days with an item in the middle window.
        expected: occasions by chance.
        items: that coincide.
    """

    keys: Keys
    held: Floats = field(repr=False)
    active: Floats = field(repr=False)
    one_in: int
    one: Rows = field(repr=False)
    other: Rows = field(repr=False)
    days: Floats = field(repr=False)
    observed: Floats = field(repr=False)
    expected: Floats = field(repr=False)
    items: Floats = field(repr=False)

    @classmethod
    def of(cls, engine: Engine, keys: Keys, chance: float = 1 / WINDOWS) -> Self:
        """Count the occasions of each pair of a group.

        Args:
            engine: holds the ledger.
            keys: account keys, ascending.
            chance: that an item near another one in time is in the middle window.
        """
        engine.table("lockstep_group", {"account_key": keys})
        engine.run(GROUP_TAKES)
        one_in = -(-int(engine.rows(MEETINGS)[0][0]) // PAIRS_AT_MOST) or 1
        own = engine.columns(HELD, {"one_in": one_in})
        held, active = np.zeros((2, keys.size))
        place = np.searchsorted(keys, own["account_key"])
        held[place], active[place] = own["items"], own["days"]
        near = engine.columns(
            NEAR,
            {"one_in": one_in, "width": WIDTH, "sides": SIDES, "chance": chance},
        )
        one, other = (np.searchsorted(keys, near[side]) for side in ("one", "other"))
        counts = ("days", "occasions", "expected", "items")
        return cls(
            keys, held, active, one_in, one, other, *(near[n].astype(np.float64) for n in counts)
        )

    def toward(self, values: Floats) -> Floats:
        """Add up a number of each pair for both of its accounts: (accounts,)."""
        size = self.keys.size
        both = np.bincount(self.one, values, size) + np.bincount(self.other, values, size)
        return np.asarray(both, dtype=np.float64)


def telling_takes(engine: Engine) -> int:
    """Return how many takes there are, 0 where none can tell anything.

    Where most takes are at full hours (or days), nothing is known of the minutes around; and within
    less than :data:`LEAST_DAYS` days nobody acts together on so many.
    """
    takes, at_full_hours, days = engine.rows(SIZE)[0]
    return int(takes) if 2 * at_full_hours <= takes and days >= LEAST_DAYS else 0


def pairs_together(engine: Engine, takes: int, share: float) -> tuple[Keys, Keys]:
    """Return the keys of accounts that act together, pair by pair, in a sample of items.

    Two accounts are compared in moments that begin at every second minute, so that takes half a
    minute apart are in one moment three times out of four.

    Args:
        engine: holds the ledger; the temp tables ``lockstep_moments`` and ``lockstep_suspected``
            are made.
        takes: in all.
        share: least part of the takes of each of the two.
    """
    sample = {"one_in": -(-takes // TAKES_AT_MOST) or 1}
    asked = {"moments_a_day": DAY // WIDTH, "least_days": LEAST_DAYS, "share": share}
    engine.run(MOMENTS, {**sample, "width": WIDTH, "least": LEAST_AT_ONCE, "most": MOST_MOMENTS})
    engine.run(SUSPECTED, {**sample, **asked})
    found = engine.columns(PAIRS, {**asked, "most": _most_at_once(engine)})
    return found["one"], found["other"]


def _most_at_once(engine: Engine) -> int:
    """Return how many of a crowd can be looked at."""
    crowds = engine.columns(CROWDS)
    accounts, moments = (crowds[name].astype(np.float64) for name in ("accounts", "moments"))
    for most in MOST_AT_ONCE:
        kept = np.minimum(accounts, most)
        if np.sum(moments * kept * (kept - 1)) / 2 <= MEETINGS_AT_MOST:
            return most
    return MOST_AT_ONCE[-1]


def joining(engine: Engine, keys: Keys, share: float) -> Keys:
    """Return the keys, ascending, of accounts that act at moments of a group, members included."""
    engine.table("lockstep_group", {"account_key": keys})
    found: Keys = engine.columns(JOINING, {"share": share})["account_key"]
    return found


def others(engine: Engine, suspected: Keys, most: int) -> Keys:
    """Return the keys of accounts that are not suspected, ascending; those with the lowest."""
    engine.table("lockstep_group", {"account_key": suspected})
    found: Keys = engine.columns(OTHERS, {"most": most})["account_key"]
    return found
