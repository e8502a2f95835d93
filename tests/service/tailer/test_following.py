"""Log files are followed while they grow, are rotated, emptied, compressed and shortened."""

from __future__ import annotations

import gzip
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.service.judge.logs import fold, holdings
from tests.service.tailer.steps import Session
from tests.service.tailer.tail_worker import line, settings, stored

from ringfence.service.event_log import LogWriter
from ringfence.service.files import ServiceFolder


def lines(first: int, last: int) -> str:
    """Return some lines of a log."""
    return "".join(map(line, range(first, last)))


def append(path: Path, text: str) -> None:
    """Append to a file."""
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


@pytest.fixture
def folder(tmp_path: Path) -> ServiceFolder:
    """Return the folder of a new service."""
    return ServiceFolder(tmp_path / "live")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """Return the path of a log with 60 lines."""
    (tmp_path / "logs").mkdir()
    path = tmp_path / "logs" / "access.log"
    append(path, lines(0, 60))
    return path


def check(folder: ServiceFolder, last: int) -> None:
    """Check that each line up to a number is stored once, and nothing else is."""
    found = stored(folder)
    expected = set(map(line, range(last)))
    assert {one: times for one, times in found.items() if times > 1} == {}
    assert expected - set(found) == set()
    assert set(found) - expected == set()


def rename(log: Path) -> None:
    """Rotate a log by another name."""
    log.rename(log.with_name("access.log.1"))


def copy_and_empty(log: Path) -> None:
    """Rotate a log by a copy, as copytruncate does."""
    shutil.copy(log, log.with_name("access.log.1"))
    os.truncate(log, 0)


def compress(log: Path) -> None:
    """Rotate a log by another name, and compress it at once."""
    data = log.read_bytes()
    with gzip.open(log.with_name("access.log.1.gz"), "wb") as file:
        file.write(data)
    log.unlink()


ROTATIONS = (rename, copy_and_empty, compress)


@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_rotated_log_is_read_once(
    folder: ServiceFolder, log: Path, rotate: Callable[[Path], None]
) -> None:
    """Lines that were written just before the rotation count, and none counts twice."""
    session = Session(folder, settings({"path": str(log.with_name("access.log*"))}))
    session.steps(0.3)
    append(log, lines(60, 70))
    rotate(log)
    append(log, lines(70, 80))
    session.steps()
    append(log, lines(80, 90))
    session.steps()
    session.crash()
    check(folder, 90)


@pytest.mark.parametrize("pattern", ["access.log", "access.log*"])
@pytest.mark.parametrize("rotate", ROTATIONS)
def test_a_log_may_be_rotated_while_nobody_reads(
    folder: ServiceFolder, log: Path, rotate: Callable[[Path], None], pattern: str
) -> None:
    """After a crash, the rest of the former file is found under its new name."""
    chosen = settings({"path": str(log.with_name(pattern))})
    session = Session(folder, chosen)
    session.steps(0.3)
    session.crash()
    append(log, lines(60, 70))
    rotate(log)
    append(log, lines(70, 200))
    for _ in range(2):
        session = Session(folder, chosen)
        session.steps()
        session.crash()
    check(folder, 200)


def test_a_line_without_an_end_waits(folder: ServiceFolder, log: Path) -> None:
    """Half a line is not read; when the file has another name, its last line needs no end."""
    session = Session(folder, settings({"path": str(log)}))
    append(log, line(60)[:20])
    session.steps()
    append(log, line(60)[20:] + line(61)[:-1])
    session.steps()
    assert len(stored_lines(session)) == 61
    rename(log)
    session.steps(0.8)
    session.crash()
    check(folder, 62)


def stored_lines(session: Session) -> list[str]:
    """Return the places that are known, as a sign of how much was read."""
    place = next(iter(session.table.files()))
    text = Path(place.path).read_bytes()[: place.offset]
    return text.decode().splitlines()


def test_new_files_of_a_pattern_are_read(folder: ServiceFolder, log: Path) -> None:
    """Files that come later, links and compressed files are read; hidden states are not needed."""
    session = Session(folder, settings({"path": str(log.parent / "*.log*")}))
    session.steps(0.3)
    append(log.with_name("other.log"), lines(60, 63))
    with gzip.open(log.with_name("old.log.gz"), "wt") as file:
        file.write(lines(63, 99) + line(99)[:-1])
    append(log.parent.parent / "elsewhere", lines(100, 120))
    log.with_name("link.log").symlink_to(log.parent.parent / "elsewhere")
    session.steps(1.0)
    session.crash()
    check(folder, 120)
    assert len(list(folder.stream_layouts.iterdir())) == 1


def test_a_file_that_shrinks_goes_on_from_its_end(folder: ServiceFolder, log: Path) -> None:
    """Lines that remain at the beginning are not counted again."""
    append(log, lines(60, 100))
    session = Session(folder, settings({"path": str(log)}))
    session.steps(0.3)
    os.truncate(log, len(lines(0, 80)))
    session.steps(0.3)
    append(log, lines(100, 110))
    session.steps(0.3)
    session.crash()
    check(folder, 110)


def test_a_file_with_a_hole_is_read_behind_it(folder: ServiceFolder, log: Path) -> None:
    """A program that does not append leaves zeros when its log is emptied."""
    with log.open("r+b") as writer:
        writer.seek(0, os.SEEK_END)
        session = Session(folder, settings({"path": str(log)}))
        session.steps(0.3)
        copy_and_empty(log)
        writer.write(lines(60, 90).encode())
        writer.flush()
        session.steps()
    session.crash()
    check(folder, 90)


def test_only_new_lines_can_be_wanted(folder: ServiceFolder, log: Path) -> None:
    """With from_start = false, the lines that were there at first do not count, later files do."""
    chosen = settings({"path": str(log.parent / "*.log"), "from_start": False})
    session = Session(folder, chosen)
    session.steps(0.3)
    append(log, lines(60, 63))
    append(log.with_name("b.log"), lines(63, 65))
    session.steps()
    session.crash()
    session = Session(folder, chosen)
    session.steps()
    session.crash()
    assert set(stored(folder)) == set(map(line, range(60, 65)))


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_file_without_permission_is_read_later(folder: ServiceFolder, log: Path) -> None:
    """The status says why a file cannot be read. It is read as soon as it can be."""
    log.chmod(0)
    session = Session(folder, settings({"path": str(log)}))
    session.steps(0.3)
    assert "Permission denied" in session.watch.statuses[0].error
    log.chmod(0o600)
    session.steps(0.3)
    session.crash()
    check(folder, 60)


def test_a_file_that_is_not_there_yet_is_awaited(folder: ServiceFolder, tmp_path: Path) -> None:
    """The status says that there is no such file; its lines count when it comes."""
    path = tmp_path / "later.log"
    session = Session(folder, settings({"path": str(path)}))
    session.steps(0.2)
    assert "No such file" in session.watch.statuses[0].error
    append(path, lines(0, 5))
    session.steps()
    assert not any(one.error for one in session.watch.statuses)
    session.crash()
    check(folder, 5)


def test_a_file_that_was_cut_may_come_to_the_same_place(folder: ServiceFolder, log: Path) -> None:
    """New lines of the same length as those that were cut off count."""
    append(log, lines(1000, 1010))
    session = Session(folder, settings({"path": str(log)}))
    session.steps(0.3)
    os.truncate(log, len(lines(0, 60)))
    session.steps(0.3)
    append(log, lines(1010, 1020))
    session.steps(0.3)
    session.crash()
    assert dict(stored(folder)) == dict.fromkeys(map(line, [*range(60), *range(1000, 1020)]), 1)


def test_other_fields_of_a_w3c_log_are_another_stream(folder: ServiceFolder, log: Path) -> None:
    """The lines after a new list of fields are read by it; the same list changes nothing."""
    first = "#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status\n"
    row = "2026-03-09 08:00:{} 192.0.2.11 ann GET /tracks/{} 200\n"
    second = "#Fields: date time c-ip cs-method cs-uri-stem sc-status cs-username\n"
    other = "2026-03-09 08:00:{} 192.0.2.11 GET /tracks/{} 200 bob\n"
    log.write_text(first + row.format("01", 1) + first + row.format("02", 2) + second)
    session = Session(folder, settings({"path": str(log)}))
    session.steps()
    append(log, other.format("03", 3) + other.format("04", 4))
    session.steps()
    session.crash()
    assert len(list(folder.stream_layouts.iterdir())) == 2
    LogWriter(folder.tail_log).close()
    fold(folder)
    assert holdings(folder) == [
        *(("ann", str(item), 1) for item in (1, 2)),
        *(("bob", str(item), 1) for item in (3, 4)),
    ]


def test_a_record_of_csv_may_have_line_ends(folder: ServiceFolder, log: Path) -> None:
    """A batch never ends inside quotes."""
    log.write_text("ts,account,item,agent\n2026-03-09T08:00:00Z,ann,a,plain\n")
    session = Session(folder, settings({"path": str(log)}))
    session.steps()
    append(log, '2026-03-09T08:00:01Z,ann,b,"one\n')
    session.steps()
    append(log, 'two"\n2026-03-09T08:00:02Z,ann,c,"three ""x"" four"\n')
    session.steps()
    session.crash()
    LogWriter(folder.tail_log).close()
    fold(folder)
    assert holdings(folder) == [("ann", "a", 1), ("ann", "b", 1), ("ann", "c", 1)]
