"""Try strategies out: plant one account of each, and look at the moments that matter."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from ringfence.engine import literal
from ringfence.errors import SettingsError
from ringfence.lab.evaluate.adaptive.troupe import Troupe
from ringfence.lab.evaluate.folding import Folding, looked_at
from ringfence.lab.evaluate.planting import Planted, plant
from ringfence.lab.evaluate.population import DAY, Population
from ringfence.lab.evaluate.replay import snapshot_of
from ringfence.lab.simulate.extractors import Strategy
from ringfence.stats.arrays import Floats

MOST_SHARE: Final = 0.03
"""Candidates at once, as a share of the users: more would shift what is usual here."""

MOST_AT_ONCE: Final = 40

LEAST_AT_ONCE: Final = 5
"""An optimiser by differences needs so many."""

GLANCES: Final = (2, 7, 30, 90)
"""Days after which candidates are looked at during the search, besides their last day."""


@dataclass(frozen=True)
class Trial:
    """What became of one account.

    Attributes:
        strategy: what it did.
        items: distinct items it took.
        seen: whether any verdict was a finding, suspect or extracting.
        strength: the most evidence at any verdict: -log10 of the fused p-value, or of that of the
            family volume, which alone makes a suspect; whichever is more.
        evidence: p-values by test at the last verdict; NaN where a test could not measure.
    """

    strategy: Strategy
    items: int
    seen: bool
    strength: float
    evidence: dict[str, float]


Fields = Iterable[tuple[int, Folding]]
"""Moments with the population folded up to each."""


class Stage:
    """A campaign's place in a population: its last days, and who may be tried there.

    Args:
        population: users; enough of them, over enough days.
        days: days of the campaign.
        scratch: an existing folder for the events of candidates.

    Raises:
        SettingsError: the population is too short or too small.
    """

    def __init__(self, population: Population, days: int, scratch: Path) -> None:
        if days > population.days:
            raise SettingsError(
                f"needs {days} days, but there are {population.days}",
                where=f"attack adaptive, population {population.name}",
                hint="take a longer population, or fewer --days",
            )
        self.room = min(MOST_AT_ONCE, int(MOST_SHARE * population.accounts))
        if self.room < LEAST_AT_ONCE:
            raise SettingsError(
                f"needs {LEAST_AT_ONCE / MOST_SHARE:,.0f} users, but there are "
                f"{population.accounts:,}",
                where=f"attack adaptive, population {population.name}",
                hint="take a larger population, or --account-months",
            )
        self.population = population
        self.days = days
        self._first_day = population.days - days
        self._start = population.start + self._first_day * DAY
        self._scratch = scratch

    @contextmanager
    def held(self) -> Iterator[Fields]:
        """Fold the population once up to each of :data:`GLANCES`, to be used again and again."""
        with ExitStack() as stack:
            fields = []
            for moment in self._moments(GLANCES):
                fields.append((moment, stack.enter_context(self._folding())))
                fields[-1][1].advance(moment)
            yield fields

    @contextmanager
    def passing(self) -> Iterator[Fields]:
        """Fold the population anew, day by day in the first week and then week by week."""
        moments = self._moments((*range(1, 7), *range(7, self.days, 7)))
        with self._folding() as folding:
            yield _advancing(folding, moments)

    def tries(self, fields: Fields, strategies: Sequence[Strategy], seed: int) -> list[Trial]:
        """Plant one account of each strategy, all at once, and look at each moment."""
        troupe = Troupe.of(tuple(strategies), self.days)
        planted = plant(
            self.population,
            "adaptive",
            troupe,
            seed=seed,
            first_day=self._first_day,
            days=self.days,
            scratch=self._scratch,
        )
        seen = np.zeros(len(strategies), dtype=bool)
        strength = np.zeros(len(strategies))
        evidence: dict[str, Floats] = {}
        events = f"SELECT * FROM read_parquet({literal(str(planted.events))})"  # noqa: S608 - quoted
        with Folding(events, self.population.settings) as attack:
            for moment, field in fields:
                attack.advance(moment)
                found, amount, evidence = _looked(field, attack, planted, moment)
                seen |= found
                strength = np.maximum(strength, amount)
        items = _items(planted)
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

    def _folding(self) -> Folding:
        relation = f"SELECT * FROM {self.population.relation}"  # noqa: S608 - quoted
        return Folding(relation, self.population.settings)


def _advancing(folding: Folding, moments: Iterable[int]) -> Iterator[tuple[int, Folding]]:
    for moment in moments:
        folding.advance(moment)
        yield moment, folding


def _looked(
    field: Folding, attack: Folding, planted: Planted, moment: int
) -> tuple[np.ndarray, Floats, dict[str, Floats]]:
    """Return for each planted account whether it is a finding, its strength and its evidence."""
    with looked_at(field, attack) as context:
        snapshot = snapshot_of(context, field.ledger.settings, moment)
    scored = snapshot.scored
    rows = {name: row for row, name in enumerate(scored.accounts["account"])}
    # An account that has taken nothing yet is in no row; one more row stands for it.
    row = np.array([rows.get(name, scored.p_values.size) for name in planted.names])
    return (
        np.append(snapshot.labels != "", values=False)[row],
        np.append(-np.log10(scored.p_values), 0.0)[row],
        {test: np.append(p, np.nan)[row] for test, p in scored.by_test.items()},
    )


def _items(planted: Planted) -> np.ndarray:
    """Count the distinct items that each account took before the end."""
    inside = planted.moment < planted.end
    pairs = np.unique(np.column_stack([planted.account[inside], planted.item[inside]]), axis=0)
    return np.bincount(pairs[:, 0], minlength=planted.names.size)
