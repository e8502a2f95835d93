"""Rhythm: hours in use within a day, a week and a month."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import busiest
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import SMALLEST_POPULATION
from ringfence.stats.combination import simes

RHYTHM_WINDOWS: Final = (1, 7, 30)
"""Lengths of the windows in days."""

HOURS_IN_USE: Final = Statement(
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
"""Per account: the most hours in use within a day, a week and a month, the months of history, and
the hours from first use to last."""


class Rhythm(EvidenceTest):
    """The most hours in use within a day, a week and a month.

    A window longer than twice the account's history adds nothing and is left out. An account that
    was seen for less than half a day could not be seen asleep and is not measured. The windows are
    combined by Simes' rule and multiplied by the months of history (Bonferroni).
    """

    name = "rhythm"
    family = "automation"
    question = "Is it in use at hours when a person would sleep?"
    needs = "half a day from an account's first use to its last"
    fails = (
        "Music left on overnight, and logins shared over time zones, are in use around the clock. "
        "A robot that keeps waking hours is not noticed."
    )
    source = "Hours in use in the busiest 1, 7 and 30 days; 22 people in 483 months."

    def score(self, context: Context) -> Scores:
        """Measure the accounts known for half a day."""
        table = context.engine.columns(HOURS_IN_USE)
        p = np.column_stack([_p_values(table, w, context) for w in RHYTHM_WINDOWS])
        rows = np.flatnonzero(~np.isnan(p).all(axis=1))
        best = np.nan_to_num(p[rows], nan=2.0).argmin(axis=1)
        names = [f"hours_{w}" for w in RHYTHM_WINDOWS]
        hours = np.column_stack([table[name] for name in names]).astype(np.float64)
        medians = np.array(
            [context.median(f"rhythm_{w}", table[f"hours_{w}"]) for w in RHYTHM_WINDOWS]
        )
        return Scores(
            table["account_key"][rows],
            hours[rows, best],
            medians[best],
            np.minimum(simes(p[rows]) * table["months"][rows], 1.0),
            {"window": np.array(RHYTHM_WINDOWS)[best]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the hours in use of all hours in the window."""
        window = numbers["window"]
        return (
            f"Was in use in {numbers['observed']:,.0f} of the {24 * window:,.0f} hours of its "
            f"{busiest(window)}. The typical user is in use in {numbers['expected']:,.0f}."
        )


def _p_values(table: Columns, window: int, context: Context) -> Floats:
    """Return p-values of one window; NaN where the history is less than half as long."""
    p = np.full(table["span"].size, np.nan)
    measured = table["span"] >= 12 * window
    name = f"rhythm_{window}"
    values = table[f"hours_{window}"][measured].astype(np.float64)
    if name in context.references or values.size >= SMALLEST_POPULATION:
        p[measured] = context.p_values(name, values)
    return p
