"""Summarise outcomes over the seeds of an attack: means with confidence intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

import numpy as np
from scipy import stats

from ringfence.lab.evaluate.outcome import AttackOutcome

CONFIDENCE: Final = 0.95

LEAST_SEEDS: Final = 3
"""Seeds from which on a mean has an interval; the spread of fewer seeds cannot be estimated."""


@dataclass(frozen=True)
class Estimate:
    """A mean or a share with its 95 % confidence interval.

    Attributes:
        mean: the mean or the share.
        low: lower end; None without an interval.
        high: upper end; None without an interval.
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
        outcomes: one per seed.
        found: share of the extractors found. The exact binomial interval (Clopper and Pearson)
            assumes independent accounts, although the accounts of one ring are alike.
        items_median: distinct items of an account when it was found, over the seeds in which any
            was; None if there is no such seed.
        ring_first: distinct items of all extractors when the first was found, over the same seeds.
        ring_items: distinct items of all extractors in the end.
        use_share: share of all use that they carry.
        months_per_million: account-months per million items.
        work_factor: that as a multiple of the incident's.
        first_hours: hours until the first account was found; None if a seed has none.
        accused: number of different users accused with any seed.
        accused_most: upper end of the 95 % interval of the chance that a user of this population
            is accused. With nobody accused it is about 3 / users (the rule of three).
    """

    attack: str
    detector: str
    outcomes: tuple[AttackOutcome, ...]
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


def summarize(outcomes: Sequence[AttackOutcome]) -> Iterator[Summary]:
    """Yield a summary per attack and detector, in the order of their first outcomes."""
    order = list(dict.fromkeys((o.attack, o.detector) for o in outcomes))
    by_place = sorted(outcomes, key=lambda o: (order.index((o.attack, o.detector)), o.seed))
    for _, group in groupby(by_place, key=lambda o: (o.attack, o.detector)):
        yield summarize_seeds(tuple(group))


def summarize_seeds(outcomes: tuple[AttackOutcome, ...]) -> Summary:
    """Summarise the seeds of one attack under one detector; at least one outcome."""
    first = outcomes[0]
    accused = {name for outcome in outcomes for name, _ in outcome.accused}
    hours = [o.first_hours for o in outcomes if o.first_hours is not None]
    held = [o.items_median for o in outcomes if o.items_median is not None]
    joint = [o.ring_first for o in outcomes if o.ring_first is not None]
    return Summary(
        first.attack,
        first.detector,
        outcomes,
        found=estimate_share(sum(o.found for o in outcomes), sum(o.extractors for o in outcomes)),
        items_median=estimate_mean(held) if held else None,
        ring_first=estimate_mean(joint) if joint else None,
        ring_items=estimate_mean([o.ring_items for o in outcomes]),
        use_share=estimate_mean([o.use_share for o in outcomes]),
        months_per_million=estimate_mean([o.months_per_million for o in outcomes]),
        work_factor=estimate_mean([o.work_factor for o in outcomes]),
        first_hours=estimate_mean(hours) if len(hours) == len(outcomes) else None,
        accused=len(accused),
        accused_most=upper_bound(len(accused), first.users),
    )


def estimate_mean(values: Sequence[float]) -> Estimate:
    """Return the mean and, with enough values, its bootstrap percentile interval.

    The bootstrap is seeded, so the same values give the same interval.
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


def estimate_share(count: int, total: int) -> Estimate:
    """Return a share with its exact binomial interval (Clopper and Pearson 1934)."""
    interval = stats.binomtest(count, total).proportion_ci(CONFIDENCE, method="exact")
    return Estimate(count / total, float(interval.low), float(interval.high))


def upper_bound(count: int, total: int) -> float:
    """Return the upper end of the one-sided exact interval of a share; 1 if the total is 0.

    With a count of 0 it is 1 - 0.05^(1/total), or about 3 / total (the rule of three).
    """
    if not total:
        return 1.0
    test = stats.binomtest(count, total, alternative="less")
    return float(test.proportion_ci(CONFIDENCE, method="exact").high)
