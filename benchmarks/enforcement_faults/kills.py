"""Kill a process that decides and delivers: at each of its steps, and at random moments."""

from __future__ import annotations

import gc
import os
import random
import signal
import time
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.enforcement_faults.acts import PLANS
from benchmarks.enforcement_faults.forked import Running, begin, end, run
from benchmarks.enforcement_faults.outcome import Comparison, Outcome
from benchmarks.enforcement_faults.steps import Steps
from benchmarks.enforcement_faults.workplace import NewStore, Workplace, workplace

_LONGEST: Final = 0.3
"""Seconds after which a process is killed at the latest."""

_BATCH: Final = 20
"""Random kills on one store."""

_LOOK: Final = 8
"""Kills at steps between two comparisons. Once wrong, a store stays so."""


def kills_at_every_step(
    database: str, new_store: NewStore, folder: Path, every: int
) -> Iterator[Outcome]:
    """Yield the outcome of each act.

    Args:
        database: name of the database.
        new_store: makes an empty store.
        folder: for the files of the sinks.
        every: kill at each step (1), or at each second one (2), and so on.
    """
    for plan in PLANS:
        outcome = Outcome(f"kill -9: {plan}", database)
        with workplace(new_store(), folder / plan) as place:
            _warm(place, plan)
            steps: list[str] = run(partial(_watched, place, plan, 1))
            run(partial(place.prepare, plan, 2))
            for trial, step in enumerate(range(0, len(steps), every), 2):
                outcome.trials += 1
                outcome.struck += _killed(begin(partial(_watched, place, plan, trial, step)))
                run(partial(_next, place, plan, trial))
                if trial % _LOOK == 0:
                    _look(place, trial, outcome)
            _look(place, trial, outcome)
        yield outcome


def _warm(place: Workplace, plan: str) -> None:
    """Do all once in this process, so that its copies have loaded and compiled everything."""
    place.prepare(plan, 0)
    place.act(plan, 0, Steps())
    place.go_on(0)
    place.prepare(plan, 1)
    gc.collect()
    gc.freeze()


def _watched(place: Workplace, plan: str, trial: int, last: int | None = None) -> list[str]:
    """Decide and deliver, and kill this process at a step if one is given."""
    steps = Steps(last)
    steps.watch(place.store)
    return place.act(plan, trial, steps)


def _killed(running: Running) -> bool:
    return end(running).signal == signal.SIGKILL


def _next(place: Workplace, plan: str, trial: int) -> None:
    """Deliver what is left of a trial, and prepare the next one."""
    place.deliver_rest(trial)
    place.prepare(plan, trial + 1)


def _look(place: Workplace, trial: int, outcome: Outcome) -> None:
    outcome.renew(Comparison(**run(partial(checked, place, trial))))


def kills_at_random(database: str, new_store: NewStore, folder: Path, trials: int) -> Outcome:
    """Kill a process that does all acts without a pause, at random moments.

    Args:
        database: name of the database.
        new_store: makes an empty store.
        folder: for the files of the sinks.
        trials: number of kills.
    """
    rng = random.Random(17)  # noqa: S311 - moments to kill at
    total = Outcome("kill -9 at a random moment", database, trials)
    for first in range(0, trials, _BATCH):
        batch = Outcome(total.fault, database)
        with workplace(new_store(), folder / f"random-{first}") as place:
            _warm(place, "two decisions")
            for kill in range(1, min(_BATCH, trials - first) + 1):
                running = begin(partial(_work, place, kill * 1_000))
                time.sleep(rng.uniform(0, _LONGEST))
                os.kill(running.process, signal.SIGKILL)
                total.struck += _killed(running)
                _look(place, kill * 1_000 + 999, batch)
        total.add(batch.found)
    return total


def checked(place: Workplace, trial: int) -> dict[str, object]:
    """Deliver what is left, and return what is wrong as a JSON object."""
    return asdict(place.go_on(trial))


def _work(place: Workplace, first: int) -> None:
    for number in range(first, first + 999):
        plan = tuple(PLANS)[number % len(PLANS)]
        place.prepare(plan, number)
        place.act(plan, number, Steps())
