"""The state of all accounts: charged once, kept over crashes, and right about honest people."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from ringfence.errors import OutputError
from ringfence.service.exposure.budget import BudgetRule, Limits
from ringfence.service.exposure.feed import FEED_TYPE
from ringfence.service.exposure.keys import hash_pair
from ringfence.service.exposure.state import ExposureSize, ExposureState, exceeded
from ringfence.service.files import ServiceFolder
from ringfence.stats.seconds import DAY

NOW = 1_800_000_000
SECRET = bytes(range(32))
SMALL = ExposureSize(pairs=100_000, accounts=10_000)


def opened(folder: Path, rule: BudgetRule | None = None) -> ExposureState:
    """Open the state of a folder."""
    return ExposureState(ServiceFolder(folder), SECRET, rule or BudgetRule(), SMALL, NOW)


def takes(
    account: int, items: range, moment: int = NOW
) -> np.ndarray[tuple[int], np.dtype[np.void]]:
    """Return rows of the feed."""
    return np.array([(account, item, moment * 1_000) for item in items], FEED_TYPE)


def test_a_take_is_charged_once(tmp_path: Path) -> None:
    """A take that was charged when a gateway asked is not charged when the judge tells it."""
    state = opened(tmp_path)
    state.charge(1, hash_pair(1, 10), NOW)
    assert state.count(takes(1, range(10, 15)), NOW) == 4
    assert state.count(takes(1, range(10, 15)), NOW) == 0
    assert state.use(1, NOW)[:3] == (5, 5, 5)
    assert state.holds(1, 12)
    assert not state.holds(2, 12)


def test_a_pair_that_is_told_twice_at_once_counts_once(tmp_path: Path) -> None:
    """Rows of one piece may repeat a pair."""
    state = opened(tmp_path)
    rows = np.concatenate([takes(1, range(5)), takes(1, range(3, 8))])
    assert state.count(rows, NOW) == 8
    assert state.use(1, NOW).hour == 8


def test_a_copy_does_not_fill_the_windows(tmp_path: Path) -> None:
    """A device that syncs 9,000 tracks past the gateway leaves the account its next month."""
    state = opened(tmp_path)
    for start in range(0, 9_000, 500):
        state.count(takes(1, range(start, start + 500)), NOW)
    use = state.use(1, NOW)
    assert use.copied == 9_000 - 800
    assert use[:3] == (800, 800, 800)


def test_the_longest_exceeded_window_counts(tmp_path: Path) -> None:
    """An account that has used its month is told so, also if its hour is used up."""
    limits: Limits = (2, 3, 5)
    state = opened(tmp_path)
    results = []
    for item in range(6):
        results.append(exceeded(state.use(1, NOW), limits))
        state.charge(1, hash_pair(1, item), NOW)
    assert results == [-1, -1, 0, 1, 1, 2]


def test_files_of_another_secret_are_refused(tmp_path: Path) -> None:
    """With another secret all names would be new, so the files are not used."""
    opened(tmp_path).close()
    with pytest.raises(OutputError, match="made with another secret"):
        ExposureState(ServiceFolder(tmp_path), bytes(32), BudgetRule(), SMALL)


def test_after_the_machine_stopped_counters_are_forgiven(tmp_path: Path) -> None:
    """If the machine was started again without a clean end, all accounts begin at zero."""
    state = opened(tmp_path)
    state.count(takes(1, range(10)), NOW)
    state.accounts.header[2] = 12345
    state.accounts.sync()
    again = opened(tmp_path)
    assert again.forgiven
    assert again.use(1, NOW)[:3] == (0, 0, 0)
    assert again.use(1, NOW + DAY).first == NOW
    assert again.holds(1, 3)
    again.close()
    assert not opened(tmp_path).forgiven


KILLED = """
import sys
from pathlib import Path
from tests.service.exposure.test_state import *
state = opened(Path(sys.argv[1]))
print("ready", flush=True)
number = 0
while True:
    items = range(number * 20, number * 20 + 20)
    rows = np.concatenate([takes(account, items) for account in range(1, 30)])
    state.count(rows, NOW)
    number += 1
    state.passed(number)
"""


@pytest.mark.slow
def test_a_killed_process_loses_at_most_one_piece(tmp_path: Path) -> None:
    """After kill -9 no take is counted twice, and at most one piece is missing."""
    for _ in range(5):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        worker = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(tmp_path)],
            stdout=subprocess.PIPE, env=environment,
        )  # fmt: skip
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(0.05)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        worker.stdout.close()
    state = opened(tmp_path, BudgetRule(month=10**6, day=10**6, hour=10**6))
    done = state.position + 1
    assert done > 5
    # Feed files of each process begin again at 0, so all known pairs are those of the longest run.
    for account in range(1, 30):
        counted = state.use(account, NOW).month + state.use(account, NOW).copied
        held = sum(state.holds(account, item) for item in range(20 * (done + 500)))
        assert counted <= held
        # The filter takes a few items for known that nobody has told.
        assert held - counted <= 5 * 20 + 10


def test_a_disk_without_room_is_told_at_the_start(tmp_path: Path) -> None:
    """Files that do not fit are refused at once. Later, a write would end the process."""
    size = ExposureSize(pairs=10**14, accounts=10)
    with pytest.raises(OutputError, match=r"pairs-00\.filter: there is no room for .* MiB"):
        ExposureState(ServiceFolder(tmp_path), SECRET, BudgetRule(), size)
