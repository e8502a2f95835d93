"""Verdicts on the users of a scenario, alone and beside one planted account."""

from __future__ import annotations

import argparse
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import numpy as np
from benchmarks.page import publish, table

from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.scored_ledger import score_ledger

LABELS: Final = ("extracting", "suspect")
"""Verdicts that are counted."""


@dataclass
class Measurement:
    """Verdicts over all seeds.

    Attributes:
        extractors: number of seeds by (what the planted account does ..., its verdict).
        users: number of users by (kind, verdict), without an attack.
        without: the same from a ledger in which the evidence of the benchmark was deleted.
        accounts: number of users of each kind.
        beside: users with the verdict *extracting* beside any of the attacks.
    """

    extractors: Counter[tuple[Any, ...]] = field(default_factory=Counter)
    users: Counter[tuple[str, str]] = field(default_factory=Counter)
    without: Counter[tuple[str, str]] = field(default_factory=Counter)
    accounts: Counter[str] = field(default_factory=Counter)
    beside: int = 0

    def verdict_on(self, attack: tuple[Any, ...], seeds: int) -> str:
        """Return the verdict on a planted account, or the number of seeds with each verdict."""
        extracting, suspect = (self.extractors[(*attack, label)] for label in LABELS)
        if extracting == seeds:
            return "extracting"
        if suspect == seeds:
            return "suspect"
        return f"{extracting} extracting, {suspect} suspect" if extracting + suspect else "–"

    def users_table(self, deleted: str) -> str:
        """Return the verdicts on users by kind, with and without what was ``deleted``."""
        header = ("kind", "users", *LABELS, *(f"{label}, {deleted} deleted" for label in LABELS))
        rows = [
            (
                kind,
                f"{number:,}",
                *(f"{self.users[kind, label]:,}" for label in LABELS),
                *(f"{self.without[kind, label]:,}" for label in LABELS),
            )
            for kind, number in sorted(self.accounts.items())
        ]
        return table(header, rows)


def publish_seeds(
    name: str,
    description: str | None,
    measure_seed: Callable[[Measurement, int, Path], None],
    text: Callable[[Measurement, int], str],
) -> None:
    """Measure all seeds and publish the tables, as the options of the command line say.

    Args:
        name: name of the benchmark, which marks its section in the page.
        description: shown by ``--help``.
        measure_seed: adds the verdicts of one seed; it may use an empty folder.
        text: returns the tables, given the number of seeds.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", type=Path)
    arguments = parser.parse_args()
    found = Measurement()
    for seed in range(arguments.seeds):
        with tempfile.TemporaryDirectory() as folder:
            measure_seed(found, seed, Path(folder))
    publish(name, text(found, arguments.seeds), arguments.write)


def user_labels(population: Population, users: GrowingLedger) -> Iterator[tuple[str, str]]:
    """Yield the kind and the verdict of each user with a verdict."""
    for name, label in _verdicts(population, users).items():
        yield population.kind(name), label


def label_beside(
    population: Population, users: GrowingLedger, select: str, name: str
) -> tuple[str, int]:
    """Return the verdict on one planted account, and the number of users that are extracting.

    Args:
        population: the users.
        users: their ledger, at the moment at which all are judged.
        select: a SELECT of the events of the planted account.
        name: of the planted account.
    """
    with GrowingLedger(select, population.settings) as own:
        own.advance(users.moment)
        labels = _verdicts(population, users, own)
    label = labels.pop(name, "")
    return label, sum(other == "extracting" for other in labels.values())


def _verdicts(population: Population, *ledgers: GrowingLedger) -> dict[str, str]:
    """Return the verdict of each account with a verdict, by name. Rings are not searched."""
    with joint_context(*ledgers) as context:
        moment = ledgers[0].moment
        ledger = score_ledger(context, population.settings, moment, search_groups=False)
        names = ledger.scored.accounts["account"]
        rows = np.flatnonzero(np.isin(ledger.labels, LABELS))
        return {str(names[row]): str(ledger.labels[row]) for row in rows}
