"""Pace: use that is too even from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import calibrated

LONG_HOURS: Final = 100
"""Hours in use from which evenness is a habit: music left on for a night is even as well."""

DAY_HOURS: Final = 8
"""Hours in use of one day from which their variation is told from chance."""

BEYOND_LISTENING: Final = 30
"""Uses an hour that nobody reaches by playing items through; people who skip come in bursts. Below
it the hours of a day played through are even by nature, down to a variation of .02 measured."""

SHOPS_SHARE: Final = 0.005
"""How many accounts may be shops, which play evenly all day at the speed of listening; none is
among the people measured. An assumption, on the safe side of one in 500."""

EVENNESS: Final = Statement(
    "evidence.pace",
    """
WITH by_day AS (
  SELECT account_key, hour // 24 AS day, count(*) AS hours, sum(uses) AS uses,
    avg(uses) AS mean, round(stddev_pop(uses), 9) AS deviation
  FROM activity
  GROUP BY account_key, hour // 24
),
ranked AS (
  SELECT account_key, hours, mean, deviation,
    row_number() OVER (PARTITION BY account_key ORDER BY uses DESC, day) AS place
  FROM by_day
),
history AS (
  SELECT account_key, count(*) AS hours, avg(uses) AS mean, round(stddev_pop(uses), 9) AS deviation
  FROM activity
  GROUP BY account_key
)
SELECT h.account_key, h.hours, h.mean, h.deviation,
  f.hours AS day_hours, f.mean AS day_mean, f.deviation AS day_deviation
FROM history AS h
JOIN ranked AS f ON f.account_key = h.account_key AND f.place = 1
WHERE (h.hours >= $long_hours AND h.mean >= 3)
  OR (f.hours >= $day_hours AND f.mean >= $beyond_listening)
ORDER BY h.account_key
""",
)
"""Every account's hours in use, of all its history and of its day with the most uses."""


class Pace(EvidenceTest):
    """How little the number of uses varies between the hours in use (coefficient of variation).

    People come and go within the hour; a schedule does not. Looked at are the whole history, if it
    has enough hours with three uses each on average (fewer cannot vary enough to tell), and the
    busiest day, if it goes faster than anybody plays items through. Two looks double the p-value.
    At the speed of listening a schedule is no rarer than shops, which play all day honestly.
    """

    name = "pace"
    family = "automation"
    question = "Is its use more even from hour to hour than people's?"
    needs = (
        f"{LONG_HOURS} hours in use with three uses each on average, or a day with {DAY_HOURS} "
        f"hours of {BEYOND_LISTENING} uses each"
    )
    fails = (
        "Background music in a shop is even too. Jitter of the size of a person's habits hides a "
        "schedule."
    )
    source = "Coefficient of variation; 22 people in 242 months, and in 79 fast days."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough hours in use."""
        table = context.engine.columns(
            EVENNESS,
            {
                "long_hours": LONG_HOURS,
                "day_hours": DAY_HOURS,
                "beyond_listening": BEYOND_LISTENING,
            },
        )
        long = (table["hours"] >= LONG_HOURS) & (table["mean"] >= 3)
        day = (table["day_hours"] >= DAY_HOURS) & (table["day_mean"] >= BEYOND_LISTENING)
        variation = np.column_stack([_variation(table, ""), _variation(table, "day_")])
        p = np.full(variation.shape, np.nan)
        habit, fast = context.references["pace"], context.references["pace_day"]
        p[long, 0] = calibrated(variation[long, 0], habit)
        played_through = table["mean"] < BEYOND_LISTENING
        p[played_through, 0] = SHOPS_SHARE + (1 - SHOPS_SHARE) * p[played_through, 0]
        # Few users are ever that fast: those who are here say nothing of what is usual.
        p[day, 1] = fast.survival(variation[day, 1])
        best = np.nan_to_num(p, nan=2.0).argmin(axis=1)
        rows = np.arange(best.size)
        looks = long.astype(np.int64) + day
        return Scores(
            table["account_key"],
            variation[rows, best],
            np.array([habit.median, fast.median])[best],
            np.minimum(p[rows, best] * looks, 1.0),
            {
                "hours": np.where(best == 1, table["day_hours"], table["hours"]),
                "mean": np.where(best == 1, table["day_mean"], table["mean"]),
                "day": best,
            },
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the mean and the variation."""
        when = "of its busiest day" if numbers["day"] else "in use"
        return (
            f"Over {numbers['hours']:,.0f} hours {when} it made {numbers['mean']:,.1f} uses an "
            f"hour, varying by {numbers['observed']:.0%}; the median user's vary by "
            f"{numbers['expected']:.0%}."
        )


def _variation(table: Columns, prefix: str) -> Floats:
    mean = np.maximum(table[f"{prefix}mean"].astype(np.float64), 1)
    variation = table[f"{prefix}deviation"].astype(np.float64) / mean
    # No variation at all would be infinitely rare on a log scale; one use in ten hours is not.
    return np.asarray(np.maximum(variation, 0.1 / mean), dtype=np.float64)
