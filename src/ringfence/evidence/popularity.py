"""Popularity: how common the items of an account are among other accounts."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_ITEMS, Context, EvidenceTest, Scores
from ringfence.stats.calibration import (
    SMALLEST_POPULATION,
    require_accounts,
    two_sided_rank_p_values,
)

MEAN_HOLDERS: Final = Statement(
    "evidence.popularity",
    """
SELECT account_key, mean_log_holders FROM portfolio WHERE items >= $minimum ORDER BY account_key
""",
)
"""Per account: the mean logarithm of the number of accounts that hold each of its items."""


class Popularity(EvidenceTest):
    """The mean logarithm of the number of accounts that hold each of the account's items.

    Extraction takes items that no other account takes (the long tail, a flat sample), or it walks
    down from the most popular item. Both ends count: the p-value is twice the smaller of the two
    tails. There is no reference distribution, because how common items are depends on the service.
    Only the rank among the accounts of the scan counts.
    """

    name = "popularity"
    family = "selection"
    question = "Are its items as popular as the items of other accounts?"
    needs = f"{MINIMUM_ITEMS} items, and {SMALLEST_POPULATION} accounts with as many"
    fails = (
        "Specialists, and people who follow the charts, are honest and lie at the ends. Alone the "
        "test says little."
    )
    source = "Decision 0003, what a log of accounts allows."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items."""
        table = context.engine.columns(MEAN_HOLDERS, {"minimum": MINIMUM_ITEMS})
        values = table["mean_log_holders"].astype(np.float64)
        require_accounts(values.size, f"accounts hold {MINIMUM_ITEMS} items")
        return Scores(
            table["account_key"],
            np.exp(values),
            np.full(values.size, np.exp(float(np.median(values)))),
            two_sided_rank_p_values(values),
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the typical number of holders of an item."""
        return (
            f"A typical item of this account is held by {numbers['observed']:,.1f} accounts. "
            f"A typical item of the typical account is held by {numbers['expected']:,.1f}."
        )
