"""Speed: more new items in one hour than anybody can attend to."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.evidence.calibration import calibrated

PEAK: Final = Statement(
    "evidence.speed",
    """
SELECT account_key, max(new_items) AS peak, (max(hour) - min(hour)) // 720 + 1 AS months
FROM activity
GROUP BY account_key
ORDER BY account_key
""",
)


class Speed(EvidenceTest):
    """The most new items in any clock hour, against the most that readers reach in a month.

    An account with m months had m tries; its p-value is multiplied by m (Bonferroni).
    """

    name = "speed"
    family = "automation"
    question = "Does it take new items faster than a person can attend to them?"
    needs = "nothing beyond time, account and item"
    fails = (
        "People who skip through a list reach hundreds of items in an hour. Many people behind one "
        "account add up."
    )
    source = "Most new items in an hour; 22 people in 483 months."

    def score(self, context: Context) -> Scores:
        """Measure every account."""
        table = context.engine.columns(PEAK)
        peak = np.maximum(table["peak"].astype(np.float64), 0.5)
        reference = context.reference("speed")
        p = np.minimum(
            calibrated(peak, reference=reference, scale="log", more=1) * table["months"], 1
        )
        median = reference.median if reference else float(np.median(peak)) if p.size else 0.0
        return Scores(table["account_key"], peak, np.full(p.size, median), p)

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the peak."""
        return (
            f"Took {numbers['observed']:,.0f} new items within one hour; the median reader's "
            f"busiest hour has {numbers['expected']:,.0f}."
        )
