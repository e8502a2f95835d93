"""Bursts: many uses crowded into few minutes."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._counted import counted
from ringfence.evidence._test import Context, EvidenceTest, Scores

LEAST_USES: Final = 50
"""Uses below which one burst of skipping is all there is."""

APART: Final = 0.01
"""Added to the excess over one use a minute, so that none at all stays on the log scale."""

CROWDED: Final = Statement(
    "evidence.bursts",
    """
SELECT account_key, CAST(sum(uses) AS DOUBLE) AS uses, CAST(sum(minutes) AS DOUBLE) AS minutes
FROM activity
GROUP BY account_key
HAVING sum(uses) >= $least AND sum(minutes) > 0
ORDER BY account_key
""",
)


class Bursts(EvidenceTest):
    """Uses per minute in use, over the account's whole history.

    Items last; even people who skip a lot come to one or two uses in a minute with any, over weeks.
    What fetches a list in bursts comes to tens, also if it sleeps between them. The statistic is
    the excess over one, the least there can be.
    """

    name = "bursts"
    family = "automation"
    question = "Do its uses crowd into few minutes?"
    needs = f"{LEAST_USES} uses in its whole history"
    fails = (
        "Devices that were offline may report a day's plays within a minute. A robot that waits "
        "between items passes."
    )
    source = "Uses per minute in use; 22 people in 465 months (median 1.1, 99 % 3.3, most 3.7)."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough uses."""
        table = context.engine.columns(CROWDED, {"least": LEAST_USES})
        crowded = np.maximum(table["uses"] / table["minutes"], 1.0).astype(np.float64)
        excess = crowded - 1 + APART
        p = context.calibrated("bursts", excess)
        median = context.median("bursts", excess) + 1 - APART
        return Scores(
            table["account_key"],
            crowded,
            np.full(crowded.size, median),
            p,
            {"uses": table["uses"], "minutes": table["minutes"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give uses, minutes and their ratio."""
        return (
            f"Its {numbers['uses']:,.0f} uses fell into {counted(numbers['minutes'], 'minute')}, "
            f"{numbers['observed']:,.1f} a minute; the median user makes "
            f"{numbers['expected']:,.1f}."
        )
