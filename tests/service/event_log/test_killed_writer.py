"""A writer may be killed at any moment."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ringfence.service.event_log import Batch, LogWriter, closed_segments, read_batches

WRITER = Path(__file__).with_name("kill_writer.py")


def killed(log: Path, first: int, after: float) -> int:
    """Run a writer and kill it; return the last key that it acknowledged."""
    command = [sys.executable, str(WRITER), str(log), str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout
        said = process.stdout.readline()
        time.sleep(after)
        process.kill()
        said += process.stdout.read()
    return int(said[: said.rindex(b"\n")].split()[-1])


def keys_in(log: Path) -> list[int]:
    """Return the keys in all closed segments, and check their records."""
    batches = [batch for segment in closed_segments(log) for batch in read_batches(segment)]
    for batch in batches:
        assert batch.records == f"{batch.key}\n".encode() * (int(batch.key) % 700)
    return [int(batch.key) for batch in batches]


def moments(count: int) -> list[float]:
    """Return random times in seconds, always the same ones."""
    chance = random.Random(18)  # noqa: S311 - moments, not secrets
    return [chance.uniform(0, 0.15) for _ in range(count)]


def check_kills(log: Path, count: int) -> None:
    """Kill writers, let a client repeat what was not acknowledged, and delete used segments."""
    first, found = 0, []
    for moment in moments(count):
        last = killed(log, first, moment)
        with LogWriter(log) as writer:
            # The client does not know whether these were stored, and sends them again.
            again = range(last - 3, last + 5)
            writer.append([Batch("test", str(k), b"%d\n" % k * (k % 700)) for k in again if k >= 0])
            first = again[-1] + 1
        found += keys_in(log)
        for segment in closed_segments(log):
            segment.unlink()
    assert sorted(found) == list(range(first))


def test_nothing_is_lost_or_stored_twice(tmp_path: Path) -> None:
    """All acknowledged batches are found once, whenever the writer was killed."""
    check_kills(tmp_path, 8)


@pytest.mark.slow
def test_nothing_is_lost_or_stored_twice_after_forty_kills(tmp_path: Path) -> None:
    """The same holds for 40 kills; ``python -m benchmarks.live_kills`` makes more."""
    check_kills(tmp_path, 40)
