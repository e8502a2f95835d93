"""Speed: new items in the busiest hour, and per hour over eight hours of a day."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import counted
from ringfence.stats.combination import simes

SUSTAINED_HOURS: Final = 8
"""Hours of one day, not necessarily in a row, over which a speed counts as sustained."""

PEAK: Final = Statement(
    "evidence.speed",
    """
WITH ranked AS (
  SELECT account_key, hour, new_items,
    row_number() OVER (PARTITION BY account_key, hour // 24 ORDER BY new_items DESC, hour) AS place
  FROM activity
)
SELECT account_key, max(new_items) AS peak,
  max(CASE WHEN place = $sustained THEN new_items ELSE 0 END) AS sustained,
  (max(hour) - min(hour)) // 720 + 1 AS months
FROM ranked
GROUP BY account_key
ORDER BY account_key
""",
)
"""Per account: new items in its busiest hour, and in the least busy of the eight busiest hours of a
day. Both are the maximum over the history, of the given months."""


class Speed(EvidenceTest):
    """The most new items in a clock hour, and in each of the eight busiest hours of a day.

    A person who skips through a list takes hundreds of items in one hour. Over eight hours a
    person's speed is that of listening. The two are combined by Simes' rule. An account with m
    months of history had m tries, so its p-value is multiplied by m (Bonferroni). An account that
    takes most in a week also takes much in an hour, so this test belongs to the family "volume",
    not to "automation".
    """

    name = "speed"
    family = "volume"
    question = "Does it take new items faster than a person can attend to them?"
    needs = "nothing beyond time, account and item"
    fails = (
        "People who skip through a list reach hundreds of items in an hour. Many people behind one "
        "account add up."
    )
    source = (
        "New items in the busiest hour: 22 people in 483 months. In each of eight hours: 48 people "
        "in 883 months."
    )

    def score(self, context: Context) -> Scores:
        """Measure every account."""
        table = context.engine.columns(PEAK, {"sustained": SUSTAINED_HOURS})
        peak = np.maximum(table["peak"].astype(np.float64), 0.5)
        sustained = table["sustained"].astype(np.float64)
        p, alone = (
            np.column_stack(
                [
                    context.p_values("speed", peak, heavier=heavier),
                    context.p_values("speed_8", sustained, heavier=heavier),
                ]
            )
            for heavier in (False, True)
        )
        medians = [context.median("speed", peak), context.median("speed_8", sustained)]
        best = p.argmin(axis=1)
        rows = np.arange(best.size)
        return Scores(
            table["account_key"],
            np.column_stack([peak, sustained])[rows, best],
            np.array(medians)[best],
            np.minimum(simes(p) * table["months"], 1.0),
            {"hours": np.array([1, SUSTAINED_HOURS])[best]},
            alone=np.minimum(simes(alone) * table["months"], 1.0),
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the new items in the busiest hour, or the speed that was sustained."""
        if numbers["hours"] == 1:
            return (
                f"Took {counted(numbers['observed'], 'new item')} within one hour. "
                f"The typical user's busiest hour has {numbers['expected']:,.0f}."
            )
        hours = f"{numbers['hours']:.0f} hours"
        if numbers["observed"] < 1:
            taken = f"Took new items in fewer than {hours} of any day."
        else:
            items = counted(numbers["observed"], "new item")
            taken = f"Took at least {items} in each of {hours} of one day."
        if numbers["expected"] < 1:
            return f"{taken} The typical user takes new items in fewer than {hours} of any day."
        items = counted(numbers["expected"], "new item")
        return f"{taken} The typical user takes at least {items} in each of {hours} of one day."
