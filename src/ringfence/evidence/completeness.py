"""Completeness: whole groups taken, album after album, volume after volume."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.evidence.calibration import SMALLEST_POPULATION, CannotRun, calibrated, enough

LEAST_GROUP: Final = 5
"""Items a group must have for taking all of them to mean something."""

LEAST_ITEMS: Final = 50
"""Items an account must hold for its share in complete groups to mean something."""

COMPLETE: Final = Statement(
    "evidence.completeness",
    """
WITH sizes AS (
  SELECT group_key, count(*) AS size
  FROM catalogue
  WHERE group_key IS NOT NULL AND (holders > 1 OR $listed)
  GROUP BY group_key
  HAVING count(*) >= $least_group
),
taken AS (
  SELECT account_key, group_key, CASE WHEN $listed THEN items ELSE shared_items END AS items
  FROM group_holdings
)
SELECT t.account_key, CAST(sum(t.items) AS BIGINT) AS items,
  CAST(sum(CASE WHEN t.items >= s.size THEN t.items ELSE 0 END) AS BIGINT) AS complete_items,
  CAST(sum(CASE WHEN t.items >= s.size THEN 1 ELSE 0 END) AS BIGINT) AS complete_groups
FROM taken AS t
LEFT JOIN sizes AS s ON s.group_key = t.group_key
GROUP BY t.account_key
HAVING sum(t.items) >= $least_items
ORDER BY t.account_key
""",
)
"""Without a catalogue file, items that only one account holds are left out on both sides:
else a group nobody else knows would be complete by being held once."""


class Completeness(EvidenceTest):
    """Which share of the account's items lies in groups that it holds completely."""

    name = "completeness"
    family = "selection"
    question = "Does it take whole albums, volumes, discographies?"
    needs = (
        f"a group for each item, {LEAST_ITEMS} items, and {SMALLEST_POPULATION} accounts "
        "with as many"
    )
    fails = (
        "Fans take whole discographies honestly. A catalogue derived from the events knows "
        "only what "
        "two accounts took."
    )
    source = "Decision 0003, what a log of accounts allows."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough items in known groups."""
        if not context.grouped:
            raise CannotRun("no item has a group")
        table = context.engine.columns(
            COMPLETE,
            {"listed": context.listed, "least_group": LEAST_GROUP, "least_items": LEAST_ITEMS},
        )
        items = table["items"].astype(np.float64)
        enough(items.size, f"accounts hold {LEAST_ITEMS} items")
        share = (table["complete_items"].astype(np.float64) + 1) / (items + 1)
        # The last group of a large holding is often begun and not finished: that is no difference.
        p = calibrated(np.round(share, 1), reference=None, scale="linear", more=1)
        return Scores(
            table["account_key"],
            share,
            np.full(p.size, float(np.median(share))),
            p,
            {"groups": table["complete_groups"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the share and the number of complete groups."""
        return (
            f"Holds {numbers['groups']:,.0f} groups of {LEAST_GROUP} or more items completely, "
            "with "
            f"{numbers['observed']:.1%} of its items; the median account {numbers['expected']:.1%}."
        )
