"""Summarise the outcomes of situations over their seeds."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from ringfence.lab.evaluate.situations import SituationOutcome
from ringfence.lab.evaluate.summary import Estimate, estimate_mean
from ringfence.lab.simulate.attacks import load_attack


@dataclass(frozen=True)
class SituationSummary:
    """One situation over all seeds. Means have intervals over the seeds.

    Attributes:
        situation: its name.
        description: the attack in one sentence.
        accounts: accounts of the attack.
        found: share of these accounts in any finding.
        together: share of these accounts in the one finding that has most of them.
        honest_together: share of honest accounts in that finding.
        verdicts: the verdicts of that finding, sorted; "none" for a seed without one.
        held: distinct items that the found accounts took for the attack, until the scan.
        users: honest accounts of all seeds together.
        honest_found: those of them in any finding.
        honest_accused: those of them in a finding with the verdict extracting.
        cpu: processor time of the scan, seconds.
        outcomes: one per seed.
    """

    situation: str
    description: str
    accounts: int
    found: Estimate
    together: Estimate
    honest_together: Estimate
    verdicts: tuple[str, ...]
    held: Estimate
    users: int
    honest_found: int
    honest_accused: int
    cpu: Estimate
    outcomes: tuple[SituationOutcome, ...]


@dataclass(frozen=True)
class SituationResults:
    """The results of an evaluation of situations alone, without a population and attacks.

    Attributes:
        outcomes: one per situation and seed.
        seeds: number of seeds per situation, from 0 on.
        false_accusation_rate: the setting with which the scans judged.
    """

    outcomes: tuple[SituationOutcome, ...]
    seeds: int
    false_accusation_rate: float


def summarize_situations(outcomes: Sequence[SituationOutcome]) -> Iterator[SituationSummary]:
    """Yield a summary per situation, in the order of their first outcomes."""
    order = list(dict.fromkeys(one.situation for one in outcomes))
    ordered = sorted(outcomes, key=lambda one: (order.index(one.situation), one.seed))
    for _, seeds in groupby(ordered, key=lambda one: one.situation):
        yield _summary(tuple(seeds))


def _summary(seeds: tuple[SituationOutcome, ...]) -> SituationSummary:
    def mean(value: Callable[[SituationOutcome], float]) -> Estimate:
        return estimate_mean([value(one) for one in seeds])

    name = seeds[0].situation
    return SituationSummary(
        name,
        load_attack(name).description,
        accounts=seeds[0].accounts,
        found=mean(lambda one: one.found / one.accounts),
        together=mean(lambda one: one.together / one.accounts),
        honest_together=mean(lambda one: one.honest_share),
        verdicts=tuple(sorted({one.verdict or "none" for one in seeds})),
        held=mean(lambda one: one.held),
        users=sum(one.users for one in seeds),
        honest_found=sum(one.honest_found for one in seeds),
        honest_accused=sum(one.honest_accused for one in seeds),
        cpu=mean(lambda one: one.cpu),
        outcomes=seeds,
    )
