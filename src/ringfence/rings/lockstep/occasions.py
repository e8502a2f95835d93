"""Recognise honest occasions of lockstep: lessons, releases, programmes of shops, live events.

Members of a group in lockstep take the same items, so the group holds hardly more items than one of
its accounts. The items taken together show whether it extracts. On three occasions, people and
their programs act together and extract nothing:

- An *appointment*: few items, within few hours of the day. A class opens its texts, and followers
  take a release.
- A *programme*: items to which the members come back on later days, as shops do that play one list.
  An extractor has no use for an item that it has.
- A *crowd*: most accounts that take the item in the same minutes are not members.

The bounds are chosen, not estimated: no public data set of such groups is known. A group that stays
within them is not a ring. Decision 0035 states how much an extractor obtains by staying within
them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Self

from ringfence.engine import Engine, Statement
from ringfence.rings.lockstep.coincidences import MAX_LAG

MAX_APPOINTMENT_ITEMS: Final = 25
"""Items per account and day that are taken together at an appointment, on average. Assumed: twice
an album of a dozen tracks. The median day of people who export their histories has 50 items."""

MAX_APPOINTMENT_HOURS: Final = 3
"""Hours of the day in which these fall, on average. A double lesson ends within two hours."""

MIN_RETURNED_SHARE: Final = 0.1
"""Least share of the items taken together that an account takes again on a later day, if they are a
programme. A smaller share can be downloads that were repeated after an error."""

MIN_CROWD_SHARE: Final = 0.5
"""Least share of the items taken together that must be taken in a crowd."""

JOINT_HABITS: Final = Statement(
    "rings.lockstep_joint",
    """
WITH gaps AS (
  SELECT account_key, taken, last,
    taken - lag(taken) OVER (PARTITION BY item_key ORDER BY taken, account_key) AS before,
    lead(taken) OVER (PARTITION BY item_key ORDER BY taken, account_key) - taken AS after
  FROM lockstep_takes
),
joint AS (
  SELECT account_key, taken, last FROM gaps WHERE before < $lag OR after < $lag
),
days AS (
  SELECT account_key, taken // 86400 AS day, count(*) AS items,
    count(DISTINCT taken // 3600) AS hours,
    sum(CASE WHEN last // 86400 > taken // 86400 THEN 1 ELSE 0 END) AS returned
  FROM joint
  GROUP BY account_key, taken // 86400
)
SELECT coalesce(avg(items), 0.0) AS items, coalesce(avg(hours), 0.0) AS hours,
  coalesce(CAST(sum(returned) AS DOUBLE) / sum(items), 0.0) AS returned
FROM days
""",
)
"""The items taken together: the means per account and day, and the share taken again later."""

CROWD_SHARE: Final = Statement(
    "rings.lockstep_crowd_share",
    """
WITH inside AS (
  SELECT m.item_key, m.moment, count(*) AS members
  FROM lockstep_moments AS m
  JOIN lockstep_group AS g ON g.account_key = m.account_key
  GROUP BY m.item_key, m.moment
  HAVING count(*) > 1
),
moments AS (
  SELECT i.item_key, i.moment, max(i.members) AS members, count(*) AS accounts
  FROM inside AS i
  JOIN lockstep_moments AS m ON m.item_key = i.item_key AND m.moment = i.moment
  GROUP BY i.item_key, i.moment
)
SELECT coalesce(
  CAST(sum(CASE WHEN accounts > 2 * members THEN members ELSE 0 END) AS DOUBLE) / sum(members), 0.0
) AS crowded
FROM moments
""",
)
"""The share of the items taken together in moments in which most accounts are others."""


@dataclass(frozen=True)
class JointHabits:
    """The habits of the members of a group in the items that they take together.

    Attributes:
        items_per_day: mean number of items, per account and day with any.
        hours_per_day: mean number of hours of the day, of 24, in which these were taken.
        returned_share: share of these items that the account took again on a later day.
        crowd_share: share of these items that more other accounts took in the same two minutes.
    """

    items_per_day: float
    hours_per_day: float
    returned_share: float
    crowd_share: float

    @classmethod
    def of(cls, engine: Engine) -> Self:
        """Measure the group that was counted last.

        Args:
            engine: holds the temp tables ``lockstep_group`` and ``lockstep_takes`` of the group,
                and ``lockstep_moments`` of the search.
        """
        items, hours, returned = engine.rows(JOINT_HABITS, {"lag": MAX_LAG})[0]
        crowded = engine.rows(CROWD_SHARE)[0][0]
        return cls(float(items), float(hours), float(returned), float(crowded))

    @property
    def has_honest_occasion(self) -> bool:
        """Whether these are the habits of an appointment, a programme or a crowd."""
        appointment = (
            self.items_per_day <= MAX_APPOINTMENT_ITEMS
            and self.hours_per_day <= MAX_APPOINTMENT_HOURS
        )
        programme = self.returned_share >= MIN_RETURNED_SHARE
        return appointment or programme or self.crowd_share >= MIN_CROWD_SHARE
