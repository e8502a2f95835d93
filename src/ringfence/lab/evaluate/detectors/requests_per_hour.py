"""The most uses in one clock hour: what a rate limit looks at."""

from __future__ import annotations

from typing import Final

from ringfence.engine import Statement
from ringfence.lab.evaluate.detectors.detector import Detector, scored
from ringfence.lab.evaluate.snapshot import Snapshot
from ringfence.stats.arrays import Floats, Keys

BUSIEST_HOUR: Final = Statement(
    "evaluate.requests_per_hour",
    """
SELECT account_key, max(uses) AS score
FROM activity
GROUP BY account_key
ORDER BY account_key
""",
)


class RequestsPerHour(Detector):
    """A rate limit by account. Fails wherever an extractor is in no hurry."""

    name = "requests-per-hour"
    about = "most uses in one clock hour; best threshold without accusation, knowing the truth"
    threshold = None

    def scores(self, snapshot: Snapshot) -> tuple[Keys, Floats]:
        """Return the uses of the busiest hour of each account."""
        return scored(snapshot.context.engine.columns(BUSIEST_HOUR))
