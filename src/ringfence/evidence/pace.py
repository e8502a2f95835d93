"""Pace: how even the use of an account is from hour to hour."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Columns, Floats
from ringfence.stats.calibration import calibrate

MINIMUM_HOURS_OF_HISTORY: Final = 100
"""Hours in use from which evenness is a habit: music left on for one night is even as well."""

MINIMUM_USES_PER_HOUR: Final = 3
"""Mean uses per hour below which the hours of a history cannot vary enough to be compared."""

MINIMUM_HOURS_OF_DAY: Final = 8
"""Hours in use of one day from which their variation can be told from chance."""

FASTER_THAN_PLAYING: Final = 30
"""Uses per hour that nobody reaches by playing items to the end; people who skip come in bursts.
Below it the hours of a day of playing are even by nature: a variation of .02 was measured."""

SHOPS_SHARE: Final = 0.005
"""Assumed share of accounts that are shops, which play evenly all day at the speed of listening.
No shop is among the people measured. The share is on the safe side of one in 500."""

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
WHERE (h.hours >= $history_hours AND h.mean >= $history_mean)
  OR (f.hours >= $day_hours AND f.mean >= $day_mean)
ORDER BY h.account_key
""",
)
"""Per account: hours in use, mean and deviation of the uses per hour, over its history and on its
day with the most uses."""


class Pace(EvidenceTest):
    """The coefficient of variation of the number of uses between the hours in use.

    A small variation is more like a machine. People come and go within the hour; a schedule does
    not. Two periods are examined: the whole
    history if it has enough hours with three uses each on average, and the busiest day if it is
    faster than playing items to the end. Two periods double the p-value. At the speed of listening
    a schedule is as common as shops, which play all day and are honest.
    """

    name = "pace"
    family = "automation"
    question = "Is its use more even from hour to hour than that of people?"
    needs = (
        f"{MINIMUM_HOURS_OF_HISTORY} hours in use with {MINIMUM_USES_PER_HOUR} uses each on "
        f"average, or a day with {MINIMUM_HOURS_OF_DAY} hours of {FASTER_THAN_PLAYING} uses each"
    )
    fails = (
        "Background music in a shop has an even pace, too. Random delays as large as a person's "
        "habits hide a schedule."
    )
    source = "Coefficient of variation; 22 people in 242 months, and in 79 fast days."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough hours in use."""
        table = context.engine.columns(
            EVENNESS,
            {
                "history_hours": MINIMUM_HOURS_OF_HISTORY,
                "history_mean": MINIMUM_USES_PER_HOUR,
                "day_hours": MINIMUM_HOURS_OF_DAY,
                "day_mean": FASTER_THAN_PLAYING,
            },
        )
        variation = np.column_stack([_variation(table, ""), _variation(table, "day_")])
        p = _p_values(table, variation, context)
        best = np.nan_to_num(p, nan=2.0).argmin(axis=1)
        rows = np.arange(best.size)
        periods = (~np.isnan(p)).sum(axis=1)
        medians = [context.references[name].median for name in ("pace", "pace_day")]
        return Scores(
            table["account_key"],
            variation[rows, best],
            np.array(medians)[best],
            np.minimum(p[rows, best] * periods, 1.0),
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
            f"Over {numbers['hours']:,.0f} hours {when} it made {numbers['mean']:,.1f} uses per "
            f"hour, with a variation of {numbers['observed']:.0%}. "
            f"The typical user's variation is {numbers['expected']:.0%}."
        )


def _p_values(table: Columns, variation: Floats, context: Context) -> Floats:
    """Return p-values of history and busiest day as columns; NaN where a period does not count."""
    p = np.full(variation.shape, np.nan)
    history = (table["hours"] >= MINIMUM_HOURS_OF_HISTORY) & (
        table["mean"] >= MINIMUM_USES_PER_HOUR
    )
    p[history, 0] = calibrate(variation[history, 0], context.references["pace"])
    played = table["mean"] < FASTER_THAN_PLAYING
    p[played, 0] = SHOPS_SHARE + (1 - SHOPS_SHARE) * p[played, 0]
    day = (table["day_hours"] >= MINIMUM_HOURS_OF_DAY) & (table["day_mean"] >= FASTER_THAN_PLAYING)
    # Few users are ever that fast, so the fast accounts of a scan do not show what is usual.
    p[day, 1] = context.references["pace_day"].survival(variation[day, 1])
    return p


def _variation(table: Columns, prefix: str) -> Floats:
    """Return the coefficient of variation, at least one use in ten hours.

    On a logarithmic scale no variation at all would be infinitely rare.
    """
    mean = np.maximum(table[f"{prefix}mean"].astype(np.float64), 1)
    variation = table[f"{prefix}deviation"].astype(np.float64) / mean
    return np.asarray(np.maximum(variation, 0.1 / mean), dtype=np.float64)
