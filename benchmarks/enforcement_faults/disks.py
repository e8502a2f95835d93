"""Fill the disk with the store and the file of nginx while a process decides and delivers.

The disk is a small file system in memory. Another file takes all of its space but a few pages.
After the trial there is room again, and another process goes on.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Final

from benchmarks.enforcement_faults.acts import PLANS
from benchmarks.enforcement_faults.forked import begin, end, run
from benchmarks.enforcement_faults.kills import checked
from benchmarks.enforcement_faults.outcome import Comparison, Outcome
from benchmarks.enforcement_faults.steps import Steps
from benchmarks.enforcement_faults.workplace import NewStore, Workplace, workplace

from ringfence.errors import CasesError

_SIZE: Final = 32 << 20
_STEP: Final = 4 * 4096
"""Four pages more are free each time that all acts were tried."""


def full_disks(new_store: NewStore, folder: Path, trials: int) -> Outcome:
    """Do each act with 0, 4, 8 … free pages.

    Args:
        new_store: makes an empty store in SQLite, which is moved to the disk.
        folder: where the disk is mounted.
        trials: number of trials.
    """
    outcome = Outcome("full disk", "SQLite", trials)
    with _disk(folder / "disk") as disk, workplace(_moved(new_store(), disk), disk) as place:
        for trial in range(trials):
            _try(outcome, place, trial)
        outcome.add(Comparison(**run(partial(checked, place, trials))))
    return outcome


def _moved(store: str, disk: Path) -> str:
    return str(shutil.copy(store, disk / "cases.sqlite"))


def _try(outcome: Outcome, place: Workplace, trial: int) -> None:
    """Do one act on a full disk, and go on when there is room again."""
    plan = tuple(PLANS)[trial % len(PLANS)]
    run(partial(place.prepare, plan, trial))
    ballast = place.folder / "ballast"
    _fill(ballast, trial // len(PLANS) * _STEP)
    ended = end(begin(partial(_act, place, plan, trial)))
    ballast.unlink()
    outcome.struck += bool(ended.value)
    if ended.error or ended.signal:
        outcome.found.state.append(f"{plan}, trial {trial}: {ended.signal} {ended.error}")
    run(partial(checked, place, trial))


def _act(place: Workplace, plan: str, trial: int) -> str:
    """Return how the full disk was reported; empty if nobody has noticed it."""
    try:
        place.act(plan, trial, Steps())
    except CasesError as error:
        return str(error)
    return ""


def _fill(ballast: Path, rest: int) -> None:
    """Take all free space but a rest, in bytes."""
    free = shutil.disk_usage(ballast.parent).free
    ballast.write_bytes(bytes(max(0, free - rest)))


@contextmanager
def _disk(place: Path) -> Iterator[Path]:
    """Mount a small file system."""
    place.mkdir(parents=True)
    options = f"size={_SIZE},mode=0700"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
