"""Evaluate detectors: plant attacks, replay them over time, and measure every outcome."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.growing_ledger import GrowingLedger
from ringfence.lab.evaluate.outcome import AttackOutcome, extraction_curve, measure_outcome
from ringfence.lab.evaluate.planting import PlantedAttack, plant
from ringfence.lab.evaluate.population import Population
from ringfence.lab.evaluate.replay import AttackReplay
from ringfence.lab.evaluate.situations import SituationOutcome
from ringfence.lab.evaluate.users_alone import (
    UsersAlone,
    accusation_threshold,
    month_ends,
    score_users_alone,
)
from ringfence.lab.evaluate.verdict_times import VerdictInterval, verdict_times
from ringfence.lab.evaluate.work_factor import LifetimeResult
from ringfence.lab.simulate.attacks import Attack
from ringfence.pipeline import Progress
from ringfence.stats.arrays import Floats
from ringfence.stats.seconds import DAY, HOUR

WARM_UP_DAYS: Final = 30
"""Days of the users' past before an attack begins. In a population too short for it, a quarter of
the population's days."""

MOST_TAKES_AT_ONCE: Final = 20_000_000
"""Planted takes in memory at once; further attacks wait for another pass over the population."""


@dataclass(frozen=True)
class ExtractionCurve:
    """The course of an attack under one detector.

    Attributes:
        attack: name of the attack.
        detector: name of the detector.
        rows: (times, 3): hours, distinct items of all extractors, share of the accounts found.
    """

    attack: str
    detector: str
    rows: Floats


@dataclass(frozen=True)
class Evaluation:
    """The results of an evaluation.

    Attributes:
        population: the users.
        attacks: the planted attacks: (name, description).
        detectors: the detectors: (name, description).
        seeds: number of seeds per attack, from 0 on.
        every: interval of the verdicts.
        start: when the attacks began, seconds since 1970.
        end: when the longest replay ended.
        alone: the users without an attack.
        outcomes: one per attack, seed and detector, in this order.
        curves: of the first seed.
        adaptive: results of the adaptive attacker, by lifetime of an account.
        situations: one outcome per situation and seed. They have users of their own.
    """

    population: Population
    attacks: tuple[tuple[str, str], ...]
    detectors: tuple[tuple[str, str], ...]
    seeds: int
    every: VerdictInterval
    start: int
    end: int
    alone: UsersAlone
    outcomes: tuple[AttackOutcome, ...]
    curves: tuple[ExtractionCurve, ...] = field(repr=False)
    adaptive: tuple[LifetimeResult, ...] = ()
    situations: tuple[SituationOutcome, ...] = ()


def evaluate(  # noqa: PLR0913 - each parameter is one choice of the operator
    population: Population,
    attacks: Sequence[Attack],
    detectors: Sequence[Detector],
    *,
    scratch: Path,
    seeds: int = 1,
    every: VerdictInterval = "auto",
    days: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Plant attacks in a population one at a time, and replay each over time.

    All attacks begin on the same day of the population, and each is alone with the users. A replay
    ends when every detector has found every account, or with the campaign or the population.

    Args:
        population: the users.
        attacks: the attacks to plant. Without any, only the users are scored, at the end of every
            30 days.
        detectors: the detectors to compare; at least one.
        scratch: an existing folder for the attacks' events.
        seeds: how often each attack is planted, with seeds from 0 on.
        every: interval of the verdicts.
        days: most days of a campaign to replay; None replays what fits in the population.
        progress: is told of each verdict.

    Raises:
        SettingsError: an attack takes nothing in these days, or the population is too short or
            too small for it.
    """
    progress = progress or Progress()
    plan = _Plan.of(population, attacks, detectors, seeds, every, days, scratch)
    stop = population.start + population.days * DAY
    moments = (stop,) if attacks else month_ends(population.start, stop)
    progress.begin(len(moments) + plan.verdicts(), lambda: 0.0)
    alone = score_users_alone(population, detectors, moments, progress.step)
    outcomes: list[AttackOutcome] = []
    curves: list[ExtractionCurve] = []
    for batch in _batches(plan, alone):
        _replay(population, batch, alone, progress)
        for run in batch:
            outcomes += [measure_outcome(population, run.planted, h, alone) for h in run.histories]
            curves += _curves(run, alone)
    progress.end()
    return Evaluation(
        population=population,
        attacks=tuple((attack.name, attack.description) for attack in attacks),
        detectors=tuple((detector.name, detector.about) for detector in detectors),
        seeds=seeds,
        every=every,
        start=plan.start,
        end=plan.end,
        alone=alone,
        outcomes=tuple(outcomes),
        curves=tuple(curves),
    )


@dataclass(frozen=True)
class _Plan:
    """All attacks to replay, and the days of the population in which they take place.

    Attributes:
        first_day: the first day of all attacks.
        end: the end of the longest replay, seconds since 1970.
    """

    population: Population
    attacks: Sequence[Attack]
    detectors: Sequence[Detector]
    seeds: int
    every: VerdictInterval
    scratch: Path
    first_day: int
    end: int

    @classmethod
    def of(  # noqa: PLR0913, PLR0917 - the parameters of evaluate
        cls,
        population: Population,
        attacks: Sequence[Attack],
        detectors: Sequence[Detector],
        seeds: int,
        every: VerdictInterval,
        days: int | None,
        scratch: Path,
    ) -> Self:
        """Place the attacks in the last days of the population."""
        if days is not None and days < 1:
            raise SettingsError("must be at least 1", where="--days")
        longest = max((attack.strategy.days for attack in attacks), default=population.days)
        wanted = min(longest, days or longest)
        first = max(min(WARM_UP_DAYS, population.days // 4), population.days - wanted)
        end = population.start + min(population.days, first + wanted) * DAY
        return cls(population, attacks, detectors, seeds, every, scratch, first, end)

    @property
    def start(self) -> int:
        """The start of all attacks, seconds since 1970."""
        return self.population.start + self.first_day * DAY

    def verdicts(self) -> int:
        """Return the most verdicts that all attacks with all seeds need."""
        days = (self.end - self.start) // DAY
        lengths = [min(attack.strategy.days, days) * DAY for attack in self.attacks]
        times = [verdict_times(self.start, self.start + length, self.every) for length in lengths]
        return self.seeds * sum(map(len, times))

    def plant(self, attack: Attack, seed: int) -> PlantedAttack:
        """Plant one attack with one seed."""
        return plant(
            self.population,
            attack.name,
            attack.strategy,
            seed=seed,
            first_day=self.first_day,
            days=(self.end - self.start) // DAY,
            scratch=self.scratch,
            links=attack.links,
            origin=attack.origin,
        )


def _batches(plan: _Plan, alone: UsersAlone) -> Iterator[list[AttackReplay]]:
    """Plant every attack with every seed, and yield as many at once as fit in memory."""
    batch: list[AttackReplay] = []
    for attack, seed in ((attack, seed) for attack in plan.attacks for seed in range(plan.seeds)):
        planted = plan.plant(attack, seed)
        takes = planted.moment.size + sum(run.planted.moment.size for run in batch)
        if batch and takes > MOST_TAKES_AT_ONCE:
            yield batch
            batch = []
        batch.append(
            AttackReplay(plan.population, planted, plan.detectors, alone.bulk_keys, plan.every)
        )
    if batch:
        yield batch


def _replay(
    population: Population, batch: Sequence[AttackReplay], alone: UsersAlone, progress: Progress
) -> None:
    """Advance the users once, and every attack of the batch beside them."""
    times = sorted({moment for run in batch for moment in run.times})
    open_runs = list(batch)
    with GrowingLedger(f"SELECT * FROM {population.relation}", population.settings) as users:  # noqa: S608 - quoted
        for moment in times:
            due = [run for run in open_runs if moment in run.times]
            if due:
                users.advance(moment)
            for run in due:
                planted = run.planted
                hours = (moment - planted.start) // HOUR
                progress.step(f"{planted.attack}, seed {planted.seed}, hour {hours}")
                run.score(users, moment)
                if moment == run.times[-1] or run.is_over(lambda h: accusation_threshold(h, alone)):
                    run.close()
                    open_runs.remove(run)


def _curves(run: AttackReplay, alone: UsersAlone) -> list[ExtractionCurve]:
    if run.planted.seed:
        return []
    return [
        ExtractionCurve(
            run.planted.attack,
            history.detector.name,
            extraction_curve(run.planted, history.found_at(accusation_threshold(history, alone))),
        )
        for history in run.histories
    ]
