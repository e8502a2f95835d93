"""Keep what a whole scan has learned from the population, to judge a few accounts soon after it.

The file has the rows of a random sample of accounts, and the catalogue with its popularity. The
evidence tests rank an account among all accounts of a scan, and take quantiles of them. With a
sample of some thousands, the ranks and quantiles are nearly those of the whole scan.

Account keys are hashes, so the accounts with the smallest keys are a random sample.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

import numpy as np

from ringfence.catalogue import Catalogue
from ringfence.engine import Engine, Statement
from ringfence.evidence import Context
from ringfence.evidence.possible_copies import COPYING_ACCOUNTS, SOME_EVENTS
from ringfence.evidence.reference_distributions import Kind
from ringfence.evidence.speed import PEAK, SUSTAINED_HOURS
from ringfence.evidence.volume import BEST_WINDOWS
from ringfence.ledger.account_files import PART, attached, write_merged_accounts
from ringfence.pipeline.policy_facts import ACTIVE_ACCOUNTS, ACTIVE_HOURS
from ringfence.pipeline.steps import Measurement
from ringfence.private_files import new_place
from ringfence.stats.arrays import Floats, Keys
from ringfence.stats.calibration import SMALLEST_POPULATION
from ringfence.verdicts import ScoredAccounts
from ringfence.verdicts.error_control import VOLUME_GATE

SAMPLED: Final = 5_000
"""Accounts of the sample. From 3,800 on, measured users weigh as little as in any larger scan
(:mod:`ringfence.stats.calibration`). The standard error of a share of 5 % is 0.3 %."""

MARGIN: Final = 4.0
"""Factor by which the p-values of a screening are raised. It covers the error of the sample, the
time since the whole scan, and that an account is looked at many times between two whole scans."""

GATE_MARGIN: Final = 1.25
"""The same for the volume gate. The sample has this share of 5 % with a standard error of 6 %."""

_FEW_COPIERS: Final = 5 * COPYING_ACCOUNTS
_FEW_SHOWING: Final = 3 * SMALLEST_POPULATION
_COMPARED: Final = 20_000
_LARGEST: Final = 1e7
_NEAR: Final = 1.05

_SCANNED_CATALOGUE: Final = f"""
CREATE TABLE {PART}.scanned_catalogue AS
SELECT item_key, group_key, genre_key, holders, popularity FROM catalogue
"""  # noqa: S608 - own names
_SCAN_FACTS: Final = f"CREATE TABLE {PART}.scan_facts AS SELECT $text AS text"

_SAMPLE: Final = Statement(
    "pipeline.sampled_accounts",
    "SELECT account_key FROM portfolio ORDER BY account_key LIMIT $sampled",
)

_COPIERS: Final = Statement(
    "pipeline.sampled_copiers",
    """
SELECT account_key FROM surfaces
WHERE account_key IN (SELECT account_key FROM portfolio)
GROUP BY account_key
HAVING sum(CASE WHEN surface = 'stream' THEN events ELSE 0 END) >= $some
  AND sum(CASE WHEN surface IN ('download', 'metadata') THEN events ELSE 0 END) >= $some
ORDER BY account_key
LIMIT $few
""",
)
"""A few accounts that play and copy. Copies of a library are an explanation only where the service
offers them, which the evidence knows by such accounts."""


_SHOWING: Final = Statement(
    "pipeline.sampled_showing",
    """
WITH showing AS (
  SELECT DISTINCT account_key, 'failures' AS what FROM failures
  UNION ALL
  SELECT DISTINCT account_key, 'listings' FROM listings WHERE walked > 0
  UNION ALL
  SELECT DISTINCT account_key, 'large_answers' FROM large_answers
),
ranked AS (
  SELECT account_key, row_number() OVER (PARTITION BY what ORDER BY account_key) AS place
  FROM showing
  WHERE account_key IN (SELECT account_key FROM portfolio)
)
SELECT DISTINCT account_key FROM ranked WHERE place <= $few ORDER BY account_key
""",
)
"""A few accounts with failed requests, with lists, and with large answers. A test that needs them
runs on the sample as on the whole population, and large answers have others to compare with."""


@dataclass(frozen=True)
class PopulationSample:
    """Facts of a whole scan that a sample cannot tell.

    Attributes:
        accounts: number of accounts.
        active: number of accounts with a use in the last month.
        kind: kind of measured users to compare with.
        columns: optional event columns.
        grouped: whether items have groups.
        days: length of the ledger.
        tests: names of the evidence tests that ran.
        items: number of items of the catalogue.
        popularity: their popularity in total.
        own_popularity: whether the catalogue file states it.
        gates: new items per ``hour``, ``new_1``, ``new_7`` and ``new_30`` below which an account
            does not pass the volume gate.
    """

    accounts: int
    active: int
    kind: Kind
    columns: tuple[str, ...]
    grouped: bool
    days: int
    tests: tuple[str, ...]
    items: int
    popularity: float
    own_popularity: bool
    gates: dict[str, float]

    def context(self, engine: Engine) -> Context:
        """Return the context of evidence tests on an engine with a sample."""
        columns = frozenset(self.columns)
        return Context(engine, self.kind, self.accounts, columns, self.grouped, self.days)

    def catalogue(self) -> Catalogue:
        """Return the totals of the catalogue."""
        return Catalogue("", self.items, self.popularity, int(self.grouped), ())

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what :meth:`to_json` has written."""
        told = json.loads(text)
        lists = {name: tuple(told[name]) for name in ("columns", "tests")}
        return cls(**{**told, **lists})


def save_sample(
    measured: Measurement, scored: ScoredAccounts, place: Path, sampled: int = SAMPLED
) -> PopulationSample:
    """Write the sample and the catalogue of a whole scan to a file, and return its facts.

    Args:
        measured: the ledger of the scan, on which the evidence steps have run.
        scored: its accounts.
        place: the file, which is replaced.
        sampled: number of accounts of the sample.
    """
    engine, catalogue = measured.context.engine, measured.catalogue
    facts = PopulationSample(
        accounts=measured.extent.accounts,
        active=int(engine.rows(ACTIVE_ACCOUNTS, {"hours": ACTIVE_HOURS})[0][0]),
        kind=measured.context.kind,
        columns=tuple(sorted(measured.context.columns)),
        grouped=measured.context.grouped,
        days=measured.context.days,
        tests=tuple(scored.direct_by_test),
        items=catalogue.items,
        popularity=catalogue.popularity,
        own_popularity=catalogue.own_popularity,
        gates=gates(measured.context),
    )
    with new_place(place) as part:
        write_merged_accounts(engine, part, _sample(engine, sampled))
        with attached(engine, part, writable=True):
            engine.run(_SCANNED_CATALOGUE)
            engine.run(_SCAN_FACTS, {"text": facts.to_json()})
    return facts


def _sample(engine: Engine, size: int) -> Keys:
    sampled = engine.columns(_SAMPLE, {"sampled": size})["account_key"]
    copiers = engine.columns(_COPIERS, {"some": SOME_EVENTS, "few": _FEW_COPIERS})["account_key"]
    showing = engine.columns(_SHOWING, {"few": _FEW_SHOWING})["account_key"]
    return np.union1d(np.union1d(sampled, copiers), showing).astype(np.uint64)


def gates(context: Context) -> dict[str, float]:
    """Return the new items of each window from which an account can pass the volume gate.

    The volume p-value combines windows by Simes' rule. It is never below the smallest of them, so
    an account below all these values does not pass.
    """
    windows = context.engine.columns(BEST_WINDOWS)
    hours = context.engine.columns(PEAK, {"sustained": SUSTAINED_HOURS})
    looks = {
        "hour": ("speed", hours["peak"]),
        **{f"new_{days}": (f"volume_{days}", windows[f"new_{days}"]) for days in (1, 7, 30)},
    }
    return {name: _gate(context, *look) for name, look in looks.items()}


def _gate(context: Context, statistic: str, taken: Floats) -> float:
    """Return the value of a statistic whose p-value just passes, within five per cent."""
    # Account keys are hashes, so the first accounts are a random sample.
    values = np.maximum(taken[:_COMPARED].astype(np.float64), 0.5)
    low, high = 1.0, _LARGEST
    while high > low * _NEAR:
        middle = float(np.sqrt(low * high))
        p_value = context.p_values(statistic, np.append(values, middle))[-1]
        low, high = (low, middle) if p_value <= VOLUME_GATE / GATE_MARGIN else (middle, high)
    return low
