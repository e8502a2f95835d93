"""Appended batches are read again, whatever happened to the files in between."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from ringfence.service.event_log import (
    Batch,
    LogDamagedError,
    LogError,
    LogFullError,
    LogWriter,
    closed_segments,
    read_batches,
)
from ringfence.service.event_log.frames import frame_of
from ringfence.service.event_log.recent_keys import RecentKeys, digest_of

ONE = Batch("http", "a", b'{"item":"1"}\n')
TWO = Batch("http", "b", b'{"item":"2"}\n{"item":"3"}\n')
THREE = Batch("http", "", b"")


def all_batches(log: Path) -> list[Batch]:
    """Return what is in all closed segments."""
    return [batch for segment in closed_segments(log) for batch in read_batches(segment)]


def left_open(log: Path, batches: list[Batch]) -> Path:
    """Append batches, and leave the segment open as a crash does; return its path."""
    writer = LogWriter(log, seconds=60)
    writer.append(batches)
    [segment] = log.glob("*.open")
    kept = log / "kept"
    shutil.copy(segment, kept)
    writer.close()
    for path in closed_segments(log):
        path.unlink()
    for path in log.glob("*.keys"):
        path.unlink()
    kept.rename(segment)
    return segment


def test_batches_are_read_in_the_order_in_which_they_were_appended(tmp_path: Path) -> None:
    """A closed writer leaves closed segments only, which hold the same batches."""
    with LogWriter(tmp_path) as writer:
        assert writer.append([ONE, TWO]) == [True, True]
        assert writer.append([THREE]) == [True]
        assert closed_segments(tmp_path) == []
    assert all_batches(tmp_path) == [ONE, TWO, THREE]
    assert [path.name for path in closed_segments(tmp_path)] == [f"{1:020}.segment"]
    assert not list(tmp_path.glob("*.open"))


def test_a_log_without_batches_has_no_segment(tmp_path: Path) -> None:
    """Opening and closing a writer leaves nothing to read, also where there was no folder."""
    log = tmp_path / "new" / "log"
    assert closed_segments(log) == []
    LogWriter(log).close()
    assert closed_segments(log) == []
    assert log.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("limits", [{"seconds": 0.0}, {"size": 1}])
def test_a_segment_is_closed_by_age_or_size(tmp_path: Path, limits: dict[str, float]) -> None:
    """Each call closes its segment if the limit is reached by any batch."""
    with LogWriter(tmp_path, **limits) as writer:  # type: ignore[arg-type] # one is an integer
        writer.append([ONE])
        writer.append([TWO])
        assert len(closed_segments(tmp_path)) == 2


def test_an_old_segment_is_closed_without_another_batch(tmp_path: Path) -> None:
    """A writer that gets nothing more closes the segment when it is asked to look."""
    with LogWriter(tmp_path, seconds=0.2) as writer:
        writer.append([ONE])
        writer.close_if_due()
        assert closed_segments(tmp_path) == []
        time.sleep(0.25)
        writer.close_if_due()
        assert all_batches(tmp_path) == [ONE]


def test_a_frame_torn_at_any_byte_is_removed(tmp_path: Path) -> None:
    """Of a segment cut anywhere, the whole frames before the cut stay, and the log goes on."""
    segment = left_open(tmp_path, [ONE, TWO])
    content = segment.read_bytes()
    first, second = len(content) - len(frame_of(TWO)), len(content)
    for cut in range(second + 1):
        log = tmp_path / str(cut)
        log.mkdir()
        (log / segment.name).write_bytes(content[:cut])
        with LogWriter(log) as writer:
            whole = [ONE] * (cut >= first) + [TWO] * (cut == second)
            assert all_batches(log) == whole
            writer.append([ONE, THREE])
        assert all_batches(log) == whole + [ONE] * (cut < first) + [THREE]


def test_a_damaged_byte_never_gives_another_batch(tmp_path: Path) -> None:
    """A wrong byte anywhere removes its frame and the later ones; no batch is changed."""
    segment = left_open(tmp_path, [ONE, TWO])
    content = bytearray(segment.read_bytes())
    for place in range(len(content)):
        content[place] ^= 0x41
        segment.write_bytes(content)
        content[place] ^= 0x41
        LogWriter(tmp_path).close()
        assert all_batches(tmp_path) in ([], [ONE])
        for path in [*closed_segments(tmp_path), *tmp_path.glob("*.keys")]:
            path.unlink()


def test_a_segment_of_another_version_is_put_aside(tmp_path: Path) -> None:
    """Nothing that this version cannot read is deleted."""
    other = tmp_path / f"{7:020}.open"
    other.write_bytes(b"RFLOG002 and more")
    with LogWriter(tmp_path) as writer:
        writer.append([ONE])
    assert other.with_suffix(".unknown").read_bytes() == b"RFLOG002 and more"
    assert all_batches(tmp_path) == [ONE]


def test_zeros_at_the_end_are_no_frames(tmp_path: Path) -> None:
    """A block that the file system added after a power cut is removed."""
    segment = left_open(tmp_path, [ONE])
    segment.write_bytes(segment.read_bytes() + bytes(4096))
    LogWriter(tmp_path).close()
    assert all_batches(tmp_path) == [ONE]


def test_a_damaged_closed_segment_is_refused(tmp_path: Path) -> None:
    """Batches before the damage are read; then an error names the file."""
    with LogWriter(tmp_path) as writer:
        writer.append([ONE, TWO])
    [segment] = closed_segments(tmp_path)
    content = bytearray(segment.read_bytes())
    content[-1] ^= 1
    segment.write_bytes(content)
    batches = read_batches(segment)
    assert next(batches) == ONE
    with pytest.raises(LogDamagedError, match=segment.name):
        next(batches)
    segment.write_bytes(b"something else")
    with pytest.raises(LogDamagedError, match="14 bytes"):
        list(read_batches(segment))


def test_a_repeated_batch_is_stored_once(tmp_path: Path) -> None:
    """The key counts within its stream: in one call, in a later one, and after a restart."""
    other = Batch("file", "a", b"1\n")
    with LogWriter(tmp_path) as writer:
        assert writer.append([ONE, ONE, other]) == [True, False, True]
        assert writer.append([ONE]) == [False]
    for segment in closed_segments(tmp_path):
        segment.unlink()
    with LogWriter(tmp_path) as writer:
        assert writer.append([other, ONE, THREE, THREE]) == [False, False, True, True]
    assert all_batches(tmp_path) == [THREE, THREE]


def test_a_number_is_never_used_twice(tmp_path: Path) -> None:
    """Segments get larger numbers after a restart, even if all earlier ones were used up."""
    seen: list[Path] = []
    for batch in (ONE, THREE, THREE, TWO):
        with LogWriter(tmp_path) as writer:
            writer.append([batch])
        [segment] = closed_segments(tmp_path)
        seen.append(segment)
        segment.unlink()
    assert seen == sorted(set(seen))


def test_old_keys_are_forgotten_and_recent_ones_are_not(tmp_path: Path) -> None:
    """At least the last keys are known, and the files do not grow for ever."""
    keys = RecentKeys(tmp_path, most=10)
    digests = [digest_of(Batch("s", str(n), b"")) for n in range(100)]
    for number, digest in enumerate(digests):
        keys.add(number, [digest])
        keys.store()
        again = RecentKeys(tmp_path, most=10)
        for known in (keys, again):
            assert all(one in known for one in digests[max(0, number - 9) : number + 1])
            assert again.last_number == number
    assert digests[0] not in keys
    assert sum(path.stat().st_size for path in tmp_path.glob("*.keys")) < 25 * 28


def test_a_torn_row_of_the_keys_does_not_shift_the_others(tmp_path: Path) -> None:
    """After a crash within a row, the rows before and after it are read."""
    digests = [digest_of(Batch("s", str(n), b"")) for n in range(3)]
    keys = RecentKeys(tmp_path)
    keys.add(1, digests[:2])
    keys.store()
    path = tmp_path / "recent.keys"
    path.write_bytes(path.read_bytes()[:-5])
    keys = RecentKeys(tmp_path)
    keys.add(2, digests[2:])
    keys.store()
    keys = RecentKeys(tmp_path)
    assert [one in keys for one in digests] == [True, False, True]


def test_two_readers_see_the_same_batches_while_a_writer_appends(tmp_path: Path) -> None:
    """Readers need no lock: a closed segment does not change."""
    with LogWriter(tmp_path, seconds=0) as writer:
        for number in range(20):
            writer.append([Batch("s", str(number), b"%d\n" % number)])
            one, other = all_batches(tmp_path), all_batches(tmp_path)
            assert one == other
            assert len(one) == number + 1
        for segment in closed_segments(tmp_path):
            for first, second in zip(read_batches(segment), read_batches(segment), strict=True):
                assert first == second


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    """Only one process writes a log; when it closes it, another may."""
    with LogWriter(tmp_path), pytest.raises(LogError, match="another process"):
        LogWriter(tmp_path)
    LogWriter(tmp_path).close()


def test_other_files_in_the_folder_are_no_segments(tmp_path: Path) -> None:
    """Files without a number of 20 digits are left alone."""
    for name in ("1.segment", "notes.segment", "x.open", f"{1:020}.damaged"):
        (tmp_path / name).write_bytes(b"mine")
    with LogWriter(tmp_path) as writer:
        writer.append([ONE])
    assert all_batches(tmp_path) == [ONE]
    assert (tmp_path / "x.open").read_bytes() == b"mine"


def test_a_batch_that_is_too_large_is_refused() -> None:
    """Names and records have limits, and nothing is written beyond them."""
    with pytest.raises(ValueError, match="65,535"):
        frame_of(Batch("s" * 70_000, "", b""))
    with pytest.raises(ValueError, match="256 MiB"):
        frame_of(Batch("s", "", bytes((256 << 20) + 1)))


def run_limited(log: Path, body: str) -> str:
    """Run code in a process whose files cannot have more than 20,000 bytes; return its output."""
    code = textwrap.dedent(body)
    done = subprocess.run(
        [sys.executable, "-c", code, str(log)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


LIMITED = """
import resource, signal, sys
from contextlib import suppress
from pathlib import Path
from ringfence.service.event_log import *
log = Path(sys.argv[1])
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = LogWriter(log, seconds=60, size=10**9)
acknowledged = 0
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
for number in range(100):
    try:
        writer.append([Batch("s", str(number), b"x" * 999 + b"\\n")])
        acknowledged += 1
    except LogFullError:
        break
try:
    writer.append([Batch("s", "large", b"x" * 30_000)])
except LogFullError:
    print("full")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert writer.append([Batch("s", str(number), b"again\\n")]) == [True]
writer.close()
print(acknowledged)
"""


def test_a_file_that_cannot_grow_is_reported_as_full(tmp_path: Path) -> None:
    """Acknowledged batches stay, no others do, and the writer goes on later."""
    full, acknowledged = run_limited(tmp_path, LIMITED).split()
    assert full == "full"
    assert 15 < int(acknowledged) < 20
    keys = [batch.key for batch in all_batches(tmp_path)]
    assert keys == [str(number) for number in range(int(acknowledged) + 1)]
    assert all_batches(tmp_path)[-1].records == b"again\n"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 1 MiB at the test's folder ``disk``; skip where that is not allowed."""
    disk = tmp_path / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", "size=1m", "none", str(disk)]
    mount, unmount = shutil.which("mount"), shutil.which("umount")
    if not mount or not unmount or subprocess.run([mount, *options], check=False).returncode:
        pytest.skip("needs the right to mount a small disk")
    yield disk
    subprocess.run([unmount, str(disk)], check=True)


def test_a_full_disk_fills_and_recovers(small_disk: Path) -> None:
    """With a full disk nothing is acknowledged; when the judge makes room, the log goes on."""
    log = small_disk / "log"
    kept: list[str] = []
    used: list[Batch] = []
    with LogWriter(log, seconds=60, size=200_000) as writer:
        for number in range(300):
            batch = Batch("s", str(number), os.urandom(30_000))
            try:
                writer.append([batch])
            except LogFullError:
                assert shutil.disk_usage(small_disk).free < 200_000
                used += all_batches(log)
                for segment in closed_segments(log):
                    segment.unlink()
                assert writer.append([batch]) == [True]
            kept.append(batch.key)
    used += all_batches(log)
    assert [batch.key for batch in used] == kept


def test_a_disk_that_another_program_fills_hides_no_segment(small_disk: Path) -> None:
    """The judge gets the last segment even if no byte is free, and keys are stored later."""
    log = small_disk / "log"
    large = Batch("http", "large", bytes(9_999))
    writer = LogWriter(log, seconds=60)
    writer.append([ONE])
    filler = small_disk / "filler"
    with filler.open("wb") as file, suppress(OSError):
        while True:
            os.write(file.fileno(), bytes(4096))
    with writer:
        with pytest.raises(LogFullError, match="nothing is acknowledged"):
            writer.append([large])
        assert all_batches(log) == [ONE]
        closed_segments(log)[0].unlink()
        filler.unlink()
        assert writer.append([ONE, large]) == [False, True]
    with LogWriter(log) as writer:
        assert writer.append([ONE, large]) == [False, False]
    assert all_batches(log) == [large]


def test_segments_that_cannot_be_closed_say_why(tmp_path: Path) -> None:
    """If there is no room to close segments, the next batches are refused as on a full disk."""

    def no_room() -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with LogWriter(tmp_path, seconds=0, before_close=no_room) as writer:
        for number in range(9):
            writer.append([Batch("s", str(number), b"{}\n")])
            writer.close_if_due()
        with pytest.raises(LogFullError, match="disk of the append log is full"):
            writer.append([ONE])


def test_a_disk_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    """A folder that is a file gives one line, and no traceback."""
    (tmp_path / "log").write_text("")
    with pytest.raises(LogError, match="cannot be written"):
        LogWriter(tmp_path / "log")
