"""Pace: use that is too even from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.evidence.calibration import calibrated

LEAST_HOURS: Final = 24
"""Hours in use below which their variation says little."""

EVENNESS: Final = Statement(
    "evidence.pace",
    """
SELECT account_key, count(*) AS hours, avg(uses) AS mean, round(stddev_pop(uses), 9) AS deviation
FROM activity
GROUP BY account_key
HAVING count(*) >= $least AND sum(uses) >= 3 * count(*)
ORDER BY account_key
""",
)


class Pace(EvidenceTest):
    """How little the number of uses varies between the hours in use (coefficient of variation).

    People come and go within the hour; a schedule does not. Accounts with fewer than three uses
    an hour are left out: their counts cannot vary enough to tell.
    """

    name = "pace"
    family = "automation"
    question = "Is its use more even from hour to hour than people's?"
    needs = f"{LEAST_HOURS} hours in use with three uses each on average"
    fails = (
        "Background music in a shop is even too. Jitter of the size of a person's habits hides a "
        "schedule."
    )
    source = "Coefficient of variation; 22 people in 444 months."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough hours in use."""
        table = context.engine.columns(EVENNESS, {"least": LEAST_HOURS})
        variation = table["deviation"].astype(np.float64) / np.maximum(
            table["mean"].astype(np.float64), 1
        )
        # No variation at all would be infinitely rare on a log scale; one use in ten hours is not.
        variation = np.maximum(variation, 0.1 / np.maximum(table["mean"].astype(np.float64), 1))
        reference = context.reference("pace")
        p = calibrated(variation, reference=reference, scale="log", more=-1)
        median = reference.median if reference else float(np.median(variation)) if p.size else 0.0
        return Scores(
            table["account_key"],
            variation,
            np.full(p.size, median),
            p,
            {"hours": table["hours"], "mean": table["mean"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the mean and the variation."""
        return (
            f"Over {numbers['hours']:,.0f} hours in use it made {numbers['mean']:,.1f} uses an "
            "hour, "
            f"varying by {numbers['observed']:.0%}; the median reader's vary by "
            f"{numbers['expected']:.0%}."
        )
