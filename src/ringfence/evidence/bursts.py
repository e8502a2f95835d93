"""Bursts: uses per minute in use."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_EVENTS, Context, EvidenceTest, Scores
from ringfence.model.phrases import counted

OFFSET: Final = 0.01
"""Added to the excess over one use per minute, so that no excess has a logarithm."""

USES_AND_MINUTES: Final = Statement(
    "evidence.bursts",
    """
SELECT account_key, CAST(sum(uses) AS DOUBLE) AS uses, CAST(sum(minutes) AS DOUBLE) AS minutes
FROM activity
GROUP BY account_key
HAVING sum(uses) >= $minimum AND sum(minutes) > 0
ORDER BY account_key
""",
)
"""Per account: uses, and the minutes in which they fall."""


class Bursts(EvidenceTest):
    """Uses per minute in use, over the whole history of an account.

    Playing an item takes time. Even people who skip a lot make one or two uses in a minute in use,
    averaged over weeks. A program that fetches a list in bursts makes tens of them, even if it
    sleeps between the bursts. The statistic is the excess over one, the smallest possible value.
    """

    name = "bursts"
    family = "automation"
    question = "Do many uses fall into few minutes?"
    needs = f"{MINIMUM_EVENTS} uses in the whole history"
    fails = (
        "Devices that were offline may report a day's plays within a minute. A robot that waits "
        "between items is not noticed."
    )
    source = "Uses per minute in use; 22 people in 465 months (median 1.1, 99 % 3.3, maximum 3.7)."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough uses."""
        table = context.engine.columns(USES_AND_MINUTES, {"minimum": MINIMUM_EVENTS})
        per_minute = np.maximum(table["uses"] / table["minutes"], 1.0).astype(np.float64)
        excess = per_minute - 1 + OFFSET
        median = context.median("bursts", excess) + 1 - OFFSET
        return Scores(
            table["account_key"],
            per_minute,
            np.full(per_minute.size, median),
            context.p_values("bursts", excess),
            {"uses": table["uses"], "minutes": table["minutes"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give uses, minutes and their ratio."""
        return (
            f"Its {numbers['uses']:,.0f} uses fall into {counted(numbers['minutes'], 'minute')}, "
            f"{numbers['observed']:,.1f} per minute. The typical user makes "
            f"{numbers['expected']:,.1f} per minute in use."
        )
