"""Let several processes decide and deliver on one store at once."""

from __future__ import annotations

import random
from functools import partial
from pathlib import Path

from benchmarks.enforcement_faults.acts import Stage
from benchmarks.enforcement_faults.forked import begin, end, run
from benchmarks.enforcement_faults.kills import checked
from benchmarks.enforcement_faults.outcome import Comparison, Outcome
from benchmarks.enforcement_faults.steps import Steps
from benchmarks.enforcement_faults.workplace import NewStore, Workplace, workplace
from tests.cases.findings import moment

from ringfence.errors import CasesError
from ringfence.model.finding import Action

_CASES = 5
"""Cases that all processes decide about."""

_ACTIONS: tuple[Action, ...] = ("throttle", "challenge", "suspend")


def processes_at_once(
    database: str, new_store: NewStore, folder: Path, processes: int, rounds: int
) -> Outcome:
    """Let processes decide about the same cases, and deliver after each decision.

    Struck are the decisions that were refused, because another process had decided, and the
    deliveries that were left to another process.

    Args:
        database: name of the database.
        new_store: makes an empty store.
        folder: for the files of the sinks.
        processes: number of processes.
        rounds: decisions of each process.
    """
    name = f"{processes} processes on one store"
    outcome = Outcome(name, database, processes * rounds)
    with workplace(new_store(), folder / name) as place:
        run(partial(_open, place))
        jobs = [begin(partial(_work, place, seed, rounds)) for seed in range(processes)]
        for job in jobs:
            ended = end(job)
            outcome.struck += ended.value or 0
            outcome.found.state += [ended.error] * bool(ended.error)
        outcome.add(Comparison(**run(partial(checked, place, 2))))
    return outcome


def _open(place: Workplace) -> None:
    with place.store:
        for case in range(_CASES):
            Stage(place.store, str(case), moment(0)).open()


def _work(place: Workplace, seed: int, rounds: int) -> int:
    rng, struck = random.Random(seed), 0  # noqa: S311 - choices of cases
    with place.store:
        for number in range(rounds):
            stage = Stage(place.store, str(rng.randrange(_CASES)), moment(0))
            try:
                stage.decide(rng.choice(("account", "ring")), rng.choice(_ACTIONS))
            except CasesError:
                struck += 1
            reports = place.deliver(moment(0) + number, Steps())
            struck += sum(report.busy for report in reports)
    return struck
