"""Rhythm: an account that never sleeps."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.evidence.calibration import calibrated

AWAKE: Final = Statement(
    "evidence.rhythm",
    """
WITH windows AS (
  SELECT account_key, day, active_hours AS hours_1,
    sum(active_hours) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS hours_7,
    sum(active_hours) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS hours_30
  FROM days
)
SELECT account_key, max(hours_1) AS hours_1, max(hours_7) AS hours_7, max(hours_30) AS hours_30,
  (max(day) - min(day)) // 30 + 1 AS months
FROM windows
GROUP BY account_key
ORDER BY account_key
""",
)


class Rhythm(EvidenceTest):
    """The most hours in use within 7 and within 30 days; in a log of a day or two, within one.

    The rarest of the counts looked at, times their number and the months of the history
    (Bonferroni).
    """

    name = "rhythm"
    family = "automation"
    question = "Is it in use at hours when a person would sleep?"
    needs = "nothing beyond time, account and item"
    fails = (
        "Music left on overnight, and logins shared over time zones, are awake around the clock. "
        "A robot that keeps waking hours passes."
    )
    source = "Hours in use in the busiest 7 and 30 days; 22 people in 483 months."

    def score(self, context: Context) -> Scores:
        """Measure every account."""
        table = context.engine.columns(AWAKE)
        windows = [1] if context.days <= 2 else [7] if context.days <= 14 else [7, 30]
        p = np.column_stack(
            [
                calibrated(
                    table[f"hours_{w}"].astype(np.float64),
                    scale="linear",
                    more=1,
                    reference=context.reference(f"rhythm_{w}"),
                )
                for w in windows
            ]
        )
        best = p.argmin(axis=1)
        hours = np.column_stack([table[f"hours_{w}"] for w in windows]).astype(np.float64)
        references = [context.reference(f"rhythm_{w}") for w in windows]
        medians = np.array(
            [
                r.median if r else float(np.median(h))
                for r, h in zip(references, hours.T, strict=True)
            ]
        )
        rows = np.arange(best.size)
        joined = np.minimum(p.min(axis=1) * len(windows) * table["months"], 1.0)
        return Scores(
            table["account_key"],
            hours[rows, best],
            medians[best],
            joined,
            {"window": np.array(windows)[best]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give hours in use out of those there are."""
        window = numbers["window"]
        days = "day" if window == 1 else f"{window:.0f} days"
        return (
            f"Was in use in {numbers['observed']:,.0f} of the {24 * window:,.0f} hours of its "
            "busiest "
            f"{days}; the median reader in {numbers['expected']:,.0f}."
        )
