"""Surface: only downloads (only the PDFs), where others also read or listen."""

from __future__ import annotations

from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.evidence._test import Context, EvidenceTest, Scores
from ringfence.stats.calibration import SMALLEST_POPULATION, CannotRun, enough, ranked

LEAST_EVENTS: Final = 50
"""Takes below which one surface may be all by chance."""

SURFACES: Final = Statement(
    "evidence.surface",
    """
SELECT account_key,
  CAST(sum(CASE WHEN surface = 'download' THEN events ELSE 0 END) AS DOUBLE) AS downloads,
  CAST(sum(events) AS DOUBLE) AS events
FROM surfaces
WHERE account_key IN (SELECT account_key FROM portfolio)
GROUP BY account_key
HAVING sum(events) >= $least
ORDER BY account_key
""",
)


KINDS: Final = Statement("evidence.surface_kinds", "SELECT count(DISTINCT surface) FROM surfaces")


class Surface(EvidenceTest):
    """The share of downloads among the account's takes, ranked among the accounts."""

    name = "surface"
    family = "selection"
    question = "Does it only download where others also read or listen?"
    needs = f"two surfaces in the log, {LEAST_EVENTS} takes, {SMALLEST_POPULATION} such accounts"
    fails = (
        "Whoever prints, or reads offline, downloads everything honestly; the rank is all it gives."
    )
    source = "Rank within the population."

    def score(self, context: Context) -> Scores:
        """Measure the accounts with enough takes."""
        if "surface" not in context.columns:
            raise CannotRun("the log does not tell downloads from other uses")
        if context.engine.rows(KINDS)[0][0] < 2:
            raise CannotRun("the log has one surface only")
        table = context.engine.columns(SURFACES, {"least": LEAST_EVENTS})
        share = table["downloads"].astype(np.float64) / table["events"].astype(np.float64)
        enough(share.size, f"accounts have {LEAST_EVENTS} takes")
        return Scores(
            table["account_key"],
            share,
            np.full(share.size, float(np.median(share))),
            ranked(share, more=1),
            {"events": table["events"]},
        )

    def sentence(self, numbers: dict[str, float]) -> str:
        """Give the share of downloads."""
        return (
            f"Of its {numbers['events']:,.0f} takes {numbers['observed']:.0%} were downloads; "
            "of the "
            f"median account's {numbers['expected']:.0%}."
        )
