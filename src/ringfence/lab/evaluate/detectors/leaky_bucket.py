"""A leaky bucket over new items, as CrowdSec's scenario against crawlers has it."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors.detector import Detector, scored
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

CAPACITY: Final = 40
"""What the bucket holds without an alarm: ``capacity`` of ``crowdsecurity/http-crawl-non_statics``
in CrowdSec's hub."""

LEAK: Final = 2
"""Events that leak a second: its ``leakspeed`` is one event in 0.5 s."""

LEVEL: Final = Statement(
    "evaluate.leaky_bucket",
    """
WITH bursts AS (
  SELECT account_key FROM holdings GROUP BY account_key, first HAVING count(*) > 1
),
poured AS (
  SELECT account_key, CAST(first AS BIGINT) AS moment, count(*) AS items
  FROM holdings
  WHERE account_key IN (SELECT account_key FROM bursts)
  GROUP BY account_key, first
),
inflow AS (
  SELECT account_key, moment, items,
    CAST(sum(items) OVER (PARTITION BY account_key ORDER BY moment
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) - $leak * moment AS net
  FROM poured
),
levels AS (
  SELECT account_key, net - min(net - items) OVER (PARTITION BY account_key ORDER BY moment
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS level
  FROM inflow
),
highest AS (
  SELECT account_key, max(level) AS level FROM levels GROUP BY account_key
)
SELECT p.account_key, coalesce(h.level, 1) AS score
FROM portfolio AS p
LEFT JOIN highest AS h ON h.account_key = p.account_key
ORDER BY p.account_key
""",
)
"""The highest level of each account's bucket. A level max(level before - leak, 0) + inflow, all
through, is the inflow less the leak so far, minus the least that this was before any inflow. Who
never takes two items within a second has at most one in a bucket that leaks as many."""


class LeakyBucket(Detector):
    """The bucket as shipped, with an account for an address.

    Each item is poured when the account takes it first; returns are not poured, as the scenario
    counts distinct paths. Fails on whoever takes less than two new items a second.
    """

    name = "leaky-bucket"
    about = f"CrowdSec's crawl scenario by account: capacity {CAPACITY}, leak {LEAK} a second"
    threshold: float | None = CAPACITY + 1

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return the highest level of each account's bucket, in items."""
        return scored(snapshot.context.engine.columns(LEVEL, {"leak": LEAK}))


class LeakyBucketKnowingTheTruth(LeakyBucket):
    """The same leak with the best capacity that accuses nobody."""

    name = "leaky-bucket, capacity chosen"
    about = "the same; best capacity without accusation, knowing the truth"
    threshold = None
