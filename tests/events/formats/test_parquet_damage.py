"""Damaged Parquet files: whatever the bytes, rows or one sentence, at bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.peak_memory import LINUX_ONLY

MUTATE = """
import random, resource, struct, sys
from pathlib import Path

from tests.peak_memory import peak_memory

resource.setrlimit(resource.RLIMIT_AS, (12_000_000 << 10, 12_000_000 << 10))
from ringfence.engine import literal, open_engine
from ringfence.errors import EngineError, RingfenceError
from ringfence.events.formats.parquet import Parquet
from ringfence.settings import EngineSettings, EventSettings

BYTES = (0, 1, 0x7F, 0x80, 0xFE, 0xFF)
NUMBERS = (b"\\xff" * 9 + b"\\x01", b"\\xfe" * 9 + b"\\x01", b"\\xff" * 5, b"\\x80" * 12)
SELECT = (
    "SELECT TIMESTAMP '2026-03-10' + INTERVAL (i) MINUTE AS ts, 'a' || i % 3 AS account, "
    "i AS item, [i, NULL] AS list, {'x': i} AS nested FROM range(ROWS) AS r(i)"
)


def footers(whole):
    # Each damaged footer with its true length, then lengths that are not true, then cut files.
    length = struct.unpack("<I", whole[-8:-4])[0]
    begin = len(whole) - 8 - length
    footer = whole[begin:-8]
    for place in range(chance.randrange(2), length, 2):
        changed = chance.choice((*(bytes([one]) for one in BYTES), *NUMBERS))
        damaged = footer[:place] + changed + footer[place + 1 :]
        yield whole[:begin] + damaged + struct.pack("<I", len(damaged)) + b"PAR1"
    for size in (0, 1, length - 1, length + 1, len(whole), 2**31 - 1, 2**31, 2**32 - 1):
        yield whole[:-8] + struct.pack("<I", size) + b"PAR1"
    for place in range(4, begin, 3):
        yield whole[:place] + bytes([chance.choice(BYTES)]) + whole[place + 1 :]
    for size in range(0, len(whole), 97):
        yield whole[:size]


chance = random.Random(7)
path = Path(sys.argv[1]) / "x.parquet"
tried = read = 0
with open_engine(EngineSettings(memory_limit="400MB")) as engine:
    for rows in (40, 0):
        path.unlink(missing_ok=True)
        select = SELECT.replace("ROWS", str(rows))
        engine.run(f"COPY ({select}) TO {literal(str(path))} (FORMAT parquet)")
        for content in list(footers(path.read_bytes())):
            path.unlink()
            path.write_bytes(content)
            tried += 1
            try:
                opened = Parquet().open(engine, path, EventSettings())
                assert len(engine.rows(opened.select)) <= 40
                read += 1
            except RingfenceError as error:
                assert str(error).isprintable(), error
                assert len(str(error)) < 1_500, error
print(tried, read, peak_memory())
"""
"""In a process of its own: a signal would end it, and memory that is asked for has a limit."""


@pytest.mark.slow
@LINUX_ONLY
def test_no_damage_ends_the_process(tmp_path: Path) -> None:
    """Changed bytes of a footer, absurd lengths and cut files give rows or one sentence."""
    done = subprocess.run(
        [sys.executable, "-c", MUTATE, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    tried, read, memory = map(int, done.stdout.split())
    assert tried > 700
    assert 0 < read < tried
    assert memory < 1_000
