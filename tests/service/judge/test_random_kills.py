"""A judge that is killed again and again, folding and scanning, counts each event once."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.service.judge.logs import add_segment, fed, holdings, left, lines, service, take
from tests.service.judge.test_running import Judge, started

__all__ = ["started"]

KILLS = 8
SEGMENTS = 10


@pytest.mark.slow
def test_random_kills_lose_and_double_nothing(
    tmp_path: Path, started: Callable[..., Judge]
) -> None:
    """Segments come between the kills, and a scan runs most of the time."""
    folder = service(tmp_path / "service")
    random = np.random.default_rng(20)
    written = 0
    for _ in range(KILLS):
        judge = started(fold_seconds=0.05, scan_seconds=0.1, deliver_seconds=0.1, fold_bytes=1)
        for _ in range(SEGMENTS):
            records = [take(f"a{written}", f"i{number}", 60 * number) for number in range(5)]
            add_segment(folder, ("http", lines(records)), ("tail", lines(records[:1])))
            written += 1
            time.sleep(random.uniform(0, 0.1))
        judge.until(lambda told: told.get("folds"))
        time.sleep(random.uniform(0, 2))
        os.kill(judge.process.pid, signal.SIGKILL)
        judge.process.wait()
    judge = started(fold_seconds=0.05, scan_seconds=0.1)
    judge.until(lambda told: told.get("waiting_segments") == 0 and told.get("last_scan"))
    judge.stop()
    assert left(folder) == []
    taken = holdings(folder)
    assert len(taken) == 5 * written
    # The same take in two streams is one double click.
    assert {uses for _, _, uses in taken} == {1}
    assert len({(account, item) for account, item, _ in fed(folder)}) == 5 * written


@pytest.mark.slow
def test_folds_go_on_while_a_scan_runs(tmp_path: Path, started: Callable[..., Judge]) -> None:
    """Segments that come during a scan are folded before it ends."""
    folder = service(tmp_path / "service")
    add_segment(folder, ("http", lines([take("ana", "a", 10)])))
    judge = started(fold_seconds=0.05, scan_seconds=0.0)
    judge.until(lambda told: told.get("scanning"))
    for number in range(3):
        before = judge.status()["folds"]
        add_segment(folder, ("http", lines([take("ana", f"b{number}", 100 * number)])))
        status = judge.until(lambda told, before=before: told["folds"] > before)  # type: ignore[misc] # bound now
        assert status["waiting_segments"] == 0
    judge.until(lambda told: told.get("last_scan"))
    judge.stop()
    assert len(holdings(folder)) == 4
