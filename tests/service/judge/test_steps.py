"""A step of the judge ends, whatever comes meanwhile."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from tests.service.judge.logs import SETTINGS, add_segment, lines, service, take

from ringfence.engine.duckdb import DuckDBEngine
from ringfence.service.judge import SegmentFolder, run_judge, running
from ringfence.service.judge.folding import FoldOutcome


class ScanBegan(BaseException):
    """A scan has begun."""


def test_a_scan_begins_although_segments_keep_coming(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Folds that take as long as segments need to come do not keep scans from beginning."""
    folder = service(tmp_path / "service")
    add_segment(folder, ("http", lines([take("ana", "a", 1)])))
    fold, folds = SegmentFolder.fold_waiting, []

    def slow_fold(self: SegmentFolder, follows: datetime | None = None) -> FoldOutcome | None:
        outcome = fold(self, follows)
        folds.append(outcome)
        assert len(folds) < 5, "no scan begins"
        add_segment(folder, ("http", lines([take("ana", f"b{len(folds)}", 9)])))
        return outcome

    def begin(_: object) -> None:
        raise ScanBegan

    monkeypatch.setattr(SegmentFolder, "fold_waiting", slow_fold)
    monkeypatch.setattr(running, "take_snapshot", begin)
    with pytest.raises(ScanBegan):
        run_judge(folder, SETTINGS)
    assert len(folds) == 1


def test_memory_of_the_database_is_released_from_time_to_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the judge would keep parts of the ledger until the memory limit is reached."""
    folder = service(tmp_path / "service")
    add_segment(folder, ("http", lines([take("ana", "a", 1)])))
    release, released = DuckDBEngine.release_memory, []

    def note_release(engine: DuckDBEngine) -> None:
        release(engine)
        released.append("aged_holdings" in engine.tables())

    def begin(_: object) -> None:
        raise ScanBegan

    monkeypatch.setattr(running, "_FOLDS_PER_LOOK", 1)
    monkeypatch.setattr(DuckDBEngine, "release_memory", note_release)
    monkeypatch.setattr(running, "take_snapshot", begin)
    with pytest.raises(ScanBegan):
        run_judge(folder, SETTINGS)
    assert released == [True]
