"""Scan sources that are small on disk and huge when unpacked, beside an honest log."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Mapping
from io import BufferedIOBase
from pathlib import Path
from typing import Final

import duckdb
import zstandard
from benchmarks.faults.inputs import days
from benchmarks.faults.outcome import Outcome
from benchmarks.faults.runs import ERROR, complaints, run

_LINE: Final = (
    b'192.0.2.1 - ann [09/Mar/2026:08:00:00 +0000] "GET /record/1 HTTP/1.1" 200 5 "-" "R/1"\n'
)
_BLOCK: Final = _LINE * ((1 << 20) // len(_LINE))
_ZEROS: Final = bytes(1 << 20)
_PARQUET_ROW: Final = 64
"""Unpacked bytes that each row of the Parquet bomb counts as."""

LIMIT: Final = 3 << 30
"""Largest memory of a refusal, in bytes: the documented memory of a scan."""


def bombs(folder: Path, size: int) -> Outcome:
    """Scan a bomb of each kind beside an honest log.

    A bomb may be refused, or read as the same line many times. In both cases, memory must stay
    bounded and the honest log must be read.

    Args:
        folder: for bombs and results.
        size: bytes of each bomb when unpacked.
    """
    outcome, began = Outcome("compressed bombs", len(_WRITERS)), time.monotonic()
    (log,) = days(folder / "logs", 1)
    for suffix, write in _WRITERS.items():
        bomb = folder / f"bomb{suffix}"
        write(bomb, size)
        place = folder / suffix.strip(".")
        done = run(["scan", bomb, log, "--out", "out", "--force"], place)
        outcome.peak = max(outcome.peak, done.peak)
        outcome.struck += done.status == ERROR
        wrong = complaints(done)
        wrong += [f"took {done.peak:,} bytes"] if done.peak > LIMIT else []
        wrong += [] if _is_read(place / "out") else [f"the honest log was not read: {done.errors}"]
        outcome.wrong += [f"{bomb.name}: {one}" for one in wrong]
        bomb.unlink()
    outcome.seconds = time.monotonic() - began
    return outcome


def _is_read(out: Path) -> bool:
    """Return whether an account of the honest log is among those of the scan."""
    accounts = out / "accounts.parquet"
    if not accounts.exists():
        return False
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT account FROM read_parquet(?)", [str(accounts)]).fetchall()
    return ("taker",) in rows


def _pour(file: BufferedIOBase, size: int) -> None:
    written = 0
    while written < size:
        file.write(_BLOCK)
        written += len(_BLOCK)


def _gzip(path: Path, size: int) -> None:
    with gzip.open(path, "wb", compresslevel=9) as file:
        for _ in range(-(-size // len(_ZEROS))):
            file.write(_ZEROS)


def _zstandard(path: Path, size: int) -> None:
    with path.open("wb") as raw, zstandard.ZstdCompressor(level=3).stream_writer(raw) as file:
        _pour(file, size)


def _parquet(path: Path, size: int) -> None:
    rows = size // _PARQUET_ROW
    with duckdb.connect() as connection:
        connection.execute(
            "COPY (SELECT TIMESTAMP '2026-03-09 08:00:00' AS ts, 'ann' AS account, "
            f"'item' AS item FROM range({rows})) TO '{path}' (FORMAT parquet)"
        )


_WRITERS: Final[Mapping[str, Callable[[Path, int], None]]] = {
    ".log.gz": _gzip,
    ".log.zst": _zstandard,
    ".parquet": _parquet,
}
