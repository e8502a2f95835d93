"""Compare Ringfence with other detectors on the situations that operators report.

    python -m benchmarks.situation_detectors [--situation NAME ...] [--seeds 3] [--keep FILE]
        [--write docs/evaluation.md]

The events of each situation are scanned, and folded once more for the detectors. Each detector
names as many accounts as the scan has in findings, those with its highest scores. So no detector
needs a threshold, and all accuse equally many. Accounts without a score come last. A run takes 10
to 60 CPU-seconds. With ``--keep``, the results of earlier calls are in a file, and the table has
those too.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Final

import numpy as np
from benchmarks.page import publish, table
from benchmarks.situation_runs import cell, measure_missing, options_of
from benchmarks.situations import among_first

from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate import SITUATIONS, measure_situation
from ringfence.lab.evaluate.detectors import DETECTORS, Detector
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.scored_ledger import score_ledger
from ringfence.lab.evaluate.situations import VERIFIED
from ringfence.lab.evaluate.summary import estimate_mean
from ringfence.lab.simulate import load_scenario, read_truth
from ringfence.settings import Settings
from ringfence.stats.arrays import Flags, Floats

RINGFENCE: Final = 3
"""Detectors that are Ringfence itself come first."""

OTHERS: Final[tuple[Detector, ...]] = tuple(
    one for one in DETECTORS[RINGFENCE:] if one.threshold is None
)
"""The baselines of ``ringfence evaluate``. The bucket of a fixed capacity scores as the other."""


@dataclass(frozen=True)
class Comparison:
    """One situation with one seed.

    Attributes:
        situation: its name.
        seed: number of the run; 0 is the permanent scenario.
        accounts: accounts of the attack.
        found: those of them in any finding of the scan.
        named: accounts that each detector names: all accounts in findings, honest ones included.
        by_detector: accounts of the attack among those that each of :data:`OTHERS` names.
    """

    situation: str
    seed: int
    accounts: int
    found: int
    named: int
    by_detector: dict[str, float]


def compare(situation: str, seed: int, scratch: Path) -> Comparison:
    """Scan a situation, and let each detector name as many accounts.

    Args:
        situation: one of :data:`SITUATIONS`.
        seed: number of the run; 0 is the permanent scenario.
        scratch: an existing folder.
    """
    scan = measure_situation(load_scenario(situation), seed, Settings(), scratch)
    number = scan.found + scan.honest_found
    extractors = read_truth(scratch / "truth.parquet").extractors
    files = f"read_parquet({path_sql(scratch / 'events', '*.parquet')})"
    # A ledger sets visitors with the name of a search engine apart, unless it knows no clients.
    select = f"SELECT * {'EXCLUDE (client) ' if situation == VERIFIED else ''}FROM {files}"
    settings = Settings()
    with GrowingLedger(select, settings) as ledger:
        ((end,),) = ledger.engine.rows(f"SELECT CAST(epoch(max(ts)) AS BIGINT) + 1 FROM ({select})")
        ledger.advance(end)
        with joint_context(ledger) as context:
            scored = score_ledger(context, settings, end)
            names = {
                int(key): str(name)
                for key, name in ledger.engine.rows("SELECT account_key, account FROM accounts")
            }
            by_detector = {}
            for detector in OTHERS:
                keys, scores = detector.scores(scored)
                attack = np.array([names[int(key)] in extractors for key in keys], np.bool_)
                by_detector[detector.name] = named_by(scores, attack, number)
    return Comparison(situation, seed, scan.accounts, scan.found, number, by_detector)


def named_by(scores: Floats, attack: Flags, number: int) -> float:
    """Return how many accounts of the attack a detector names, as an expected number.

    Args:
        scores: (accounts,) the scores.
        attack: (accounts,) whether an account is one of the attack.
        number: accounts that are named, those with the highest scores.
    """
    _, place, accounts = np.unique(-scores, return_inverse=True, return_counts=True)
    of_attack = np.bincount(place, weights=attack)
    return among_first(zip(accounts.tolist(), of_attack.tolist(), strict=True), number)


def text(comparisons: Sequence[Comparison]) -> str:
    """Return the table as Markdown."""
    header = ("situation", "seeds", "accounts named", "Ringfence", *(one.name for one in OTHERS))
    rows = []
    for name in SITUATIONS:
        seeds = [one for one in comparisons if one.situation == name]
        if seeds:
            named = cell(estimate_mean([one.named for one in seeds]), ",.0f")
            found = [one.found / one.accounts for one in seeds]
            shares = ([one.by_detector[d.name] / one.accounts for one in seeds] for d in OTHERS)
            cells = (cell(estimate_mean(one), ".1%") for one in (found, *shares))
            rows.append((name, str(len(seeds)), named, *cells))
    return table(header, rows)


def main() -> None:
    """Compare on all situations with all seeds, and publish the table."""
    options = options_of(__doc__, SITUATIONS)
    comparisons = measure_missing(
        product(options.situation, range(options.seeds)),
        lambda run, scratch: compare(*run, scratch),
        run_of=lambda one: (one.situation, one.seed),
        read=lambda row: Comparison(**row),
        keep=options.keep,
    )
    publish("situation_detectors", text(comparisons), options.write)


if __name__ == "__main__":
    main()
