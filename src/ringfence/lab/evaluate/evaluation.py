"""Evaluate: plant attacks, replay them in time, and say what each detector let out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from ringfence.errors import SettingsError
from ringfence.lab.evaluate.detectors.detector import Detector
from ringfence.lab.evaluate.folding import Folding
from ringfence.lab.evaluate.null import Null, monthly, null_of, threshold_of
from ringfence.lab.evaluate.outcome import Outcome, curve, outcome_of
from ringfence.lab.evaluate.planting import plant
from ringfence.lab.evaluate.population import DAY, Population
from ringfence.lab.evaluate.replay import Every, Run, verdict_times
from ringfence.lab.evaluate.work_factor import CurvePoint
from ringfence.lab.simulate.attacks import Attack
from ringfence.pipeline import Progress

PAST_DAYS: Final = 30
"""Users have so many days of past when an attack begins, if the population is long enough for
it; else a quarter of its length."""

AT_ONCE: Final = 20_000_000
"""Planted takes held in memory at once; attacks beyond that wait for another pass."""


@dataclass(frozen=True)
class Curve:
    """How an attack went under one detector.

    Attributes:
        attack: name of the attack.
        detector: name of the detector.
        rows: (hours, distinct items of the ring, share of its accounts found).
    """

    attack: str
    detector: str
    rows: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Evaluation:
    """All that was measured.

    Attributes:
        population: where.
        attacks: what was planted: (name, description).
        detectors: who looked: (name, description).
        seeds: attacks were planted with seeds from 0 on, so many.
        every: how often verdicts were given.
        start: when the attacks began, seconds since 1970.
        end: when the replay ended at the latest.
        null: users alone.
        outcomes: one an attack, detector and seed, in this order.
        curves: of the first seed.
        adaptive: what an attacker gets that tries and improves; by how long an account lives.
    """

    population: Population
    attacks: tuple[tuple[str, str], ...]
    detectors: tuple[tuple[str, str], ...]
    seeds: int
    every: Every
    start: int
    end: int
    null: Null
    outcomes: tuple[Outcome, ...]
    curves: tuple[Curve, ...] = field(repr=False)
    adaptive: tuple[CurvePoint, ...] = ()


def evaluate(  # noqa: PLR0913 - each is one thing a user may want to say
    population: Population,
    attacks: Sequence[Attack],
    detectors: Sequence[Detector],
    *,
    scratch: Path,
    seeds: int = 1,
    every: Every = "auto",
    days: int | None = None,
    progress: Progress | None = None,
) -> Evaluation:
    """Plant attacks in a population one at a time, and replay each in time.

    All attacks begin on the same day of the population, and each is alone with the users. A
    replay ends when every detector has found every account, or with the campaign or the population.

    Args:
        population: users.
        attacks: what is planted; without any, only users are scored, at the end of each month.
        detectors: who looks.
        scratch: an existing folder for the attacks' events.
        seeds: how many times each attack is planted, with seeds from 0 on.
        every: how often verdicts are given.
        days: days of a campaign to replay, at most; None replays all that the population has room
            for.
        progress: told of each verdict.

    Raises:
        SettingsError: an attack takes nothing in these days, or the population is too short or
            too small for it.
    """
    progress = progress or Progress()
    first, end = _period(population, attacks, days)
    start = population.start + first * DAY
    stop = population.start + population.days * DAY
    moments = (stop,) if attacks else monthly(population.start, stop)
    campaigns = [min(a.strategy.days, (end - start) // DAY) * DAY for a in attacks]
    looks = sum(len(verdict_times(start, start + days_, every)) for days_ in campaigns)
    progress.begin(len(moments) + looks * seeds, lambda: 0.0)
    null = null_of(population, detectors, moments, progress.step)
    outcomes, curves = [], []
    plans = [(attack, seed) for attack in attacks for seed in range(seeds)]
    for batch in _batches(population, plans, null, detectors, (first, end), every, scratch):
        _replay(population, batch, null, progress)
        for run in batch:
            outcomes += [outcome_of(population, run.planted, watch, null) for watch in run.watches]
            curves += _curves(run, null)
    progress.end()
    return Evaluation(
        population,
        tuple((attack.name, attack.description) for attack in attacks),
        tuple((detector.name, detector.about) for detector in detectors),
        seeds,
        every,
        start,
        end,
        null,
        tuple(outcomes),
        tuple(curves),
    )


def _period(population: Population, attacks: Sequence[Attack], days: int | None) -> tuple[int, int]:
    """Return the first day of all attacks, and when the longest replay ends."""
    if days is not None and days < 1:
        raise SettingsError("must be at least 1", where="--days")
    longest = max((attack.strategy.days for attack in attacks), default=population.days)
    wanted = min(longest, days or longest)
    first = max(min(PAST_DAYS, population.days // 4), population.days - wanted)
    last = min(population.days, first + wanted)
    return first, population.start + last * DAY


def _batches(  # noqa: PLR0913, PLR0917 - what a run needs
    population: Population,
    plans: Sequence[tuple[Attack, int]],
    null: Null,
    detectors: Sequence[Detector],
    period: tuple[int, int],
    every: Every,
    scratch: Path,
) -> Iterator[list[Run]]:
    """Plant attacks, as many at once as fit in memory."""
    first, end = period
    days = (end - population.start) // DAY - first
    batch: list[Run] = []
    for attack, seed in plans:
        planted = plant(
            population,
            attack.name,
            attack.strategy,
            seed=seed,
            first_day=first,
            days=days,
            scratch=scratch,
            links=attack.links,
        )
        taken = planted.moment.size + sum(run.planted.moment.size for run in batch)
        if batch and taken > AT_ONCE:
            yield batch
            batch = []
        batch.append(Run(population, planted, detectors, null.bulk_keys, every))
    if batch:
        yield batch


def _replay(population: Population, batch: Sequence[Run], null: Null, progress: Progress) -> None:
    """Advance the population once, and every attack of the batch with it."""
    times = sorted({moment for run in batch for moment in run.times})
    live = list(batch)
    with Folding(f"SELECT * FROM {population.relation}", population.settings) as folding:  # noqa: S608 - quoted
        for moment in times:
            due = [run for run in live if moment in run.times]
            if due:
                folding.advance(moment)
            for run in due:
                planted = run.planted
                hours = (moment - planted.start) // 3600
                progress.step(f"{planted.attack}, seed {planted.seed}, hour {hours}")
                run.look(folding, moment)
                if moment == run.times[-1] or run.over(lambda watch: threshold_of(watch, null)):
                    run.close()
                    live.remove(run)


def _curves(run: Run, null: Null) -> list[Curve]:
    if run.planted.seed:
        return []
    return [
        Curve(
            run.planted.attack,
            watch.detector.name,
            curve(run.planted, watch.found_at(threshold_of(watch, null))),
        )
        for watch in run.watches
    ]
