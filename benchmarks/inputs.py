"""The logs and tables to measure on, made once and kept in ``benchmarks/data``.

``python -m benchmarks.inputs log|events SIZE FILE`` makes one of them.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Final

from ringfence.lab import simulate
from ringfence.lab.simulate import Truth, write_access_log, write_events

HERE = Path(__file__).parent
DATA = HERE / "data"

REAL: Final = HERE.parent.parent / "shared" / "data"
"""Where real logs lie that are no part of the project; what needs them is left out without them."""

LISTENERS: Final = REAL / "listeners-dev.parquet"
"""Listening histories of 48 real people."""

COLUMNS: Final = '[events.columns]\naccount = "listener"\nitem = "track"\ngroup = "artist"\n'
"""Settings to read them with."""


def public_logs() -> tuple[Path, ...]:
    """Return the public access logs that are at hand, sorted."""
    return tuple(sorted([*REAL.glob("ezpaarse/*.log.gz"), *REAL.glob("*.log.gz")]))


def access_log(lines: int) -> tuple[Path, Truth]:
    """Return the simulated log of so many lines, and what its accounts are."""
    path = _kept("log", lines, ".log")
    truth = json.loads(_truth_beside(path).read_text(encoding="utf-8"))
    return path, Truth(truth)


def events_table(events: int) -> Path:
    """Return the simulated Parquet of so many events over 200,000 accounts."""
    return _kept("events", events, ".parquet")


def head(path: Path, lines: int) -> Path:
    """Return the first lines of a log as a file of its own."""
    short = path.with_name(f"{path.stem}-head-{lines}.log")
    if not short.exists():
        part = short.with_suffix(".part")
        with path.open("rb") as source, part.open("wb") as out:
            out.writelines(line for line, _ in zip(source, range(lines), strict=False))
        part.replace(short)
    return short


def _kept(kind: str, size: int, suffix: str) -> Path:
    """Return the file, made if it is not there yet; drop what an older simulator made.

    It is made by a process of its own: a measured child starts with the peak memory of this
    process on its account, which must therefore stay small.
    """
    DATA.mkdir(exist_ok=True)
    name = f"{kind}-{size}-{_source_digest()}"
    for old in DATA.glob(f"{kind}-{size}-*"):
        if not old.name.startswith(name):
            old.unlink()
    path = DATA / f"{name}{suffix}"
    if not path.exists():
        command = [sys.executable, "-m", "benchmarks.inputs", kind, str(size), str(path)]
        subprocess.run(command, check=True, cwd=HERE.parent)
    return path


def _make(kind: str, size: int, path: Path) -> None:
    """Make a file whole or not at all: it gets its name when it is complete."""
    part = path.with_suffix(".part")
    if kind == "log":
        parts = dict(write_access_log(part, lines=size).parts)
        _truth_beside(path).write_text(json.dumps(parts), encoding="utf-8")
    else:
        write_events(part, events=size)
    part.replace(path)


def _truth_beside(log: Path) -> Path:
    return log.with_suffix(".truth.json")


def _source_digest() -> str:
    sources = sorted(Path(simulate.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]


if __name__ == "__main__":
    _make(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
