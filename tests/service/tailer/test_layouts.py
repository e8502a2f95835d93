"""Logs of every layout that a scan reads can be followed, and give the same takes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest
from tests.events.test_every_log_adds_up import LOGS, marked
from tests.service.judge.logs import opened, service
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import settings

from ringfence.engine import Engine
from ringfence.events import Source
from ringfence.ledger import open_writable
from ringfence.service.files import ServiceFolder
from ringfence.service.judge import SegmentFolder
from ringfence.testing.small_ledger import ONE_THREAD

_TAKES: Final = (
    "SELECT account, item, uses FROM holdings JOIN accounts USING (account_key) "
    "JOIN items USING (item_key) ORDER BY ALL"
)

_SOME: Final = ("csv ','", "w3c", "w3c, tabs", "ndjson", "logfmt", "icecast", "haproxy")


def texts(name: str) -> list[str]:
    """Return the header of a log and six lines of two accounts."""
    header, line = LOGS[name]
    return [*header, line, marked(line), line, line, marked(line), marked(line)]


def scanned(path: Path) -> list[tuple[str, str, int]]:
    """Return the takes that a scan finds in a whole file."""
    ledger = open_writable(None, ONE_THREAD)
    with ledger.engine as engine:
        ledger.fold(Source(path, path.name))
        ledger.compact()
        return engine.rows(_TAKES)


def folded(folder: ServiceFolder) -> list[tuple[str, str, int]]:
    """Return the takes that the judge finds in the log."""
    ledger = opened(folder)
    notes: list[str] = []
    with ledger.engine as engine:
        while SegmentFolder(folder, ledger, notes.append).fold_waiting():
            pass
        assert notes == []
        ledger.compact()
        return _rows(engine)


def _rows(engine: Engine) -> list[tuple[str, str, int]]:
    return engine.rows(_TAKES)


def follow(root: Path, name: str) -> tuple[list[tuple[str, str, int]], Mapping[str, str]]:
    """Follow a log whose lines come one after the other; return takes and formats."""
    folder = service(root / "live")
    path = root / "some.log"
    session = Session(folder, settings({"path": str(path)}))
    formats: dict[str, str] = {}
    for text in texts(name):
        with path.open("a", encoding="utf-8") as file:
            file.write(f"{text}\n")
        session.steps(0.15)
        # A file that rests is closed, and then it has no status.
        formats |= {one.name: one.format for one in session.watch.statuses if one.format}
        session.writer._begin_another()  # noqa: SLF001 - each line is a segment of its own
    session.steps(0.2)
    session.writer.close()
    session.watch.close()
    return folded(folder), formats


@pytest.mark.slow
@pytest.mark.parametrize("name", _SOME)
def test_a_layout_is_followed(tmp_path: Path, name: str) -> None:
    """Each line is in a segment of its own, and read as in the whole file."""
    takes, formats = follow(tmp_path, name)
    assert takes == scanned(tmp_path / "some.log")
    assert takes
    assert next(iter(formats.values()))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(set(LOGS) - set(_SOME)))
def test_every_layout_is_followed(tmp_path: Path, name: str) -> None:
    """All other layouts are, too."""
    takes, _ = follow(tmp_path, name)
    assert takes == scanned(tmp_path / "some.log")
