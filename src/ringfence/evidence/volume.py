"""Volume: new items within a day, a week or up to a year, compared with users."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import busiest, counted
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.combination import simes

VOLUME_WINDOWS: Final = (1, 7, 30, 90, 180, 365)
"""Lengths of the windows in days, as in the measurements on people."""

ONE_MONTH: Final = 30
"""Days up to which the reference distribution of a window holds for one month of history."""

BEST_WINDOWS: Final = Statement(
    "evidence.volume",
    """
WITH windows AS (
  SELECT account_key, day, new_items AS new_1,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS new_7,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS new_30,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 89 PRECEDING AND CURRENT ROW) AS new_90,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 179 PRECEDING AND CURRENT ROW) AS new_180,
    sum(new_items) OVER (PARTITION BY account_key ORDER BY day
      RANGE BETWEEN 364 PRECEDING AND CURRENT ROW) AS new_365
  FROM days
)
SELECT account_key, max(new_1) AS new_1, max(new_7) AS new_7, max(new_30) AS new_30,
  max(new_90) AS new_90, max(new_180) AS new_180, max(new_365) AS new_365,
  (max(day) - min(day)) // 30 + 1 AS months, max(day) - min(day) + 1 AS span
FROM windows
GROUP BY account_key
ORDER BY account_key
""",
)
"""Per account: the most new items in a window of each length, and months and days of history."""


class Volume(EvidenceTest):
    """The number of new items in the busiest window of each length.

    A window at least twice as long as the account's history adds nothing and is left out. Windows
    up to 30 days are compared with a user's best in one month. An account with m months had m
    tries, so the p-values of these windows are multiplied by m (Bonferroni). The windows are
    combined by Simes' rule.
    """

    name = "volume"
    family = "volume"
    question = "Does it take more new items than users do, within a day or up to a year?"
    needs = "nothing beyond time, account and item"
    fails = (
        "A shared login (family, classroom, library terminal) adds up several people. In its first "
        "weeks an account takes more new items than later."
    )
    source = "The fullest months of 48 people; longer windows of 96 people."

    def score(self, context: Context) -> Scores:
        """Measure every account; there is no minimum number of items."""
        table = context.engine.columns(BEST_WINDOWS)
        windows = [w for w in VOLUME_WINDOWS if w == 1 or w < context.days * 2]
        by_window = np.column_stack([window_p_values(table, w, context) for w in windows])
        alone = np.column_stack([window_p_values(table, w, context, heavier=True) for w in windows])
        best = np.argmin(np.where(np.isnan(by_window), 2, by_window), axis=1)
        taken = np.column_stack([table[f"new_{w}"] for w in windows]).astype(np.float64)
        medians = np.array([context.median(f"volume_{w}", table[f"new_{w}"]) for w in windows])
        rows = np.arange(best.size)
        return Scores(
            table["account_key"],
            taken[rows, best],
            medians[best],
            simes(by_window),
            {"window": np.array(windows)[best]},
            alone=simes(alone),
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the new items in the window with the smallest p-value."""
        window = numbers["window"]
        when = f"on its {busiest(window)}" if window == 1 else f"within {window:.0f} days"
        return (
            f"Took {counted(numbers['observed'], 'item')} it had never taken before {when}. "
            f"The typical user's {busiest(window)} "
            f"{'has' if window == 1 else 'have'} {numbers['expected']:,.0f}."
        )


def window_p_values(
    table: Columns, window: int, context: Context, *, heavier: bool = False
) -> Floats:
    """Return p-values of one window; NaN where the history is at most half as long.

    Args:
        table: ``new_<window>``, ``months`` and ``span`` (days of history) of each account.
        window: length in days, for which there is a reference distribution of volume.
        context: has the reference distributions.
        heavier: as for :meth:`~ringfence.evidence.base.Context.p_values`.
    """
    values = np.maximum(table[f"new_{window}"].astype(np.float64), 0.5)
    p = context.p_values(f"volume_{window}", values, heavier=heavier)
    if window <= ONE_MONTH:
        p = np.minimum(p * table["months"], 1.0)
    short = table["span"] * 2 <= window if window > 1 else np.zeros(values.size, dtype=bool)
    return np.asarray(np.where(short, np.nan, p), dtype=np.float64)
