"""Ask whether other users show that taking items in the order of their ids is rare.

Pages of a manuscript and entries of a list look the same in a log: ids in succession. Only the
other users of the same items tell them apart. Somebody who opens two pages of a work one after the
other mostly opens neighbours. Somebody who opens two articles of one month mostly does not. So the
other users who took two items near each other in succession are the witnesses of an account. If
there are too few, its order is a reason for suspicion only. The only reader of manuscripts in a
service of articles would otherwise be accused of reading.

Witnesses that jump, such as the users of an index of names, make a reader who opens one page after
the other look rare. So the order of an account that takes at most 300 new items per day can make it
a suspect, and never accuses it (decision 0073).

Readers also jump, back to a page or past some. So an account walks if most of its steps go to a
near item, and if it leaves out few items in a row. Members of a crew that divides a list leave more
out, so they do not walk.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.evidence.order_of_users import MOSTLY
from ringfence.stats.arrays import Flags, Keys

NEAR: Final = 50
"""Items that lie at most this far apart in the order of ids are near each other."""

GAP: Final = 2
"""Places from one item of a walk to the next, at most, in the order of ids. Somebody who looks at
two pages at once takes every second one. Of a list that more than two accounts divide, each leaves
more out."""

READ_PER_DAY: Final = 300
"""New items per day of use up to which a walk may be reading. Volunteers who transcribe manuscripts
and family historians open 15 to 210 pages a day for weeks; this leaves room."""

WITNESS_REACH: Final = 10
"""Items at most this many median steps of the account apart are near for its witnesses, and items
within :data:`NEAR` always. Of steps to items within reach at random, one in ten is as small as its
own."""

WITNESSES: Final = 20
"""Least number of witnesses. If half of all users go in order, at most one in five of 20
does with a chance of 0.6 %, by the binomial distribution."""

IN_ORDER_SHARE: Final = 0.2
"""If a larger share of the witnesses mostly makes steps as small, these items are taken in order.
Decision 0069 has the shares of several populations."""

ORDER_WITNESSES: Final = Statement(
    "evidence.order_witnesses",
    """
WITH steps AS (
  SELECT account_key, place // $near AS block, abs(step) AS size, first // 86400 AS day,
    place - lag(place) OVER (PARTITION BY account_key ORDER BY place) AS gap
  FROM order_takes
),
walkers AS (
  SELECT account_key, greatest(quantile_disc(size, 0.5), 1) AS usual_size,
    count(*) / count(DISTINCT day) AS per_day
  FROM steps
  GROUP BY account_key
  HAVING avg(CASE WHEN gap <= $gap THEN 1.0 ELSE 0.0 END) >= $mostly
    AND quantile_disc(size, 0.5) <= $near
),
walked AS (
  SELECT DISTINCT s.account_key AS walker, s.block, w.usual_size
  FROM steps AS s
  JOIN walkers AS w ON w.account_key = s.account_key
),
near_steps AS (
  SELECT account_key, block, size, count(*) AS steps
  FROM steps
  WHERE size BETWEEN 1 AND $reach * $near
  GROUP BY account_key, block, size
),
witnesses AS (
  SELECT w.walker, n.account_key,
    sum(CASE WHEN n.size <= w.usual_size THEN n.steps ELSE 0 END) >= $mostly * sum(n.steps)
      AS in_order
  FROM walked AS w
  JOIN near_steps AS n ON n.block = w.block AND n.account_key <> w.walker
    AND n.size <= greatest($near, $reach * w.usual_size)
  GROUP BY w.walker, n.account_key
),
counted AS (
  SELECT walker, count(*) AS witnesses, sum(CASE WHEN in_order THEN 1 ELSE 0 END) AS in_order
  FROM witnesses
  GROUP BY walker
)
SELECT w.account_key, coalesce(c.witnesses, 0) AS witnesses, coalesce(c.in_order, 0) AS in_order,
  w.per_day
FROM walkers AS w
LEFT JOIN counted AS c ON c.walker = w.account_key
ORDER BY w.account_key
""",
)
"""Per account that walks: its witnesses, how many of them made most of their near steps as small as
the account's median step, or smaller, and its new items per day of use."""


def walks_unwitnessed(engine: Engine, accounts: Keys) -> Flags:
    """Return, per account, whether it walks, and reading may explain that.

    It may unless others show that such a walk is rare, and it takes more per day than people read.

    Args:
        engine: has run :func:`ringfence.evidence.order_of_users.number_takes`.
        accounts: keys; the answer for an account that does not walk is False.
    """
    table = engine.columns(
        ORDER_WITNESSES, {"near": NEAR, "mostly": MOSTLY, "gap": GAP, "reach": WITNESS_REACH}
    )
    witnesses = table["witnesses"].astype(np.float64)
    in_order = table["in_order"].astype(np.float64)
    rare = (witnesses >= WITNESSES) & (in_order <= IN_ORDER_SHARE * witnesses)
    rare &= table["per_day"].astype(np.float64) > READ_PER_DAY
    return np.isin(accounts, table["account_key"][~rare])
