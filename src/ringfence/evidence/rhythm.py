"""Rhythm: an account that never sleeps."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import SMALLEST_POPULATION, simes

WINDOWS: Final = (1, 7, 30)
"""Lengths in days."""

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
),
known AS (
  SELECT account_key, max(hour) - min(hour) + 1 AS span FROM activity GROUP BY account_key
)
SELECT w.account_key, max(hours_1) AS hours_1, max(hours_7) AS hours_7, max(hours_30) AS hours_30,
  (max(day) - min(day)) // 30 + 1 AS months, any_value(k.span) AS span
FROM windows AS w
JOIN known AS k ON k.account_key = w.account_key
GROUP BY w.account_key
ORDER BY w.account_key
""",
)
"""The most hours in use within a day, a week, a month, and the hours from first use to last."""


class Rhythm(EvidenceTest):
    """The most hours in use within a day, a week and a month.

    A window longer than twice the account's history says nothing of it and is left out; who was
    seen for less than half a day could not be seen asleep. The windows are joined by Simes' rule,
    times the months of the history (Bonferroni).
    """

    name = "rhythm"
    family = "automation"
    question = "Is it in use at hours when a person would sleep?"
    needs = "half a day from an account's first use to its last"
    fails = (
        "Music left on overnight, and logins shared over time zones, are awake around the clock. "
        "A robot that keeps waking hours passes."
    )
    source = "Hours in use in the busiest 1, 7 and 30 days; 22 people in 483 months."

    def score(self, context: Context) -> Scores:
        """Measure the accounts known for half a day."""
        table = context.engine.columns(AWAKE)
        p = np.column_stack([_p_values(table, w, context) for w in WINDOWS])
        kept = np.flatnonzero(~np.isnan(p).all(axis=1))
        best = np.nan_to_num(p[kept], nan=2.0).argmin(axis=1)
        hours = np.column_stack([table[f"hours_{w}"] for w in WINDOWS]).astype(np.float64)
        medians = np.array([context.median(f"rhythm_{w}", table[f"hours_{w}"]) for w in WINDOWS])
        return Scores(
            table["account_key"][kept],
            hours[kept, best],
            medians[best],
            np.minimum(simes(p[kept]) * table["months"][kept], 1.0),
            {"window": np.array(WINDOWS)[best]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give hours in use out of those there are."""
        window = numbers["window"]
        days = "day" if window == 1 else f"{window:.0f} days"
        return (
            f"Was in use in {numbers['observed']:,.0f} of the {24 * window:,.0f} hours of its "
            "busiest "
            f"{days}; the median user in {numbers['expected']:,.0f}."
        )


def _p_values(table: Columns, window: int, context: Context) -> Floats:
    """Return p-values of one window; NaN where the history is shorter than half of it."""
    p = np.full(table["span"].size, np.nan)
    measured = table["span"] >= 12 * window
    name = f"rhythm_{window}"
    values = table[f"hours_{window}"][measured].astype(np.float64)
    if name in context.references or values.size >= SMALLEST_POPULATION:
        p[measured] = context.calibrated(name, values)
    return p
