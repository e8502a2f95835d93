"""Verdicts on the users of a scenario, alone and beside one planted account."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.scored_ledger import score_ledger

LABELS: Final = ("extracting", "suspect")
"""Verdicts that are counted."""


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
