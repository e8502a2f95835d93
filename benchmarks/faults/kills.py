"""Kill a scan at any moment: the same command must then give the result of an undisturbed scan."""

from __future__ import annotations

import random
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any, Final

from benchmarks.faults.forked import begin, end, end_after
from benchmarks.faults.inputs import days
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.runs import DONE, complaints, contents, differences, remains

_FIRST: Final = 0.1
"""Seconds after the first bytes of a ledger within which its creation is killed."""

_PATIENCE: Final = 60.0

Killer = Callable[[ForkServerProcess, Path, random.Random], bool]


def killed_scans(folder: Path, trials: int, seed: int = 1) -> list[Outcome]:
    """Kill scans at random moments, and others while they create their ledger.

    Args:
        folder: for logs and results.
        trials: number of kills of both kinds; a third of them while the ledger is created.
        seed: of the moments.
    """
    logs = days(folder / "logs")
    truth, needed = _undisturbed(logs, folder / "truth")
    anywhere = Outcome("kill -9 at any moment", trials - trials // 3)
    creation = Outcome("kill -9 while a ledger is created", trials // 3)
    return [
        _trials(anywhere, logs, truth, _anywhere(needed), seed),
        _trials(creation, logs, truth, _at_creation, seed),
    ]


def _undisturbed(logs: Sequence[Path], folder: Path) -> tuple[Mapping[str, Any], float]:
    end(begin(_scan(logs), folder.with_name("first")), folder.with_name("first"))
    began = time.monotonic()
    done = end(begin(_scan(logs), folder), folder)
    if done.status != DONE:
        raise SystemExit(f"the undisturbed scan failed: {done.errors}")
    return contents(folder, folder / "book"), time.monotonic() - began


def _scan(logs: Sequence[Path]) -> list[str | Path]:
    return ["scan", *logs, "--ledger", "book", "--out", "out"]


def _anywhere(needed: float) -> Killer:
    """Kill at any moment of the time that an undisturbed scan needs."""
    return lambda process, _, rng: end_after(process, rng.uniform(0, needed))


def _at_creation(process: ForkServerProcess, folder: Path, rng: random.Random) -> bool:
    """Kill soon after the first file of the ledger appears."""
    until = time.monotonic() + _PATIENCE
    while process.exitcode is None and time.monotonic() < until:
        if any("book" in path.name for path in folder.iterdir()):
            return end_after(process, rng.uniform(0, _FIRST))
        time.sleep(0.0005)
    return False


def _trials(
    outcome: Outcome, logs: Sequence[Path], truth: Mapping[str, Any], kill: Killer, seed: int
) -> Outcome:
    rng, began = random.Random(f"{outcome.fault} {seed}"), time.monotonic()  # noqa: S311 - moments
    for number in range(outcome.trials):
        trial = logs[0].parent.with_name("trial")
        process = begin(_scan(logs), trial)
        outcome.struck += kill(process, trial, rng)
        again = end(begin(_scan(logs), trial), trial)
        outcome.peak = max(outcome.peak, again.peak)
        wrong = _wrong(again.status == DONE, complaints(again), trial, truth)
        outcome.wrong += [f"trial {number}: {'; '.join(wrong)}"] if wrong else []
        shutil.rmtree(trial)
    outcome.seconds = time.monotonic() - began
    return outcome


def _wrong(done: bool, found: Sequence[str], trial: Path, truth: Mapping[str, Any]) -> list[str]:
    if not done:
        return [f"the next scan failed: {(trial / 'stderr').read_text()[:200]}", *found]
    changed = differences(truth, contents(trial, trial / "book"))
    left = remains(trial)
    return [
        *found,
        *(f"{name} differs" for name in changed),
        *(f"left behind: {path}" for path in left),
    ]
