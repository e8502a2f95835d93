"""Try candidate strategies: plant one account of each, and record its verdicts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.errors import SettingsError
from ringfence.events.formats.source_columns import path_sql
from ringfence.lab.evaluate.adaptive.candidates import CandidateStrategies
from ringfence.lab.evaluate.growing_ledger import GrowingLedger, joint_context
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.scored_ledger import score_ledger
from ringfence.lab.simulate.extractors import Strategy
from ringfence.stats.arrays import Flags, Floats, Integers
from ringfence.stats.seconds import DAY

MOST_SHARE: Final = 0.03
"""Candidates at once, as a share of the users. More candidates would change what is usual."""

MOST_CANDIDATES: Final = 40

LEAST_CANDIDATES: Final = 5
"""Differential evolution needs at least five candidates per generation."""

SEARCH_DAYS: Final = (2, 7, 30, 90)
"""Days after which candidates are judged during the search, besides their last day."""

LedgersInTime = Iterable[tuple[int, GrowingLedger]]
"""Moments, each with the population folded up to it."""


@dataclass(frozen=True)
class Trial:
    """The result of one candidate account.

    Attributes:
        strategy: its strategy.
        items: distinct items that it took.
        seen: whether any verdict on it was a finding, suspect or extracting.
        strength: the strongest evidence at any verdict: the larger -log10 of two p-values, the
            fused one and the one of the volume family, which alone can make a suspect.
        evidence: p-values by test at the last verdict; NaN where a test could not measure.
    """

    strategy: Strategy
    items: int
    seen: bool
    strength: float
    evidence: dict[str, float]


class TrialCampaign:
    """The last days of a population, in which candidates are tried.

    Args:
        population: the users.
        days: days of the campaign.
        scratch: an existing folder for the events of candidates.

    Raises:
        SettingsError: the population has too few days or users.
    """

    def __init__(self, population: Population, days: int, scratch: Path) -> None:
        if days > population.days:
            raise SettingsError(
                f"needs {days} days, but there are {population.days}",
                where=f"attack adaptive, population {population.name}",
                hint="choose a longer population, or fewer --days",
            )
        self.room = min(MOST_CANDIDATES, int(MOST_SHARE * population.accounts))
        if self.room < LEAST_CANDIDATES:
            raise SettingsError(
                f"needs {LEAST_CANDIDATES / MOST_SHARE:,.0f} users, but there are "
                f"{population.accounts:,}",
                where=f"attack adaptive, population {population.name}",
                hint="choose a larger population, or add --account-months",
            )
        self.population = population
        self.days = days
        self._first_day = population.days - days
        self._start = population.start + self._first_day * DAY
        self._scratch = scratch

    @contextmanager
    def stored_ledgers(self) -> Iterator[LedgersInTime]:
        """Fold the population up to each of :data:`SEARCH_DAYS`, for use in many trials."""
        with ExitStack() as stack:
            ledgers = []
            for moment in self._moments(SEARCH_DAYS):
                ledgers.append((moment, stack.enter_context(self._ledger())))
                ledgers[-1][1].advance(moment)
            yield ledgers

    @contextmanager
    def advancing_ledger(self) -> Iterator[LedgersInTime]:
        """Fold the population for one trial: daily in the first week, then weekly."""
        moments = self._moments((*range(1, 7), *range(7, self.days, 7)))
        with self._ledger() as ledger:
            yield _advance(ledger, moments)

    def run(self, ledgers: LedgersInTime, strategies: Sequence[Strategy], seed: int) -> list[Trial]:
        """Plant one account per strategy, all at once, and judge it at each moment.

        Args:
            ledgers: from :meth:`stored_ledgers` or :meth:`advancing_ledger`.
            strategies: strategies of one account each, at most ``room``.
            seed: of all random choices.
        """
        planted = plant(
            self.population,
            "adaptive",
            CandidateStrategies.of(tuple(strategies), self.days),
            seed=seed,
            first_day=self._first_day,
            days=self.days,
            scratch=self._scratch,
        )
        seen = np.zeros(len(strategies), dtype=bool)
        strength = np.zeros(len(strategies))
        evidence: dict[str, Floats] = {}
        events = f"SELECT * FROM read_parquet({path_sql(planted.events)})"  # noqa: S608 - quoted
        with GrowingLedger(events, self.population.settings) as attack:
            for moment, users in ledgers:
                attack.advance(moment)
                found, amount, evidence = _judge(users, attack, planted, moment)
                seen |= found
                strength = np.maximum(strength, amount)
        items = _distinct_items(planted)
        return [
            Trial(
                strategy,
                int(items[row]),
                bool(seen[row]),
                float(strength[row]),
                {test: float(p[row]) for test, p in evidence.items()},
            )
            for row, strategy in enumerate(strategies)
        ]

    def _moments(self, days: Iterable[int]) -> list[int]:
        return [self._start + day * DAY for day in (*(d for d in days if d < self.days), self.days)]

    def _ledger(self) -> GrowingLedger:
        relation = f"SELECT * FROM {self.population.relation}"  # noqa: S608 - quoted
        return GrowingLedger(relation, self.population.settings)


def _advance(ledger: GrowingLedger, moments: Iterable[int]) -> Iterator[tuple[int, GrowingLedger]]:
    for moment in moments:
        ledger.advance(moment)
        yield moment, ledger


def _judge(
    users: GrowingLedger, attack: GrowingLedger, planted: PlantedAttack, moment: int
) -> tuple[Flags, Floats, dict[str, Floats]]:
    """Return, per planted account, whether it is a finding, its strength and its evidence."""
    with joint_context(users, attack) as context:
        ledger = score_ledger(context, users.ledger.settings, moment)
    scored = ledger.scored
    rows = {name: row for row, name in enumerate(scored.accounts["account"])}
    # An account that has taken nothing yet has no row; it gets the extra last row.
    row = np.array([rows.get(name, scored.p_values.size) for name in planted.names])
    return (
        np.append(ledger.labels != "", values=False)[row],
        np.append(-np.log10(scored.p_values), 0.0)[row],
        {test: np.append(p, np.nan)[row] for test, p in scored.by_test.items()},
    )


def _distinct_items(planted: PlantedAttack) -> Integers:
    """Return (extractors,) the number of distinct items that each took before the end."""
    inside = planted.moment < planted.end
    pairs = np.unique(np.column_stack([planted.account[inside], planted.item[inside]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=planted.names.size)
