"""The most new items in one day: what an analyst would try first, in one line of SQL."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors.detector import Detector, scored
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

BUSIEST_DAY: Final = Statement(
    "evaluate.distinct_per_day",
    """
SELECT account_key, max(new_items) AS score
FROM days
GROUP BY account_key
ORDER BY account_key
""",
)


class DistinctPerDay(Detector):
    """A volume limit by account. Fails where the work is spread over more accounts or days."""

    name = "distinct-per-day"
    about = "most new items in one day; best threshold without accusation, knowing the truth"
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return the new items of the busiest day of each account."""
        return scored(snapshot.context.engine.columns(BUSIEST_DAY))
