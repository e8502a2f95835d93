"""Outcomes over the seeds of an attack: means, and how far they can be trusted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from scipy import stats

from ringfence.lab.evaluate.outcome import Outcome

CONFIDENCE: Final = 0.95

LEAST_SEEDS: Final = 3
"""Fewer seeds than this say nothing of their spread."""


@dataclass(frozen=True)
class Estimate:
    """A mean with its 95 % confidence interval.

    Attributes:
        mean: the mean, or the share.
        low: lower end; None where there is no interval.
        high: upper end.
    """

    mean: float
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Summary:
    """One attack under one detector, over all seeds.

    Attributes:
        attack: name of the attack.
        detector: name of the detector.
        outcomes: one a seed.
        found: share of the extractors found; exact binomial interval (Clopper and Pearson), which
            takes accounts as independent although those of one ring are alike.
        items_median: distinct items an account held when it was found; over the seeds where any
            was found, None if none was.
        ring_first: distinct items the ring held when the first account was found; over the seeds
            where any was found, None if none was.
        ring_items: distinct items the ring got.
        use_share: share of all use that they carry.
        months_per_million: account-months per million items.
        work_factor: that, as a multiple of the incident's.
        first_hours: hours until the first account was found; None if there is a seed without.
        accused: different users accused at any seed.
        accused_most: upper end of the 95 % interval of the chance that a user of this population
            is accused: 3 / users where none is (the rule of three).
    """

    attack: str
    detector: str
    outcomes: tuple[Outcome, ...]
    found: Estimate
    items_median: Estimate | None
    ring_first: Estimate | None
    ring_items: Estimate
    use_share: Estimate
    months_per_million: Estimate
    work_factor: Estimate
    first_hours: Estimate | None
    accused: int
    accused_most: float


def summaries(outcomes: Sequence[Outcome]) -> Iterator[Summary]:
    """Summarise outcomes over seeds, in the order attacks and detectors come in first."""
    order = list(dict.fromkeys((o.attack, o.detector) for o in outcomes))
    by_place = sorted(outcomes, key=lambda o: (order.index((o.attack, o.detector)), o.seed))
    for _, group in groupby(by_place, key=lambda o: (o.attack, o.detector)):
        yield summary(tuple(group))


def summary(outcomes: tuple[Outcome, ...]) -> Summary:
    """Summarise the seeds of one attack under one detector; at least one."""
    first = outcomes[0]
    accused = {name for outcome in outcomes for name, _ in outcome.accused}
    hours = [o.first_hours for o in outcomes if o.first_hours is not None]
    held = [o.items_median for o in outcomes if o.items_median is not None]
    joint = [o.ring_first for o in outcomes if o.ring_first is not None]
    return Summary(
        first.attack,
        first.detector,
        outcomes,
        found=share(sum(o.found for o in outcomes), sum(o.extractors for o in outcomes)),
        items_median=mean(held) if held else None,
        ring_first=mean(joint) if joint else None,
        ring_items=mean([o.ring_items for o in outcomes]),
        use_share=mean([o.use_share for o in outcomes]),
        months_per_million=mean([o.months_per_million for o in outcomes]),
        work_factor=mean([o.work_factor for o in outcomes]),
        first_hours=mean(hours) if len(hours) == len(outcomes) else None,
        accused=len(accused),
        accused_most=most(len(accused), first.users),
    )


def mean(values: Sequence[float]) -> Estimate:
    """Return the mean; with enough seeds, with its bootstrap percentile interval.

    The resamples are seeded: the same values give the same interval.
    """
    array = np.asarray(values, dtype=np.float64)
    middle = float(array.mean())
    if array.size < LEAST_SEEDS:
        return Estimate(middle, None, None)
    if np.ptp(array) == 0:
        return Estimate(middle, middle, middle)
    interval = stats.bootstrap(
        (array,), np.mean, confidence_level=CONFIDENCE, method="percentile", rng=0
    ).confidence_interval
    return Estimate(middle, float(interval.low), float(interval.high))


def share(count: int, of: int) -> Estimate:
    """Return a share with its exact binomial interval (Clopper and Pearson 1934)."""
    interval = stats.binomtest(count, of).proportion_ci(CONFIDENCE, method="exact")
    return Estimate(count / of, float(interval.low), float(interval.high))


def most(count: int, of: int) -> float:
    """Return the upper end of the one-sided exact interval of a share; 1 of nothing.

    With none of n it is 1 - 0.05^(1/n), for which the rule of three says 3 / n.
    """
    if not of:
        return 1.0
    test = stats.binomtest(count, of, alternative="less")
    return float(test.proportion_ci(CONFIDENCE, method="exact").high)
