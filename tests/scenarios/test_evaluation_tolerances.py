"""Test permanent attacks on a small service, so that a loss of detection fails.

The tolerances are the present results with some slack. Lower them when detection improves. Raise
one only with a reason in the commit that does it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from ringfence.lab.evaluate import (
    AttackOutcome,
    Population,
    VerdictInterval,
    evaluate,
    open_population,
)
from ringfence.lab.evaluate.detectors import Ringfence
from ringfence.lab.simulate.attacks import load_attack
from ringfence.settings import Settings

SERVICE: Final = """
description = "400 users over 16 days, special ones of every kind among them."
seed = 3
days = 16
[catalogue]
items = 100_000
[users]
accounts = 400
kinds = { collector = 12, shop = 8, family = 16, newcomer = 12, binger = 12, shuffler = 12, \
follower = 24, granted = 2, crawler = 2 }
"""


@dataclass(frozen=True)
class Tolerance:
    """The worst outcome of an attack that passes.

    Attributes:
        attack: its permanent name.
        accounts: number of accounts to plant; few, because the service is small.
        found: least share of them that must be found.
        noticed: least share of them that must be suspects or found.
        each: most items that any of them may hold when it is found, or in the end.
    """

    attack: str
    accounts: int
    found: float
    noticed: float
    each: int


SWIFT: Final = (Tolerance("greedy", 1, 1.0, 1.0, 1_000),)
"""Judged every minute, in which the account takes about a hundred items."""

BOLD: Final = (
    Tolerance("greedy", 1, 1.0, 1.0, 5_000),
    Tolerance("even-ring-1000", 8, 1.0, 1.0, 1_000),
    Tolerance("waking-ring-1000", 8, 1.0, 1.0, 2_000),
    Tolerance("incident-480", 12, 1.0, 1.0, 1_000),
)
"""Found within two days of hourly verdicts. The greedy account takes its 5,000 within one hour."""

PATIENT: Final = (
    Tolerance("stolen", 6, 0.0, 1.0, 3_600),
    Tolerance("metadata-only", 2, 1.0, 1.0, 10_000),
    Tolerance("ring-restless", 8, 1.0, 1.0, 3_200),
    Tolerance("ring-played", 8, 1.0, 1.0, 3_200),
    Tolerance("ring-bursts", 8, 0.0, 1.0, 1_800),
)
"""Judged once per day, for twelve days. A quarter of this service's users are special and heavy.
Accounts that take as much as they do are not found here;
docs/evaluation.md shows where they are."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> tuple[Population, Path]:
    """Write and open the service."""
    folder = tmp_path_factory.mktemp("service")
    (folder / "service.toml").write_text(SERVICE)
    return open_population(str(folder / "service.toml"), Settings(), folder), folder


@pytest.mark.slow
@pytest.mark.parametrize(
    ("tolerances", "every", "days"),
    [(SWIFT, "minute", 1), (BOLD, "hour", 2), (PATIENT, "day", 12)],
    ids=["swift", "bold", "patient"],
)
def test_attacks_stay_within_their_tolerances(
    service: tuple[Population, Path],
    tolerances: Sequence[Tolerance],
    every: VerdictInterval,
    days: int,
) -> None:
    """Enough accounts are found soon enough, and no user of any kind is accused."""
    population, folder = service
    attacks = [load_attack(t.attack, {"accounts": t.accounts}) for t in tolerances]
    evaluation = evaluate(
        population, attacks, [Ringfence()], scratch=folder, every=every, days=days
    )
    assert evaluation.alone.accused == ()
    assert evaluation.alone.p_values.size == 400 - 2 - 2
    pairs = zip(tolerances, evaluation.outcomes, strict=True)
    assert [fault for tolerance, outcome in pairs for fault in faults(tolerance, outcome)] == []


def faults(tolerance: Tolerance, outcome: AttackOutcome) -> Iterator[str]:
    """Yield a sentence for everything that is worse than tolerated."""
    if outcome.accused:
        yield f"{tolerance.attack}: users accused: {outcome.accused}"
    if outcome.found < tolerance.found * outcome.extractors:
        yield f"{tolerance.attack}: {outcome.found} of {outcome.extractors} found"
    if (outcome.suspected_extractors or 0) < tolerance.noticed * outcome.extractors:
        yield f"{tolerance.attack}: {outcome.suspected_extractors} suspects"
    most = max(outcome.items_most or 0, outcome.items_unfound_most)
    if most > tolerance.each:
        yield f"{tolerance.attack}: an account with {most} items"
