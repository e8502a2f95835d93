"""Detectors that operators use instead: rate limits, a leaky bucket, an outlier detector.

Each one scores every account with one number from the ledger. Thresholds are chosen afterwards,
unless the original has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Final

import numpy as np

from ringfence.engine import Statement
from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.scored_ledger import ScoredLedger
from ringfence.stats.arrays import Floats, Keys

CAPACITY: Final = 40
"""Items that the bucket holds without an alarm: ``capacity`` of
``crowdsecurity/http-crawl-non_statics`` in CrowdSec's hub."""

LEAK: Final = 2
"""Items that leak per second: the scenario's ``leakspeed`` is one event per 0.5 s."""

FOREST_SEED: Final = 2008
"""Seed of the isolation forest; its value has no meaning."""

BUSIEST_HOUR: Final = Statement(
    "evaluate.requests_per_hour",
    """
SELECT account_key, max(uses) AS score
FROM activity
GROUP BY account_key
ORDER BY account_key
""",
)

BUSIEST_DAY: Final = Statement(
    "evaluate.distinct_per_day",
    """
SELECT account_key, max(new_items) AS score
FROM days
GROUP BY account_key
ORDER BY account_key
""",
)

HIGHEST_LEVEL: Final = Statement(
    "evaluate.leaky_bucket",
    """
WITH bursts AS (
  SELECT account_key FROM holdings GROUP BY account_key, first HAVING count(*) > 1
),
poured AS (
  SELECT account_key, CAST(first AS BIGINT) AS moment, count(*) AS items
  FROM holdings
  WHERE account_key IN (SELECT account_key FROM bursts)
  GROUP BY account_key, first
),
inflow AS (
  SELECT account_key, moment, items,
    CAST(sum(items) OVER (PARTITION BY account_key ORDER BY moment
      ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS BIGINT) - $leak * moment AS net
  FROM poured
),
levels AS (
  SELECT account_key, net - min(net - items) OVER (PARTITION BY account_key ORDER BY moment
    ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS level
  FROM inflow
),
highest AS (
  SELECT account_key, max(level) AS level FROM levels GROUP BY account_key
)
SELECT p.account_key, coalesce(h.level, 1) AS score
FROM portfolio AS p
LEFT JOIN highest AS h ON h.account_key = p.account_key
ORDER BY p.account_key
""",
)
"""The highest level of each account's bucket. The level is max(level before - leak, 0) + inflow.
In closed form it is the net inflow so far minus the least net inflow before any inflow. An account
that never takes two items within one second has at most one item in its bucket."""


@dataclass(frozen=True)
class QueryDetector(Detector):
    """A detector whose score is one query.

    Attributes:
        name: as in tables.
        about: what it does.
        statement: returns ``account_key`` (ascending) and ``score``.
        threshold: the score from which it accuses; None: chosen afterwards.
        parameters: of the statement.
    """

    name: str
    about: str
    statement: Statement
    threshold: float | None = None
    parameters: Mapping[str, object] = field(default_factory=dict)

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return what the query gives."""
        table = ledger.context.engine.columns(self.statement, self.parameters)
        keys = np.asarray(table["account_key"], dtype=np.uint64)
        return keys, np.asarray(table["score"], dtype=np.float64)


_CHOSEN: Final = "the best threshold that accuses no user, chosen afterwards"

REQUESTS_PER_HOUR: Final = QueryDetector(
    "requests-per-hour", f"most uses in one clock hour; {_CHOSEN}", BUSIEST_HOUR
)
"""A rate limit per account. It fails on every extractor that takes its time."""

DISTINCT_PER_DAY: Final = QueryDetector(
    "distinct-per-day", f"most new items in one day; {_CHOSEN}", BUSIEST_DAY
)
"""A volume limit per account, the first query of an analyst. It fails where the work is divided
among more accounts or days."""

LEAKY_BUCKET: Final = QueryDetector(
    "leaky-bucket",
    f"CrowdSec's crawl scenario per account: capacity {CAPACITY}, leak {LEAK} per second",
    HIGHEST_LEVEL,
    threshold=CAPACITY + 1,
    parameters={"leak": LEAK},
)
"""CrowdSec's scenario against crawlers, with an account in place of an address. An item is poured
when the account first takes it, because the scenario counts distinct paths. It fails on every
account that takes less than two new items per second."""

LEAKY_BUCKET_BEST_CAPACITY: Final = QueryDetector(
    "leaky-bucket, capacity chosen",
    "the same with the best capacity that accuses no user, chosen afterwards",
    HIGHEST_LEVEL,
    parameters={"leak": LEAK},
)


class IsolationForest(Detector):
    """Rate how few random cuts separate an account (Liu, Ting and Zhou 2008), by scikit-learn.

    Its columns are -log10 p of every evidence test, and 0 where an account could not be measured.
    Parameters are the library's defaults. It fails where unusual users are as easy to separate as
    extractors: it knows neither which direction means extraction nor how users behave elsewhere.
    """

    name = "isolation-forest"
    about = f"scikit-learn's, on the evidence columns; {_CHOSEN}"
    threshold = None
    library = "sklearn"

    def scores(self, ledger: ScoredLedger) -> tuple[Keys, Floats]:
        """Return anomaly scores in (0, 1).

        Raises:
            SettingsError: scikit-learn is not installed.
        """
        require_library(self)
        from sklearn import ensemble  # noqa: PLC0415 - only this detector needs it

        by_test = ledger.scored.by_test
        if not ledger.keys.size or not by_test:
            return ledger.keys, np.zeros(ledger.keys.size)
        p = np.nan_to_num(np.column_stack(list(by_test.values())), nan=1.0)
        forest = ensemble.IsolationForest(random_state=FOREST_SEED)
        columns = -np.log10(p)
        scores = forest.fit(columns).score_samples(columns)
        return ledger.keys, -np.asarray(scores, dtype=np.float64)


def require_library(detector: Detector) -> None:
    """Raise an error with the install command if a detector's library is missing.

    Raises:
        SettingsError: it is not installed.
    """
    if detector.library and find_spec(detector.library) is None:
        raise SettingsError(
            f"needs the library {detector.library}, which is not installed",
            where=f"detector {detector.name}",
            hint="pip install 'ringfence[lab]'",
        )
