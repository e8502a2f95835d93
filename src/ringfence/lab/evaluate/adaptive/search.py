"""The adaptive attacker: an optimiser that looks for the most items without a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import optimize
from scipy.stats import qmc

from ringfence.lab.evaluate.adaptive.families import FAMILIES, Family
from ringfence.lab.evaluate.adaptive.trial import Fields, Stage, Trial
from ringfence.lab.evaluate.population import Population
from ringfence.lab.simulate.extractors import Strategy
from ringfence.pipeline import Progress
from ringfence.stats.arrays import Floats

GENERATIONS: Final = 12
"""Generations of each family after the first, random one."""

FINALISTS: Final = 6
"""Candidates that are tried again with fresh seeds: the best of a search is partly luck."""

FRESH_SEEDS: Final = 4
"""Seeds that each finalist is tried with at least; fewer finalists where there is no room."""

LADDER: Final = 0.9
"""Each finalist has at most this share of the items of the one before, so that some keep away from
the brink."""


@dataclass(frozen=True)
class Generation:
    """How far a search had got.

    Attributes:
        family: which strategies.
        number: from 0, the random ones.
        unseen: candidates of this generation that were never a finding.
        items: the most items of any candidate unseen so far; 0 if there was none.
    """

    family: str
    number: int
    unseen: int
    items: int


@dataclass(frozen=True)
class BestResponse:
    """The best that the attacker found against the detection as it is.

    Attributes:
        strategy: with its parameters, for one account.
        days: how long the account lives.
        items: distinct items it takes unseen: the median over the fresh seeds in which it was; 0
            if it was seen in all of them.
        unseen: share of fresh seeds in which it was never a finding.
        seeds: how many fresh seeds.
        searched: items of the same candidate in the search, where its luck was chosen.
        strength: the most evidence at any verdict, as of :class:`Trial`; the median over the fresh
            seeds.
        evidence: p-values by test at the campaign's end; medians over the fresh seeds, tests that
            could not measure left out.
        history: of the search.
    """

    strategy: Strategy
    days: int
    items: float
    unseen: float
    seeds: int
    searched: int
    strength: float
    evidence: dict[str, float]
    history: tuple[Generation, ...] = field(repr=False)

    @property
    def parameters(self) -> dict[str, Any]:
        """The strategy's parameters by name."""
        return {one.name: getattr(self.strategy, one.name) for one in fields(self.strategy)}


def best_response(  # noqa: PLR0913 - each is one thing that decides the search
    population: Population,
    days: int,
    *,
    scratch: Path,
    seed: int = 0,
    generations: int = GENERATIONS,
    families: Sequence[Family] = FAMILIES,
    progress: Progress | None = None,
) -> BestResponse:
    """Look for the strategy of one account with the most items and never a finding.

    Differential evolution (Storn and Price 1997, by SciPy) over each family's parameters: a
    generation is planted at once, one account a candidate, and its value is the items if no
    verdict is a finding, else minus the evidence, which gives a slope to climb. The best
    candidates are then planted anew with fresh seeds and looked at more often; the one with the
    most items among the least seen is the answer.

    The attacker is told every verdict and knows all users, which no real one does; but it
    optimises no more than the families' parameters, and a few hundred candidates.

    Args:
        population: users; it is folded once for the search and once for the fresh seeds.
        days: how long an account lives; the campaign is in the last days of the population.
        scratch: an existing folder.
        seed: of the search.
        generations: of each family.
        families: where to look.
        progress: told of each generation.

    Raises:
        SettingsError: the population is too short or too small.
    """
    progress = progress or Progress()
    stage = Stage(population, days, scratch)
    progress.begin(len(families) * (generations + 1) + 2, lambda: 0.0)
    progress.step("fold the population")
    history: list[Generation] = []
    tried: list[Trial] = []
    with stage.held() as field_:
        for family in families:
            search = _Search(stage, field_, family, seed, progress)
            search.run(generations)
            history += search.history
            tried += search.tried
    progress.step("fresh seeds")
    finalists = _finalists(tried)[: max(1, stage.room // FRESH_SEEDS)]
    best = _verified(stage, finalists, seed)
    progress.end()
    return BestResponse(days=days, history=tuple(history), **best)


class _Search:
    """One family's search, with what it has tried."""

    def __init__(
        self, stage: Stage, field: Fields, family: Family, seed: int, progress: Progress
    ) -> None:
        self.history: list[Generation] = []
        self.tried: list[Trial] = []
        self._stage = stage
        self._field = field
        self._family = family
        self._seed = seed
        self._progress = progress

    def run(self, generations: int) -> None:
        """Search for so many generations after the first, which is a Latin hypercube."""
        size = len(self._family.parameters)
        first = qmc.LatinHypercube(size, rng=self._seed).random(self._stage.room)
        optimize.differential_evolution(
            self._values,  # type: ignore[arg-type] # the stubs know of no vectorized functions
            optimize.Bounds(np.zeros(size), np.ones(size)),
            maxiter=generations,
            init=first,
            updating="deferred",
            vectorized=True,
            polish=False,
            tol=0,
            rng=self._seed,
        )

    def _values(self, points: Floats) -> Floats:
        """Return the value of each column of (parameters, candidates); less is better."""
        number = len(self.history)
        self._progress.step(f"{self._family.name}, generation {number}")
        strategies = [self._family.strategy(point, self._stage.days) for point in points.T]
        trials = self._stage.tries(self._field, strategies, self._seed)
        self.tried += trials
        unseen = sum(not trial.seen for trial in trials)
        most = max((trial.items for trial in self.tried if not trial.seen), default=0)
        self.history.append(Generation(self._family.name, number, unseen, most))
        return np.array([t.strength if t.seen else -float(t.items) for t in trials])


def _finalists(tried: Sequence[Trial]) -> list[Trial]:
    """Return the best unseen candidate and some below it; if all were seen, the least suspect."""
    unseen = sorted((trial for trial in tried if not trial.seen), key=lambda t: -t.items)
    finalists: list[Trial] = []
    for trial in unseen:
        if not finalists or trial.items <= LADDER * finalists[-1].items:
            finalists.append(trial)
    return finalists[:FINALISTS] or [min(tried, key=lambda t: t.strength)]


def _verified(stage: Stage, finalists: Sequence[Trial], seed: int) -> dict[str, Any]:
    """Try finalists with fresh seeds, as many as there is room for, and describe the best."""
    seeds = stage.room // len(finalists)
    strategies = [trial.strategy for trial in finalists for _ in range(seeds)]
    with stage.passing() as field_:
        trials = stage.tries(field_, strategies, seed + 1)
    results = [
        _description(finalist, trials[n * seeds : (n + 1) * seeds])
        for n, finalist in enumerate(finalists)
    ]
    return max(results, key=lambda one: (one["unseen"] * one["items"], one["unseen"]))


def _description(finalist: Trial, trials: Sequence[Trial]) -> dict[str, Any]:
    unseen = [trial.items for trial in trials if not trial.seen]
    tests = trials[0].evidence
    by_test = {test: np.array([trial.evidence[test] for trial in trials]) for test in tests}
    return {
        "strategy": finalist.strategy,
        "items": float(np.median(unseen)) if unseen else 0.0,
        "unseen": len(unseen) / len(trials),
        "seeds": len(trials),
        "searched": finalist.items,
        "strength": float(np.median([trial.strength for trial in trials])),
        "evidence": {
            test: float(np.nanmedian(p)) for test, p in by_test.items() if not np.isnan(p).all()
        },
    }
