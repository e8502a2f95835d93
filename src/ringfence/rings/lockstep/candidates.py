"""Candidates for lockstep: accounts that take the same items within the same two minutes.

The search is SQL over the ledger's holdings. A *moment* is one item in one interval of two minutes.
Only crowded moments are examined, so small jobs can be missed: fewer than four accounts at once, or
a ring in crowds of more than a hundred.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.rings.lockstep.coincidences import MIN_DAYS, WINDOW
from ringfence.stats.arrays import Keys
from ringfence.stats.seconds import DAY

MIN_AT_ONCE: Final = 4
"""Least number of accounts that take an item in one moment. If the job of the smallest ring falls
into two moments, half of its accounts are in one of them."""

MAX_MOMENTS: Final = 10
"""Number of moments per item in which pairs are searched for. The most crowded ones are used. An
item that some accounts take in every minute gives no information, and a ring takes an item once."""

CROWD_LIMITS: Final = (100, 50, 25, 12)
"""Accounts per moment that are compared: those with the lowest keys, the same in every moment, so
that accounts that always act together still meet. The first limit that leaves at most
:data:`MAX_MEETINGS` pairs is used, or the last."""

MAX_MEETINGS: Final = 3_000_000
"""Pairs of accounts in one moment that are compared; their sums are kept in memory."""

MAX_SEARCHED_HOLDINGS: Final = 20_000_000
"""Holdings in which pairs are searched for. If there are more, items are sampled."""

LEDGER_SIZE: Final = Statement(
    "rings.lockstep_size",
    """
SELECT count(*) AS takes,
  CAST(coalesce(sum(CASE WHEN first % 3600 = 0 THEN 1 ELSE 0 END), 0) AS BIGINT) AS at_full_hours,
  coalesce(max(first) // 86400 - min(first) // 86400 + 1, 0) AS days
FROM lockstep_holdings
""",
)

# Parameters are signed. Without casts, remainders of keys take 128 bits and 50 times longer.
MOMENTS: Final = Statement(
    "rings.lockstep_moments",
    """
CREATE OR REPLACE TEMP TABLE lockstep_moments AS
WITH takes AS (
  SELECT account_key, item_key, CAST(first // $width AS INTEGER) AS moment
  FROM lockstep_holdings
  WHERE item_key % CAST($one_in AS UBIGINT) = 0
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
"""Holdings whose item several accounts took in the same two minutes, in the item's most crowded
moments."""

COORDINATED: Final = Statement(
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
  FROM lockstep_holdings
  WHERE item_key % CAST($one_in AS UBIGINT) = 0 AND account_key IN (SELECT account_key FROM met)
  GROUP BY account_key
)
SELECT met.account_key, held.items
FROM met
JOIN held ON held.account_key = met.account_key
WHERE met.takes >= $share * held.items
""",
)
"""Accounts that took a large enough share of their items in such moments, on enough days."""

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
"""Pairs of accounts that take enough of their items in the same moments, on enough days."""

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
"""Accounts that take enough of their items in moments of at least two members of a group."""


def count_usable_holdings(engine: Engine) -> int:
    """Return the number of holdings, or 0 if their times cannot show lockstep.

    If most accesses are at full hours (or days), the log does not show the minutes. In
    a log of less than :data:`~ringfence.rings.lockstep.coincidences.MIN_DAYS` days, no pair can act
    together on enough days.
    """
    holdings, at_full_hours, days = engine.rows(LEDGER_SIZE)[0]
    return int(holdings) if 2 * at_full_hours <= holdings and days >= MIN_DAYS else 0


def find_coordinated_pairs(engine: Engine, holdings: int, min_share: float) -> tuple[Keys, Keys]:
    """Return the account keys of pairs that act together, in a sample of items.

    Two accounts are compared in moments that begin at every second minute. Accesses half a minute
    apart fall into the same moment three times out of four.

    Args:
        engine: has the view ``lockstep_holdings``. Writes temp tables ``lockstep_moments``
            and ``lockstep_suspected``.
        holdings: the number of holdings of all accounts.
        min_share: share of the items of each account that the pair takes together.
    """
    sample = {"one_in": -(-holdings // MAX_SEARCHED_HOLDINGS) or 1}
    limits = {"moments_a_day": DAY // WINDOW, "least_days": MIN_DAYS, "share": min_share}
    engine.run(MOMENTS, {**sample, "width": WINDOW, "least": MIN_AT_ONCE, "most": MAX_MOMENTS})
    engine.run(COORDINATED, {**sample, **limits})
    found = engine.columns(PAIRS, {**limits, "most": _crowd_limit(engine)})
    return found["one"], found["other"]


def find_joining(engine: Engine, group: Keys, min_share: float) -> Keys:
    """Return the keys of accounts that act in a group's moments, ascending; members included.

    Args:
        engine: has run :func:`find_coordinated_pairs`.
        group: account keys.
        min_share: share of an account's items that it takes in these moments.
    """
    engine.table("lockstep_group", {"account_key": group})
    found: Keys = engine.columns(JOINING, {"share": min_share})["account_key"]
    return found


def _crowd_limit(engine: Engine) -> int:
    """Return how many accounts of a crowded moment can be compared."""
    crowds = engine.columns(CROWDS)
    accounts, moments = (crowds[name].astype(np.float64) for name in ("accounts", "moments"))
    for limit in CROWD_LIMITS:
        compared = np.minimum(accounts, limit)
        if np.sum(moments * compared * (compared - 1)) / 2 <= MAX_MEETINGS:
            return limit
    return CROWD_LIMITS[-1]
