"""Surface: the share of downloads among the accesses of an account."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence.base import MINIMUM_EVENTS, Context, EvidenceTest, Scores
from ringfence.stats.calibration import (
    SMALLEST_POPULATION,
    CannotRun,
    rank_p_values,
    require_accounts,
)

DOWNLOADS: Final = Statement(
    "evidence.surface",
    """
SELECT account_key,
  CAST(sum(CASE WHEN surface = 'download' THEN events ELSE 0 END) AS DOUBLE) AS downloads,
  CAST(sum(events) AS DOUBLE) AS events
FROM surfaces
WHERE account_key IN (SELECT account_key FROM portfolio)
GROUP BY account_key
HAVING sum(events) >= $minimum
ORDER BY account_key
""",
)
"""Per account: downloads, and all events."""

DISTINCT_SURFACES: Final = Statement(
    "evidence.distinct_surfaces", "SELECT count(DISTINCT surface) FROM surfaces"
)


class Surface(EvidenceTest):
    """The share of downloads among an account's events, ranked among the accounts."""

    name = "surface"
    family = "selection"
    question = "Does it only download where others also read or listen?"
    needs = f"two surfaces in the log, {MINIMUM_EVENTS} events, {SMALLEST_POPULATION} such accounts"
    fails = (
        "People who print, or read offline, are honest and download everything. The test gives "
        "only a rank."
    )
    source = "Rank within the population."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough events."""
        if "surface" not in context.columns:
            raise CannotRun("the log does not distinguish downloads from other uses")
        if context.engine.rows(DISTINCT_SURFACES)[0][0] < 2:
            raise CannotRun("the log has one surface only")
        table = context.engine.columns(DOWNLOADS, {"minimum": MINIMUM_EVENTS})
        share = table["downloads"].astype(np.float64) / table["events"].astype(np.float64)
        require_accounts(share.size, f"accounts have {MINIMUM_EVENTS} events")
        return Scores(
            table["account_key"],
            share,
            np.full(share.size, float(np.median(share))),
            rank_p_values(share, direction=1),
            {"events": table["events"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the share of downloads."""
        return (
            f"Of its {numbers['events']:,.0f} events, {numbers['observed']:.0%} were downloads. "
            f"The typical account's share is {numbers['expected']:.0%}."
        )
