"""Compressed files that expand beyond any log are refused at constant memory; no log is."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.events.test_staging import lines

from ringfence.engine import Engine, literal
from ringfence.errors import SourceError
from ringfence.events import expansion
from ringfence.events.content import LONGEST_RECORD, numbered_lines, plain_chunks

zstandard = pytest.importorskip("zstandard")

MIB = 1 << 20
LEAST_PACKED = zstandard.ZstdCompressor(level=1)


def one_gz_member(data: bytes, times: int) -> bytes:
    """Pack data that repeats without holding it in memory."""
    packer = zlib.compressobj(9, wbits=31)
    return b"".join(packer.compress(data) for _ in range(times)) + packer.flush()


BOMBS: dict[str, Callable[[], bytes]] = {
    "one gz member of zeros": lambda: one_gz_member(b"\n" * MIB, 270),
    "many gz members": lambda: gzip.compress(bytes(16 * MIB)) * 512,
    "one zst frame": lambda: zstandard.compress(bytes(300 * MIB)),
    "8 GiB in many zst frames": lambda: zstandard.compress(bytes(64 * MIB)) * 128,
    "zst after honest lines": lambda: (
        zstandard.compress(lines(100)) + zstandard.compress(b"a" * (64 * MIB)) * 64
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("bomb", BOMBS)
def test_bombs_are_refused_at_constant_memory(tmp_path: Path, bomb: str) -> None:
    """Gigabytes from a small file end with a sentence, and never lie in memory together."""
    path = tmp_path / "log"
    path.write_bytes(BOMBS[bomb]())
    tracemalloc.start()
    with pytest.raises(SourceError, match=r"expands more than [0-9,]+ times"):
        for _ in plain_chunks(path):
            pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 100 * MIB


def requests_of_24_kb(count: int) -> bytes:
    """The most repetitive log that requests can make."""
    long = b"A" * 8_000
    return b"".join(
        b'10.0.0.1 - u1 [01/Jun/2025:10:00:%02d +0000] "GET /s/1?%s HTTP/1.1" 200 1 "%s" "%s"\n'
        % (n // 3 % 60, long, long, long)
        for n in range(count)
    )


@pytest.mark.parametrize(
    "packed", [gzip.compress, zstandard.compress, LEAST_PACKED.compress], ids=["gz", "zst", "fast"]
)
def test_requests_cannot_make_a_log_expand_too_much(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: Callable[[bytes], bytes]
) -> None:
    """A log full of giant requests that repeat one letter is read."""
    monkeypatch.setattr(expansion, "FREE_SIZE", 0)
    path = tmp_path / "log"
    data = requests_of_24_kb(1_000)
    path.write_bytes(packed(data))
    assert b"".join(plain_chunks(path)) == data


def test_empty_members_take_linear_time(tmp_path: Path) -> None:
    """A million members without content are read in pieces, each of which is copied a few times."""
    path = tmp_path / "log"
    path.write_bytes(gzip.compress(b"") * 100_000 + gzip.compress(b"end"))
    assert b"".join(plain_chunks(path)) == b"end"


PARQUET_BOMBS = {
    "rows": "SELECT TIMESTAMP '2026-03-10' AS ts, 'u' AS account, 'i' AS item FROM range(1000000)",
    "text": "SELECT TIMESTAMP '2026-03-10' AS ts, repeat('u', 30000000) AS account, 'i' AS item",
}


@pytest.mark.parametrize("bomb", PARQUET_BOMBS)
def test_parquet_bombs_are_refused(
    engine: Engine,
    read: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    bomb: str,
) -> None:
    """A million rows in a kilobyte, or a giant value, are not read."""
    monkeypatch.setattr(expansion, "FREE_SIZE", MIB)
    path = tmp_path / "bomb.parquet"
    options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 1000000"
    engine.run(f"COPY ({PARQUET_BOMBS[bomb]}) TO {literal(str(path))} ({options})")
    with pytest.raises(SourceError, match="expands more than 10,000 times"):
        read(path.read_bytes(), name="bomb.parquet")


def test_a_footer_that_lies_about_its_rows_is_refused(
    engine: Engine, read: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The total of the file says one row, while its only part has a million."""
    monkeypatch.setattr(expansion, "FREE_SIZE", MIB)
    path = tmp_path / "bomb.parquet"
    options = "FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 1000000"
    engine.run(f"COPY ({PARQUET_BOMBS['rows']}) TO {literal(str(path))} ({options})")
    content = path.read_bytes()
    footer = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
    million, one = b"\x80\x89\x7a", b"\x82\x80\x00"
    lying = content[:footer] + content[footer:].replace(million, one, 1)
    path.write_bytes(lying)
    total = f"SELECT num_rows FROM parquet_file_metadata({literal(str(path))})"
    assert engine.rows(total) == [(1,)]
    with pytest.raises(SourceError, match="expands more than 10,000 times"):
        read(lying, name="bomb.parquet")


@pytest.fixture
def long_line(tmp_path: Path) -> Iterator[Path]:
    """A file with a line of 200 MiB between two short ones."""
    path = tmp_path / "log"
    with path.open("wb") as file:
        file.write(b"first\n")
        for _ in range(200):
            file.write(b"x" * MIB)
        file.write(b"\nlast\n")
    yield path
    path.unlink()


def test_a_giant_line_is_cut(long_line: Path) -> None:
    """A line longer than any record is recognised as such, and is never held as a whole."""
    tracemalloc.start()
    found = list(numbered_lines(long_line))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [(number, min(len(line), LONGEST_RECORD + 1)) for number, line in found] == [
        (1, 5),
        (2, LONGEST_RECORD + 1),
        (3, 4),
    ]
    assert peak < 100 * MIB
