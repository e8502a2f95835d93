"""Judge a few accounts between two whole scans, never with more certainty than a whole scan.

The accounts are put beside the sample of the population that the last whole scan has kept
(:mod:`ringfence.pipeline.population_sample`), and the same evidence tests run on all of them. The
whole scan gives three facts that a sample lacks: the number of accounts, which sets the correction
for multiple tests, the popularity of items, and the list of tests that could run.

Four things keep a screening on the safe side:

* All p-values are raised by a margin (:data:`ringfence.pipeline.population_sample.MARGIN`).
* The number of accounts beside the sample is small. They belong to the population of the tests, and
  a large number would move its quantiles up.
* If a test that ran in the whole scan cannot run on the sample, nobody is judged.
* Accounts under a grant, crawlers with a forged name, and rings wait for the whole scan.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import Engine, Statement
from ringfence.evidence import EvidenceTest
from ringfence.evidence.steps import run_steps
from ringfence.ledger import Ledger, open_writable
from ringfence.ledger.account_files import PART, add_accounts, attached, keep_accounts
from ringfence.model.arrow_table import ArrowData
from ringfence.model.exemption import Exemption
from ringfence.model.finding import Finding
from ringfence.pipeline.population_sample import GATE_MARGIN, MARGIN, PopulationSample
from ringfence.population import (
    find_network_origins,
    join_accounts_table,
    set_granted_apart,
    set_robots_apart,
)
from ringfence.settings import Settings
from ringfence.stats.arrays import Floats, Keys
from ringfence.verdicts import ScoredAccounts, account_findings, account_verdicts, judge
from ringfence.verdicts.error_control import expected_false
from ringfence.verdicts.stolen_logins import with_own_past, with_stolen_logins

SCREENED_CATALOGUE: Final = Statement(
    "pipeline.screened_catalogue",
    """
CREATE OR REPLACE TEMP TABLE catalogue AS
WITH seen AS (
  SELECT item_key, min(group_key) AS group_key, count(*) AS holders, sum(uses) AS uses
  FROM holdings
  GROUP BY item_key
)
SELECT s.item_key, coalesce(k.group_key, s.group_key) AS group_key, k.genre_key,
  greatest(coalesce(k.holders, 0), s.holders) AS holders,
  CAST(CASE WHEN $own_popularity THEN coalesce(k.popularity, 0)
    ELSE greatest(coalesce(k.popularity, 0), s.uses) END AS DOUBLE) AS popularity
FROM seen AS s
LEFT JOIN scanned_items AS k ON k.item_key = s.item_key
""",
)
"""The items of the sample and the accounts, with their popularity in the last whole scan."""

_SCANNED_ITEMS: Final = f"""
CREATE OR REPLACE TEMP TABLE scanned_items AS
SELECT item_key, group_key, genre_key, holders, popularity FROM {PART}.scanned_catalogue
"""  # noqa: S608 - own names


class Screening:
    """The sample of a whole scan, beside which accounts are judged.

    Args:
        population: the file that the whole scan has kept.
        settings: of the scan.
        tests: the evidence tests of the scan.
        accounts_table: attributes of accounts that events may lack.

    Attributes:
        population: the facts of the whole scan.
        scored: the p-values of the last examination, without the margin.
    """

    def __init__(
        self,
        population: Path,
        settings: Settings,
        tests: Sequence[EvidenceTest],
        accounts_table: Path | ArrowData | None = None,
    ) -> None:
        self._settings = settings
        self._tests = tuple(tests)
        self._accounts_table = accounts_table
        self.scored: ScoredAccounts | None = None
        self._ledger: Ledger = open_writable(None, settings)
        sampled = add_accounts(self.engine, population)
        with attached(self.engine, population):
            self.population = PopulationSample.from_json(
                self.engine.rows(f"SELECT text FROM {PART}.scan_facts")[0][0]  # noqa: S608
            )
            self.engine.run(_SCANNED_ITEMS)
        self.engine.table("sampled_keys", {"account_key": sampled})
        self._ledger.compact()

    @property
    def engine(self) -> Engine:
        """The engine with the sample, and the accounts of the last examination."""
        return self._ledger.engine

    def close(self) -> None:
        """Close the engine."""
        self.engine.close()

    def examine(self, part: Path, exemptions: Sequence[Exemption] = ()) -> tuple[Finding, ...]:
        """Judge the accounts of a part, and return the findings, most certain first.

        Args:
            part: file with all rows of the accounts, as
                :func:`ringfence.ledger.account_files.write_accounts` makes it.
            exemptions: what grants permit.
        """
        engine = self.engine
        keep_accounts(engine, "sampled_keys")
        keys = add_accounts(engine, part)
        robots = set_robots_apart(engine, self._settings.robots)
        find_network_origins(engine, self._settings.places.prefixes)
        set_granted_apart(engine, exemptions)
        engine.run(SCREENED_CATALOGUE, {"own_popularity": self.population.own_popularity})
        join_accounts_table(engine, self._accounts_table, self._settings)
        run_steps(engine)
        self.scored = scored = judge(self.population.context(engine), lambda _: None, self._tests)
        if not set(self.population.tests) <= set(scored.direct_by_test):
            return ()
        waiting = {one.account for one in exemptions} | {one.account for one in robots.impostors}
        found = self._findings(scored, keys)
        return tuple(one for one in found if one.id not in waiting)

    def _findings(self, scored: ScoredAccounts, keys: Keys) -> tuple[Finding, ...]:
        accounts = self.population.accounts + int(keys.size)
        raised = replace(
            scored,
            fused=_raised(scored.fused),
            p_values=_raised(scored.p_values),
            expected_false=expected_false(_raised(scored.p_values), accounts),
            volume=_raised(scored.volume, GATE_MARGIN),
            own_past=scored.own_past.raised(MARGIN),
        )
        rate = self._settings.verdicts.false_accusation_rate
        labels = with_stolen_logins(raised, account_verdicts(raised, rate, accounts), accounts)
        raised = with_own_past(raised, accounts)
        asked = np.isin(scored.accounts["account_key"], keys)
        labels = np.where(asked, labels, "")
        return account_findings(
            raised, labels, self.population.catalogue(), self._settings, accounts
        )


def _raised(p_values: Floats, margin: float = MARGIN) -> Floats:
    """Return p-values with the margin of a screening."""
    return np.asarray(np.minimum(margin * p_values, 1.0), dtype=np.float64)
