"""Breadth: over how many groups (artists, journals) the items of an account spread."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import Context, EvidenceTest, Scores
from ringfence.model.phrases import counted
from ringfence.stats.calibration import CannotRun

MINIMUM_GROUPED_ITEMS: Final = 100
"""Number of items below which concentration cannot be told from spread."""

LONG_HISTORY: Final = 62
"""Days from which a log is compared with whole histories: tastes widen over the years."""

CONCENTRATION: Final = Statement(
    "evidence.breadth",
    """
SELECT account_key, CAST(sum(items) AS BIGINT) AS items, count(*) AS groups,
  CAST(sum(items * (items - 1)) AS DOUBLE) / 2 AS pairs
FROM group_holdings
GROUP BY account_key
HAVING sum(items) >= $minimum
ORDER BY account_key
""",
)
"""Per account: items, groups, and pairs of items within one group."""


class Breadth(EvidenceTest):
    """The share of pairs of an account's items that lie within one group (Simpson's index).

    A small share is more like extraction. One pair is added to both counts. An account without any
    such pair is then scored only as strictly as its number of items allows.
    """

    name = "breadth"
    family = "selection"
    question = "Are its items spread over more groups than a person's taste?"
    needs = f"a group for each item, and {MINIMUM_GROUPED_ITEMS} items"
    fails = (
        "People who listen to radio and playlists have broad tastes. In a catalogue of tiny groups "
        "every account is broad, and only the comparison with other accounts decides."
    )
    source = "Simpson 1949, Measurement of diversity; 22 people in 446 months."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items in known groups."""
        if not context.grouped:
            raise CannotRun("no item has a group")
        table = context.engine.columns(CONCENTRATION, {"minimum": MINIMUM_GROUPED_ITEMS})
        items = table["items"].astype(np.float64)
        index = (table["pairs"].astype(np.float64) + 1) / (items * (items - 1) / 2 + 1)
        statistic = "breadth_long" if context.days > LONG_HISTORY else "breadth"
        return Scores(
            table["account_key"],
            index,
            np.full(index.size, context.median(statistic, index)),
            context.p_values(statistic, index),
            {"items": items, "groups": table["groups"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give items, groups and the index as "1 pair in …"."""
        return (
            f"Its {numbers['items']:,.0f} items are spread over "
            f"{counted(numbers['groups'], 'group')}: 1 pair of items in "
            f"{1 / numbers['observed']:,.0f} shares a group. "
            f"For the typical user it is 1 pair in {1 / max(numbers['expected'], 1e-9):,.0f}."
        )
