"""Sources that have no end, lead in circles, or are no files are refused in one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import pytest

from ringfence.errors import FormatError, SourceError
from ringfence.events import find_sources, streams
from ringfence.settings import EventSettings

LINE = b'192.0.2.1 - ann [05/Nov/2026:10:00:00 +0000] "GET /track/1 HTTP/1.1" 200 10 "-" "x"\n'


@pytest.fixture
def pipe() -> Iterator[Callable[[bytes, bool], BinaryIO]]:
    """Open pipes into which something was written, or is written without end."""
    streams_read: list[BinaryIO] = []
    ends: list[int] = []
    writers: list[threading.Thread] = []

    def endless(end: int, data: bytes) -> None:
        piece = data * (1 + 65_536 // len(data))
        with suppress(OSError):
            while True:
                os.write(end, piece)

    def opened(data: bytes, ends_there: bool) -> BinaryIO:
        out, into = os.pipe()
        streams_read.append(os.fdopen(out, "rb", 0))
        if ends_there:
            os.write(into, data)
            os.close(into)
            return streams_read[-1]
        ends.append(into)
        if data:
            writers.append(threading.Thread(target=endless, args=(into, data)))
            writers[-1].start()
        return streams_read[-1]

    yield opened
    for stream in streams_read:
        stream.close()
    for writer in writers:
        writer.join()
    for end in ends:
        os.close(end)


Opened = Callable[[bytes, bool], BinaryIO]


def test_a_pipe_that_ends_is_a_source(tmp_path: Path, pipe: Opened) -> None:
    """A handle of this process, as process substitution gives one, is read to its end, once."""
    stream = pipe(LINE * 100, True)
    name = f"/dev/fd/{stream.fileno()}"
    (source,) = find_sources([name, name], tmp_path)
    assert source.name == name
    assert source.path.read_bytes() == LINE * 100
    assert not source.named
    empty = pipe(b"", True)
    (nothing,) = find_sources([f"/dev/fd/{empty.fileno()}"], tmp_path)
    assert nothing.path.read_bytes() == b""


def test_a_named_pipe_waits_for_its_writer(tmp_path: Path) -> None:
    """A program may open the pipe a moment later; nothing of what it writes is lost."""
    os.mkfifo(tmp_path / "pipe")

    def write() -> None:
        time.sleep(0.3)
        with (tmp_path / "pipe").open("wb") as into:
            into.write(LINE * 5_000)

    threading.Thread(target=write).start()
    (source,) = find_sources([tmp_path / "pipe"], tmp_path)
    assert source.path.read_bytes() == LINE * 5_000


def test_a_named_pipe_that_nobody_writes_to_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The scan does not wait for ever for a writer."""
    monkeypatch.setattr(streams, "_UNOPENED", 0.3)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SourceError, match="is a pipe that no program has opened for writing"):
        find_sources([tmp_path / "pipe"], tmp_path)


@pytest.mark.parametrize(
    ("data", "limit", "value", "said"),
    [
        (b"", "SILENCE", 0.3, "does not end, and nothing came for"),
        (LINE, "LONGEST_STREAM", 0.3, "did not end within"),
        (LINE, "LARGEST_STREAM", 3 << 20, "has more than 3 MiB, too much for a pipe"),
        (b"{}\n", "LARGEST_STREAM", 9 << 20, "has more than 9 MiB, too much for a pipe"),
    ],
)
def test_a_stream_without_end_is_given_up(  # noqa: PLR0913, PLR0917 - one value per fixture
    tmp_path: Path,
    pipe: Opened,
    monkeypatch: pytest.MonkeyPatch,
    data: bytes,
    limit: str,
    value: float,
    said: str,
) -> None:
    """Silence, time and size are limited, whatever the stream holds."""
    monkeypatch.setattr(streams, limit, value)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=pipe(data, False)))
    with pytest.raises(SourceError, match=said) as caught:
        find_sources(["-"], tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("data", [b"y\n", b"\0", bytes(range(256)), b"no line end "])
def test_a_stream_in_no_format_is_refused_at_its_beginning(
    tmp_path: Path, pipe: Opened, data: bytes
) -> None:
    """Only the first megabytes of an endless stream are stored before it is refused."""
    stream = pipe(data, False)
    with pytest.raises(FormatError):
        find_sources([f"/dev/fd/{stream.fileno()}"], tmp_path, EventSettings())
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 8 << 20


@pytest.mark.parametrize("device", ["/dev/zero", "/dev/urandom", "/dev/full"])
def test_a_device_is_refused(tmp_path: Path, device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A device is refused by its name, through a link, and as standard input."""
    (tmp_path / "link.log").symlink_to(device)
    with Path(device).open("rb", 0) as stream:
        monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=stream))
        for name in (device, str(tmp_path / "link.log"), "-", f"/dev/fd/{stream.fileno()}"):
            with pytest.raises(SourceError, match="is a device, not a log file"):
                find_sources([name], tmp_path)


def test_the_empty_device_is_empty(tmp_path: Path) -> None:
    """A scan without input, as cron jobs have it, reads nothing."""
    (source,) = find_sources(["/dev/null"], tmp_path)
    assert source.identify().size == 0


def test_a_socket_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A socket cannot be opened as a file."""
    monkeypatch.chdir(tmp_path)
    with socket.socket(socket.AF_UNIX) as bound:
        bound.bind("here")
        with pytest.raises(SourceError, match="is a socket, not a log file"):
            find_sources(["here"], tmp_path)


@pytest.mark.skipif(not Path("/proc/cpuinfo").exists(), reason="the system has no /proc")
def test_a_file_of_the_system_is_read_although_it_has_no_size(tmp_path: Path) -> None:
    """Such a file may have no end, so it is read like a stream."""
    (source,) = find_sources(["/proc/cpuinfo"], tmp_path)
    assert source.path.read_bytes()


LOOPS = {
    "f": {"f/a.log", "f/deep/b.log"},
    "f/**": {"f/a.log", "f/deep/b.log", "f/other/c.log"},
    "f/**/*.log": {"f/a.log", "f/deep/b.log", "f/other/c.log"},
    "**/f/**/**/b.log": {"f/deep/b.log"},
    "f/*/*.log": {"f/deep/b.log", "f/other/c.log", "f/self/a.log", "f/up/top.log"},
}


@pytest.mark.parametrize(("pattern", "names"), LOOPS.items(), ids=LOOPS)
def test_links_in_a_circle_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pattern: str, names: set[str]
) -> None:
    """Links to the folder itself, above it and to each other add nothing; other folders do."""
    monkeypatch.chdir(tmp_path)
    for name in ("f/a.log", "f/deep/b.log", "elsewhere/c.log", "top.log"):
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text("x")
    for link, target in {
        "f/self": ".", "f/up": "..", "f/deep/up": "../..", "f/loop": "loop", "f/one": "two",
        "f/two": "one", "f/other": "../elsewhere", "elsewhere/back": "../f", "f/root": "/",
    }.items():  # fmt: skip
        Path(link).symlink_to(target)
    assert names == {source.name for source in find_sources([pattern], tmp_path)}


@pytest.mark.parametrize("name", ["x" * 300, "a\0b", "loop", "gone/x", "file/x"])
def test_a_name_that_cannot_be_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A name that is too long, has a zero byte, or leads nowhere is no traceback."""
    monkeypatch.chdir(tmp_path)
    Path("loop").symlink_to("loop")
    Path("file").write_text("x")
    with pytest.raises(SourceError) as caught:
        find_sources([name], tmp_path)
    assert "\n" not in str(caught.value)


NAMES = (
    "log[1].gz", "*.log", "?.log", "[!a].log", "{a,b}.log", "**", "-x.log", "-", "k=v.log", "~.log",
    "$HOME.log", "new\nline.log", "\x1b[31m.log", "q'u\"o`te.log", "a b.log", "b\\s.log", "..log",
    "é" * 120 + ".log", os.fsdecode(b"b\xffd.log"),
)  # fmt: skip


def test_a_name_that_exists_literally_means_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a pattern or a shell would make of it, the file is taken, and no other one."""
    (tmp_path / "k=v").mkdir()
    monkeypatch.chdir(tmp_path / "k=v")
    for other in ("log1.gz", "a.log", "b.log", "x.log"):
        Path(other).write_text("other")
    for name in NAMES:
        Path(name).write_text(name, errors="surrogateescape")
    for name in NAMES:
        (source,) = find_sources([f"./{name}" if name == "-" else name], tmp_path)
        assert source.path.read_bytes() == os.fsencode(name)


def test_process_substitution_reaches_the_command(tmp_path: Path) -> None:
    """A shell's own pipe is a source; one without end stops the command with status 2."""
    done = subprocess.run(
        ["bash", "-c", f"exec {sys.executable} -m ringfence check <(yes)"],  # noqa: S607
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "in no known format" in done.stderr
    assert done.stderr.count("\n") == 1
