"""A judge opens a case seconds after the events, without another scan; and it forgets old rows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tests.service.judge.logs import add_segment, service
from tests.service.judge.test_running import Judge, batches
from tests.service.judge.test_running import started as started  # noqa: PLC0414 - a fixture

from ringfence.cases import open_store
from ringfence.cases.listing import list_cases
from ringfence.service.judge.volume_gate import MOST_AT_ONCE
from ringfence.testing import extractor, together, users

SOURCES = 3


@pytest.mark.slow
def test_a_case_is_opened_between_two_scans(tmp_path: Path, started: Callable[..., Judge]) -> None:
    """An account that begins after the only scan has a case; nobody else has."""
    folder = service(tmp_path / "service")
    for records in batches(users(100), SOURCES):
        add_segment(folder, ("http", records))
    judge = started(scan_seconds=1e9, fold_seconds=0.1)
    before = judge.until(lambda told: told.get("last_scan"))["last_scan"]
    assert before["gates"]["new_1"] > 50
    late = extractor("late", days=2, hours=24, per_hour=60)
    late["ts"] = late["ts"] + np.timedelta64(28 * 24, "h")
    for records in batches(late, SOURCES):
        add_segment(folder, ("http", records))
    status = judge.until(lambda told: told["screening"]["cases"])
    assert status["last_scan"]["began"] == before["began"]
    assert status["screening"]["error"] == ""
    with open_store(folder.cases) as store, store.reading() as connection:
        assert [case.subject for case in list_cases(connection)] == ["late"]
    judge.until(lambda _: not folder.screened_part.exists())
    assert "1 new cases" in judge.stop()


@pytest.mark.slow
def test_nothing_waits_for_the_next_fold(tmp_path: Path, started: Callable[..., Judge]) -> None:
    """Waiting events are folded, and more accounts than are examined at once, as soon as may be."""
    folder = service(tmp_path / "service")
    for records in batches(users(100), SOURCES):
        add_segment(folder, ("http", records))
    first = started(scan_seconds=1e9, fold_seconds=0.1)
    first.until(lambda told: told.get("last_scan"))
    first.stop()
    judge = started(scan_seconds=1e9, fold_seconds=1e6)
    judge.until(lambda told: told["process"] == judge.process.pid and told["doing"] == "waiting")
    names = [f"late-{number}" for number in range(MOST_AT_ONCE + 10)]
    late = together(*(extractor(name, days=1, hours=24, per_hour=30) for name in names))
    late["ts"] = late["ts"] + np.timedelta64(28 * 24, "h")
    add_segment(folder, ("http", *batches(late, 1)))
    status = judge.until(lambda told: told["screening"]["examined"] == len(names))
    assert status["folds"] == 1
    judge.stop()


@pytest.mark.slow
def test_old_rows_are_forgotten(tmp_path: Path, started: Callable[..., Judge]) -> None:
    """With 20 days kept, the first days of 28 are gone before the first scan."""
    folder = service(tmp_path / "service")
    for records in batches(users(30), SOURCES):
        add_segment(folder, ("http", records))
    judge = started(keep_days=20, screens=False)
    judge.until(lambda told: told.get("last_scan"))
    assert "forgot everything before 2025-06-10" in judge.stop()
