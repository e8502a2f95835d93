"""Search for the strategy that takes the most items without a finding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from scipy import optimize
from scipy.stats import qmc

from ringfence.lab.evaluate.adaptive.families import STRATEGY_FAMILIES, StrategyFamily
from ringfence.lab.evaluate.adaptive.trials import LedgersInTime, Trial, TrialCampaign
from ringfence.lab.evaluate.population import Population
from ringfence.lab.simulate.extractors import Strategy
from ringfence.pipeline import Progress
from ringfence.stats.arrays import Floats

GENERATIONS: Final = 12
"""Generations of each family after the first one, which is random."""

FINALISTS: Final = 6
"""Candidates to try again with fresh seeds, because the best of a search is partly lucky."""

FRESH_SEEDS: Final = 4
"""Least number of seeds per finalist; without room for it, there are fewer finalists."""

FINALIST_STEP: Final = 0.9
"""Each finalist has at most this share of the items of the finalist before. Some finalists are then
far from being found."""


@dataclass(frozen=True)
class Generation:
    """The progress of a search after one generation.

    Attributes:
        family: name of the strategy.
        number: number of the generation; 0 is the random one.
        unseen: candidates of this generation that were never a finding.
        items: the most items of any unseen candidate so far; 0 without one.
    """

    family: str
    number: int
    unseen: int
    items: int


@dataclass(frozen=True)
class BestResponse:
    """The best strategy that the attacker found against the present detection.

    Attributes:
        strategy: the strategy of one account, with its parameters.
        days: lifetime of the account.
        items: distinct items that it takes without a finding: the median over the fresh seeds in
            which it was never a finding; 0 without such a seed.
        unseen: share of fresh seeds in which it was never a finding.
        seeds: number of fresh seeds.
        searched: items of the same candidate during the search, where lucky candidates win.
        strength: as in :class:`Trial`; the median over the fresh seeds.
        evidence: p-values by test at the campaign's end: medians over the fresh seeds. Tests that
            could not measure are left out.
        history: the generations of the search.
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


def best_response(  # noqa: PLR0913 - each parameter decides the search
    population: Population,
    days: int,
    *,
    scratch: Path,
    seed: int = 0,
    generations: int = GENERATIONS,
    families: Sequence[StrategyFamily] = STRATEGY_FAMILIES,
    progress: Progress | None = None,
) -> BestResponse:
    """Search for the strategy of one account that takes the most items without a finding.

    The search is differential evolution (Storn and Price 1997, by SciPy) over the parameters of
    each family. A generation is planted at once, with one account per candidate. The value of a
    candidate is its number of items if no verdict is a finding. Otherwise it is minus the strength
    of the evidence, which leads the search toward unseen candidates. The best candidates are then
    planted with fresh seeds and judged more often. The answer is the finalist with the most items
    times the share of seeds in which it was unseen.

    This attacker is told every verdict and knows all users, unlike any real one. On the other hand
    it optimises only the parameters of the families, with a few hundred candidates.

    Args:
        population: the users. They are folded once for the search and once for the fresh seeds.
        days: lifetime of an account. The campaign takes the last days of the population.
        scratch: an existing folder.
        seed: of the search.
        generations: generations per family after the first one.
        families: the search space.
        progress: is told of each generation.

    Raises:
        SettingsError: the population has too few days or users.
    """
    progress = progress or Progress()
    campaign = TrialCampaign(population, days, scratch)
    progress.begin(len(families) * (generations + 1) + 2, lambda: 0.0)
    progress.step("fold the population")
    with campaign.stored_ledgers() as ledgers:
        searches = [_Search(campaign, ledgers, family, seed, progress) for family in families]
        for search in searches:
            search.run(generations)
    history = [generation for search in searches for generation in search.history]
    progress.step("fresh seeds")
    finalists = _finalists([trial for search in searches for trial in search.trials])[
        : max(1, campaign.room // FRESH_SEEDS)
    ]
    best = _best_finalist(campaign, finalists, seed)
    progress.end()
    return BestResponse(days=days, history=tuple(history), **best)


class _Search:
    """The search of one family, with its trials so far."""

    def __init__(
        self,
        campaign: TrialCampaign,
        ledgers: LedgersInTime,
        family: StrategyFamily,
        seed: int,
        progress: Progress,
    ) -> None:
        self.history: list[Generation] = []
        self.trials: list[Trial] = []
        self._campaign = campaign
        self._ledgers = ledgers
        self._family = family
        self._seed = seed
        self._progress = progress

    def run(self, generations: int) -> None:
        """Search for a number of generations after the first, which is a Latin hypercube."""
        size = len(self._family.parameters)
        first = qmc.LatinHypercube(size, rng=self._seed).random(self._campaign.room)
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
        """Return (candidates,) values to minimise, for points of shape (parameters, candidates)."""
        number = len(self.history)
        self._progress.step(f"{self._family.name}, generation {number}")
        strategies = [self._family.strategy(point, self._campaign.days) for point in points.T]
        trials = self._campaign.run(self._ledgers, strategies, self._seed)
        self.trials += trials
        unseen = sum(not trial.seen for trial in trials)
        most = max((trial.items for trial in self.trials if not trial.seen), default=0)
        self.history.append(Generation(self._family.name, number, unseen, most))
        return np.array([t.strength if t.seen else -float(t.items) for t in trials])


def _finalists(trials: Sequence[Trial]) -> list[Trial]:
    """Return the best unseen candidate and some with fewer items.

    If all were seen, return the candidate with the weakest evidence.
    """
    unseen = sorted((trial for trial in trials if not trial.seen), key=lambda t: -t.items)
    finalists: list[Trial] = []
    for trial in unseen:
        if not finalists or trial.items <= FINALIST_STEP * finalists[-1].items:
            finalists.append(trial)
    return finalists[:FINALISTS] or [min(trials, key=lambda t: t.strength)]


def _best_finalist(
    campaign: TrialCampaign, finalists: Sequence[Trial], seed: int
) -> dict[str, Any]:
    """Try finalists with as many fresh seeds as there is room for, and describe the best one."""
    seeds = campaign.room // len(finalists)
    strategies = [trial.strategy for trial in finalists for _ in range(seeds)]
    with campaign.advancing_ledger() as ledgers:
        trials = campaign.run(ledgers, strategies, seed + 1)
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
