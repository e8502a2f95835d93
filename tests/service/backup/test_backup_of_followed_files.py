"""A backup has what was read from log files, and how far they were read."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import pytest
from tests.service.judge.logs import fold, holdings
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import line, settings, stored

from ringfence.service.backup import back_up, restore, writing
from ringfence.service.backup.backup_contents import CopiedFile
from ringfence.service.files import ServiceFolder
from ringfence.service.reviewers import Reviewer, SessionStore


@pytest.mark.parametrize("closing", [1, 2, 3, 5])
def test_no_line_is_lost_or_read_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closing: int
) -> None:
    """The tailer goes on before each file that is copied, and closes segments meanwhile."""
    log, folder = tmp_path / "access.log", ServiceFolder(tmp_path / "live")
    log.write_text("".join(map(line, range(60))))
    session = Session(folder, settings({"path": str(log), "from_start": True}))
    session.until(60)
    numbers, real = count(60), writing.copied

    def copied(source: Path, target: Path) -> CopiedFile:
        number = next(numbers)
        with log.open("a", encoding="utf-8") as file:
            file.write(line(number))
        session.writer._seconds = 0.0 if number % closing == 0 else 60.0  # noqa: SLF001 - as time
        session.step()
        return real(source, target)

    monkeypatch.setattr(writing, "copied", copied)
    back_up(folder, None, tmp_path / "copy")
    session.crash()
    last = next(numbers)
    assert last > 64
    restored = ServiceFolder(tmp_path / "restored")
    restore(tmp_path / "copy", restored, None)
    again = Session(restored, settings({"path": str(log), "from_start": True}))
    again.steps()
    again.crash()
    assert stored(restored) == dict.fromkeys(map(line, range(last)), 1)
    fold(restored)
    assert holdings(restored)


def test_sessions_are_copied_as_one_state(tmp_path: Path) -> None:
    """A database and its log, copied one after the other, could be damaged together."""
    folder = ServiceFolder(tmp_path / "live")
    folder.create()
    store = SessionStore(folder)
    secret = store.begin(Reviewer("Mia", "viewer", "", "2026-11-29T09:00:00Z"))
    contents = back_up(folder, None, tmp_path / "copy")
    store.close()
    assert [name for name in contents.files if name.startswith("sessions")] == ["sessions.sqlite"]
    restored = ServiceFolder(tmp_path / "restored")
    restore(tmp_path / "copy", restored, None)
    again = SessionStore(restored)
    assert again.find(secret) is not None
    again.close()
