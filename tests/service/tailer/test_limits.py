"""A full disk, a judge that lags, and sources that lag are told, and end by themselves."""

from __future__ import annotations

import errno
import os
import time
from pathlib import Path

import pytest
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import line, settings, stored, tailer, told, until

from ringfence.errors import OutputError, SettingsError
from ringfence.service.event_log import LogFullError, closed_segments
from ringfence.service.files import ServiceFolder
from ringfence.service.tailer.place_table import PlaceTable
from ringfence.settings import Settings
from ringfence.stats.seconds import DAY


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a new service."""
    folder = ServiceFolder(tmp_path / "live")
    folder.create()
    return folder


def test_a_full_disk_loses_nothing(
    folder: ServiceFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lines are read again when there is room, and those that were refused count once."""
    log = tmp_path / "a.log"
    log.write_text("".join(map(line, range(80))))
    session = Session(folder, settings({"path": str(log)}))
    session.steps(0.2)
    with log.open("a") as file:
        file.write("".join(map(line, range(80, 120))))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fdatasync", full)
        for _ in range(3):
            with pytest.raises(LogFullError):
                session.step()
    session.steps(0.2)
    session.crash()
    assert dict(stored(folder)) == dict.fromkeys(map(line, range(120)), 1)


def test_places_that_cannot_be_stored_hold_segments_back(
    folder: ServiceFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The judge gets no segment whose places are not on disk."""
    log = tmp_path / "a.log"
    log.write_text("".join(map(line, range(80))))
    session = Session(folder, settings({"path": str(log)}))

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(session.writer, "_before_close", full)
        session.steps(0.2)
        time.sleep(1)
        session.step()
        assert closed_segments(folder.tail_log) == []
    session.step()
    assert len(closed_segments(folder.tail_log)) == 1
    session.crash()


def test_a_clock_that_jumps_lets_no_file_be_read_again(
    folder: ServiceFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that rests keeps its place; it loses it after 31 days in which it was not there."""
    log = tmp_path / "a.log"
    log.write_text("".join(map(line, range(80))))
    chosen = settings({"path": str(log)})
    session = Session(folder, chosen)
    session.until(80)
    for days in (400, -4_000):
        with monkeypatch.context() as patch:
            now = time.time() + days * DAY
            patch.setattr(time, "time", lambda now=now: now)
            session.table.store()
            session.crash()
            session = Session(folder, chosen)
            session.steps(0.2)
            session.table.store()
    session.crash()
    assert dict(stored(folder)) == dict.fromkeys(map(line, range(80)), 1)
    table = PlaceTable(folder)
    with monkeypatch.context() as patch:
        later = time.monotonic() + 31 * DAY
        patch.setattr(time, "monotonic", lambda: later)
        table.store()
    assert not list(table.files())


def test_sources_that_lag_are_told(folder: ServiceFolder, tmp_path: Path) -> None:
    """A file that is not there is an alarm after a while, and so is a judge that lags."""
    log = tmp_path / "a.log"
    chosen = settings({"path": str(log)}, source_lag_seconds=0.2, lag_mb=1)
    with tailer(folder, chosen):
        until(lambda: told(folder).get("lagging") == [str(log)])
        with log.open("w") as file:
            file.writelines(map(line, range(20_000)))
        until(lambda: told(folder)["lines"] == 20_000 and not told(folder)["lagging"])
        until(lambda: told(folder)["waiting_bytes"] > 1_000_000)
        with log.open("a") as file:
            file.writelines(map(line, range(20_000, 20_010)))
        until(lambda: "the judge lags" in told(folder)["error"])
        for segment in closed_segments(folder.tail_log):
            segment.unlink()
        until(lambda: told(folder)["lines"] == 20_010)


def test_a_damaged_table_of_places_is_refused(folder: ServiceFolder) -> None:
    """It is never taken for an empty one, for all files would be read again."""
    folder.tail_positions.write_text("[{]")
    with pytest.raises(OutputError, match="cannot be read"):
        PlaceTable(folder)


def test_an_unknown_column_of_a_source_is_refused() -> None:
    """The settings of a source are checked as those of a scan are."""
    with pytest.raises(SettingsError, match=r"columns\.nothing"):
        settings({"path": "a", "columns": {"nothing": "a"}})
    with pytest.raises(SettingsError, match="time zone"):
        settings({"path": "a", "time_zone": "Mars"})
    assert Settings().service.files == ()


def test_a_source_that_cannot_be_read_is_told_at_once(
    folder: ServiceFolder, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    """One line says why within two seconds, long before the source counts as late."""
    log = tmp_path / "missing.log"
    with tailer(folder, settings({"path": str(log)}, source_lag_seconds=600)):
        until(lambda: bool(told(folder).get("sources")))
        time.sleep(2)
    lines = [one for one in capfd.readouterr().out.splitlines() if "missing.log" in one]
    assert lines == [f"{log}: cannot be read: No such file or directory"]
