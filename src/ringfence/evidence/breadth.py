"""Breadth: more groups (artists, journals) than a taste holds."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._counted import counted
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.calibration import CannotRun

LEAST_ITEMS: Final = 100
"""Items below which a concentration cannot be told from none."""

CONCENTRATION: Final = Statement(
    "evidence.breadth",
    """
SELECT account_key, CAST(sum(items) AS BIGINT) AS items, count(*) AS groups,
  CAST(sum(items * (items - 1)) AS DOUBLE) / 2 AS pairs
FROM group_holdings
GROUP BY account_key
HAVING sum(items) >= $least
ORDER BY account_key
""",
)


class Breadth(EvidenceTest):
    """How seldom two of the account's items belong to the same group (Simpson's index).

    The unbiased index counts pairs of items within one group among all pairs. One pair is added,
    so that an account without any is scored no harder than its number of items allows.
    """

    name = "breadth"
    family = "selection"
    question = "Are its items spread over more groups than a taste holds?"
    needs = f"a group for each item, and {LEAST_ITEMS} items"
    fails = (
        "Radio and playlist listeners have broad tastes. A catalogue whose groups are tiny makes "
        "everybody broad; then the population decides."
    )
    source = "Simpson 1949, Measurement of diversity; 22 people in 446 months."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items in known groups."""
        if not context.grouped:
            raise CannotRun("no item has a group")
        table = context.engine.columns(CONCENTRATION, {"least": LEAST_ITEMS})
        items = table["items"].astype(np.float64)
        index = (table["pairs"].astype(np.float64) + 1) / (items * (items - 1) / 2 + 1)
        # Tastes widen with the years: a long history is held against people's whole histories.
        statistic = "breadth_long" if context.days > 62 else "breadth"
        p = context.calibrated(statistic, index)
        return Scores(
            table["account_key"],
            index,
            np.full(index.size, context.median(statistic, index)),
            p,
            {"items": items, "groups": table["groups"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give items, groups and the index, as one pair in so many."""
        return (
            f"Its {numbers['items']:,.0f} items lie in {counted(numbers['groups'], 'group')}: one "
            f"pair of them in {1 / numbers['observed']:,.0f} shares a group; "
            f"the median user's one in {1 / max(numbers['expected'], 1e-9):,.0f}."
        )
