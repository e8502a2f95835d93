"""Popularity profile: items more obscure, or more popular, than those of the others."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.arrays import Floats
from ringfence.stats.calibration import SMALLEST_POPULATION, enough, ranked

LEAST_ITEMS: Final = 50
"""Items below which the mean says little."""

PROFILE: Final = Statement(
    "evidence.popularity",
    """
SELECT account_key, mean_log_holders FROM portfolio WHERE items >= $least ORDER BY account_key
""",
)


class Popularity(EvidenceTest):
    """How common the account's items are: the mean logarithm of how many accounts hold each.

    Extraction takes what nobody else takes (the tail, a flat sample), or walks down from the top.
    Both ends count: the p-value is twice the smaller of the two tails. There is no envelope,
    for how common items are depends on the service; the population alone decides.
    """

    name = "popularity"
    family = "selection"
    question = "Are its items as popular as the items of other accounts?"
    needs = f"{LEAST_ITEMS} items, and {SMALLEST_POPULATION} accounts with as many"
    fails = "Specialists and lovers of the charts sit at the ends honestly; alone it says little."
    source = "Decision 0003, what a log of accounts allows."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items."""
        table = context.engine.columns(PROFILE, {"least": LEAST_ITEMS})
        values = table["mean_log_holders"].astype(np.float64)
        enough(values.size, f"accounts hold {LEAST_ITEMS} items")
        median = float(np.median(values))
        return Scores(
            table["account_key"],
            np.exp(values),
            np.full(values.size, np.exp(median)),
            two_sided(values),
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the typical number of holders of an item."""
        return (
            f"A typical item of this account is held by {numbers['observed']:,.1f} accounts; "
            f"a typical item of the median account by {numbers['expected']:,.1f}."
        )


def two_sided(values: Floats) -> Floats:
    """Return twice the smaller of the two tails within the population, at most 1."""
    low, high = ranked(values, more=-1), ranked(values, more=1)
    return np.asarray(np.minimum(2 * np.minimum(low, high), 1.0), dtype=np.float64)
