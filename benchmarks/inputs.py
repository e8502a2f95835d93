"""The logs and tables to measure on, made once and kept in ``benchmarks/data``."""

from __future__ import annotations

import hashlib
import json
import multiprocessing
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from ringfence import simulate
from ringfence.simulate import Truth, write_access_log, write_events

HERE = Path(__file__).parent
DATA = HERE / "data"

_P = ParamSpec("_P")
_R = TypeVar("_R")


def access_log(lines: int) -> tuple[Path, Truth]:
    """Return the simulated log of so many lines, and what its accounts are."""
    path = _place(f"log-{lines}", "log")
    known = path.with_suffix(".truth.json")
    if not (path.exists() and known.exists()):
        part = path.with_suffix(".part")
        truth = _apart(write_access_log, part, lines=lines)
        known.write_text(json.dumps(dict(truth.parts)), encoding="utf-8")
        part.replace(path)
    return path, Truth(json.loads(known.read_text(encoding="utf-8")))


def events_table(events: int) -> Path:
    """Return the simulated Parquet of so many events over 200,000 accounts."""
    path = _place(f"events-{events}", "parquet")
    if not path.exists():
        part = path.with_suffix(".part")
        _apart(write_events, part, events=events)
        part.replace(path)
    return path


def head(path: Path, lines: int) -> Path:
    """Return the first lines of a log as a file of its own."""
    short = path.with_name(f"{path.stem}-head-{lines}.log")
    if not short.exists():
        part = short.with_suffix(".part")
        with path.open("rb") as source, part.open("wb") as out:
            out.writelines(line for line, _ in zip(source, range(lines), strict=False))
        part.replace(short)
    return short


def _apart(make: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Make data in a process of its own.

    A measured child starts with the peak memory of this process on its account, which must
    therefore stay small.
    """
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
        return pool.submit(make, *args, **kwargs).result()


def _place(name: str, suffix: str) -> Path:
    """Name the file after the simulator's source too, and drop what an older source made."""
    DATA.mkdir(exist_ok=True)
    digest = _source_digest()
    for old in DATA.glob(f"{name}-*"):
        if not old.name.startswith(f"{name}-{digest}"):
            print(f"made by an older simulator, removed: {old.name}", file=sys.stderr)
            old.unlink()
    return DATA / f"{name}-{digest}.{suffix}"


def _source_digest() -> str:
    sources = sorted(Path(simulate.__file__).parent.glob("*.py"))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()[:8]
