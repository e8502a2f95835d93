"""Speed: more new items in an hour, or hour after hour, than anybody can attend to."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._counted import counted
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.calibration import simes

SUSTAINED: Final = 8
"""Hours of one day that a speed is kept up for, not necessarily in a row."""

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
"""Each account's busiest hour, and the most that as many hours of one day reach, each of them."""


class Speed(EvidenceTest):
    """The most new items in a clock hour, and in each of the eight busiest hours of a day.

    One hour of skipping through a list reaches hundreds; kept up for eight hours, people's speed is
    that of listening. The two are joined by Simes' rule; an account with m months had m tries, so
    its p-value is multiplied by m (Bonferroni). Who takes most in a week also does in an hour, so
    this speaks of how much is taken, not of what hand takes it.
    """

    name = "speed"
    family = "volume"
    question = "Does it take new items faster than a person can attend to them?"
    needs = "nothing beyond time, account and item"
    fails = (
        "People who skip through a list reach hundreds of items in an hour. Many people behind one "
        "account add up."
    )
    source = "New items in the best hour, 22 people in 483 months; in each of eight, 48 in 883."

    def score(self, context: Context) -> Scores:
        """Measure every account."""
        table = context.engine.columns(PEAK, {"sustained": SUSTAINED})
        peak = np.maximum(table["peak"].astype(np.float64), 0.5)
        sustained = table["sustained"].astype(np.float64)
        p = np.column_stack(
            [context.calibrated("speed", peak), context.calibrated("speed_8", sustained)]
        )
        medians = [context.median("speed", peak), context.median("speed_8", sustained)]
        best = p.argmin(axis=1)
        rows = np.arange(best.size)
        return Scores(
            table["account_key"],
            np.column_stack([peak, sustained])[rows, best],
            np.array(medians)[best],
            np.minimum(simes(p) * table["months"], 1.0),
            {"hours": np.array([1, SUSTAINED])[best]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the peak, or the speed that was kept up."""
        taken = counted(numbers["observed"], "new item")
        if numbers["hours"] > 1:
            return (
                f"Took {taken} an hour or more in each of "
                f"{numbers['hours']:.0f} hours of one day; the median user's best such day has "
                f"{numbers['expected']:,.0f}."
            )
        return (
            f"Took {taken} within one hour; the median user's "
            f"busiest hour has {numbers['expected']:,.0f}."
        )
