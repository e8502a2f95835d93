"""Overlap: time played in one day, which exceeds a day if several streams run at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.stats.calibration import CannotRun

TIME_PLAYED: Final = Statement(
    "evidence.overlap",
    """
SELECT account_key, max(seconds) / 86400 AS share_of_day,
  (max(day) - min(day)) // 30 + 1 AS months
FROM days
WHERE seconds IS NOT NULL
GROUP BY account_key
ORDER BY account_key
""",
)
"""Per account: the most time played in one day as a share of a day, and the months of history."""


class Overlap(EvidenceTest):
    """The most time played in one day, as a share of a day.

    Above 1, several streams ran at once. An account with m months of history had m tries, so its
    p-value is multiplied by m (Bonferroni).
    """

    name = "overlap"
    family = "automation"
    question = "Does it play more in a day than one person can hear?"
    needs = "seconds played"
    fails = (
        "Families on one login play at once. Plays that are reported late count on the day of the "
        "report."
    )
    source = (
        "Most time played in a day; 22 people in 304 months (median .28 of a day, maximum 1.09)."
    )

    def score(self, context: Context) -> Scores:
        """Measure the accounts with seconds played."""
        if "seconds" not in context.columns:
            raise CannotRun("the log has no seconds played")
        table = context.engine.columns(TIME_PLAYED)
        share = table["share_of_day"].astype(np.float64)
        p = np.minimum(context.p_values("overlap", share) * table["months"], 1)
        median = context.median("overlap", share)
        return Scores(table["account_key"], share, np.full(p.size, median), p)

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the hours played on the fullest day."""
        return (
            f"Played {24 * numbers['observed']:,.1f} hours of content on its fullest day. "
            f"The typical user's fullest day has {24 * numbers['expected']:,.1f}."
        )
