"""Measure memory and time of scans of logs with many lines that no reader accepts."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

import zstandard
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.runs import complaints, run

MOST_GROWTH: Final = 100 << 20
"""Largest growth of the peak memory of a scan by bad lines, in bytes."""

MOST_RATIO: Final = 2.2
"""Largest ratio of the processor time of twice the bad lines to that of the bad lines."""

_GOOD: Final = 5_000
_FIRST: Final = 100
"""Number of good lines at the beginning, by which the format is recognised."""

_DAY: Final = 24 * 60 * 60


@dataclass(frozen=True)
class Log:
    """A log and what a scan must find in it.

    Attributes:
        path: the file.
        good: number of takes.
        bad: number of lines that no reader accepts.
    """

    path: Path
    good: int
    bad: int


def write_log(folder: Path, kind: str, good: int, bad: int, size: int) -> Log:
    """Write a log of one of the :data:`KINDS`, with the bad lines among the good ones.

    Args:
        folder: an existing folder.
        kind: name of the kind.
        good: number of good lines.
        bad: number of bad lines.
        size: bytes of each bad line.
    """
    one = _KINDS[kind]
    path = folder / f"{bad}{one.suffix}"
    with _opened(path) as file:
        file.write(one.header)
        for number in range(good):
            file.write(one.line(number))
            written = max(0, number - _FIRST)
            due = bad * (written + 1) // (good - _FIRST) - bad * written // (good - _FIRST)
            file.write(one.bad(size) * (due if number >= _FIRST else 0))
    return Log(path, good, bad)


def rejected_lines(folder: Path, bad: int, size: int, kinds: tuple[str, ...]) -> list[Outcome]:
    """Scan logs of each kind with no bad lines, with some, and with twice as many.

    Args:
        folder: for logs and results.
        bad: number of bad lines; the last log has twice as many.
        size: bytes of each bad line.
        kinds: names of kinds.
    """
    return [_scanned(folder, kind, bad, size) for kind in kinds]


def _scanned(folder: Path, kind: str, bad: int, size: int) -> Outcome:
    outcome = Outcome(f"rejected lines of {size:,} bytes: {kind}", 2 * bad, struck=2 * bad)
    peaks, times = [], []
    for number in (0, bad, 2 * bad):
        log = write_log(folder, kind, _GOOD, number, size)
        done = run(["scan", log.path, "--out", f"out{number}", "--force"], folder)
        times.append(done.cpu)
        peaks.append(done.peak)
        outcome.wrong += [f"{kind}, {number:,} lines: {one}" for one in complaints(done)]
        log.path.unlink()
    outcome.peak, outcome.seconds = peaks[-1], times[-1]
    if peaks[-1] - peaks[0] > MOST_GROWTH:
        outcome.wrong.append(f"{kind}: memory grew from {peaks[0]:,} to {peaks[-1]:,} bytes")
    # Processor time is compared, less that of a scan without bad lines.
    once, twice = times[1] - times[0], times[2] - times[0]
    if once > 1 and twice > MOST_RATIO * once:
        outcome.wrong.append(f"{kind}: twice the lines took {twice:.1f} s instead of {once:.1f} s")
    return outcome


@dataclass(frozen=True)
class _Kind:
    suffix: str
    line: Callable[[int], bytes]
    bad: Callable[[int], bytes]
    header: bytes = b""


def _who(number: int) -> tuple[str, str, str]:
    """Return a clock time, an account and an item."""
    second = number % _DAY
    clock = f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"
    return clock, f"user{number % 97}", f"{number * 7 % 2000}"


def _text(number: int) -> bytes:
    clock, user, item = _who(number)
    return (
        f"192.0.2.7 - {user} [09/Mar/2026:{clock} +0000] "
        f'"GET /record/{item} HTTP/1.1" 200 512 "-" "Reader/1.0"\n'
    ).encode()


def _json(number: int) -> bytes:
    clock, user, item = _who(number)
    return f'{{"ts": "2026-03-09T{clock}Z", "account": "{user}", "item": "i{item}"}}\n'.encode()


def _csv(number: int) -> bytes:
    clock, user, item = _who(number)
    return f'2026-03-09 {clock},{user},"i{item}"\n'.encode()


def _w3c(number: int) -> bytes:
    clock, user, item = _who(number)
    return f"2026-03-09 {clock} 192.0.2.7 {user} GET /record/{item} 200\n".encode()


def _filled(size: int) -> bytes:
    return b"x" * (size - 1) + b"\n"


def _quoted(size: int) -> bytes:
    return b'"' + b"x" * (size - 2) + b"\n"


def _undecodable(size: int) -> bytes:
    return b"\xff" * (size - 1) + b"\n"


_FIELDS: Final = (
    b"#Version: 1.0\n#Fields: date time c-ip cs-username cs-method cs-uri-stem sc-status\n"
)

_KINDS: Final[Mapping[str, _Kind]] = {
    "text": _Kind(".log", _text, _filled),
    "open quotes": _Kind(".log", _text, _quoted),
    "gzip": _Kind(".log.gz", _text, _filled),
    "zstd": _Kind(".log.zst", _text, _filled),
    "JSON": _Kind(".jsonl", _json, _filled),
    "not UTF-8": _Kind(".jsonl", _json, _undecodable),
    "CSV": _Kind(".csv", _csv, _filled, b"ts,account,item\n"),
    "CSV with open quotes": _Kind(".csv", _csv, _quoted, b"ts,account,item\n"),
    "W3C": _Kind(".log", _w3c, _filled, _FIELDS),
}

KINDS: Final = tuple(_KINDS)
"""Names of the kinds of logs."""


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    """Open a file to write, compressed as its name says."""
    if path.suffix == ".gz":
        with gzip.open(path, "wb", compresslevel=1) as file:
            yield file
        return
    with path.open("wb") as raw:
        if path.suffix != ".zst":
            yield raw
            return
        with zstandard.ZstdCompressor().stream_writer(raw) as file:
            yield file
