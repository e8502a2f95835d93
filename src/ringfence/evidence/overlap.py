"""Overlap: more seconds played in a day than a day has, so several at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.calibration import CannotRun

PLAYED: Final = Statement(
    "evidence.overlap",
    """
SELECT account_key, max(seconds) / 86400 AS days_a_day, (max(day) - min(day)) // 30 + 1 AS months
FROM days
WHERE seconds IS NOT NULL
GROUP BY account_key
ORDER BY account_key
""",
)


class Overlap(EvidenceTest):
    """The most time played in one day, as a share of it; above 1, several streams ran at once."""

    name = "overlap"
    family = "automation"
    question = "Does it play more in a day than one person can hear?"
    needs = "seconds played"
    fails = (
        "Families on one login play at once. Plays reported late pile up on the day of the report."
    )
    source = "Most time played in a day; 22 people in 304 months (median .28 of a day, most 1.09)."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with seconds played."""
        if "seconds" not in context.columns:
            raise CannotRun("the log has no seconds played")
        table = context.engine.columns(PLAYED)
        share = table["days_a_day"].astype(np.float64)
        p = np.minimum(context.calibrated("overlap", share) * table["months"], 1)
        median = context.median("overlap", share)
        return Scores(table["account_key"], share, np.full(p.size, median), p)

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give hours played in the fullest day."""
        return (
            f"Played {24 * numbers['observed']:,.1f} hours of content in one day; the median "
            "user's "
            f"fullest day has {24 * numbers['expected']:,.1f}."
        )
