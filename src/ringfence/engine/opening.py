"""Open an engine: the only place that chooses which database runs the statements."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from ringfence.engine.duckdb import DuckDBEngine
from ringfence.engine.engine import Engine
from ringfence.settings import EngineSettings

_MARK: Final = (8, b"DUCK")
"""Position and content of the mark in the header of a database file."""


ENGINE_ENDINGS: Final = (".wal", ".wal.checkpoint", ".wal.recovery")
"""Endings of the names of the files that the engine keeps beside a database file."""


_HEADERS: Final = 3 * 4096
"""Bytes of the headers of a database file, which are written first."""

_LOG_ENDING: Final = ".wal"


def open_engine(
    settings: EngineSettings | None = None, path: Path | None = None, *, read_only: bool = False
) -> Engine:
    """Open a session of the embedded engine. The caller closes it, preferably by ``with``.

    Args:
        settings: threads, memory limit and scratch folder; the defaults if not given.
        path: a database file, or None to keep everything in memory and spill to disk.
        read_only: open an existing file without the right to change it. Such a session cannot
            access any other file. Several processes may read a file at the same time, as long as
            none has it open for writing.

    Raises:
        EngineError: the database cannot be opened, or another process has it open.
        OSError: the scratch folder cannot be made.
    """
    return DuckDBEngine(settings, path, read_only=read_only)


def is_unfinished(path: Path) -> bool:
    """Return whether a file is a database that was cut off while it was created.

    Such a file has no tables, so nothing is lost if a new database takes its place.

    Raises:
        OSError: the file cannot be examined.
    """
    if not path.is_file() or path.with_name(path.name + _LOG_ENDING).exists():
        return False
    return path.stat().st_size < _HEADERS and is_database(path)


def is_database(path: Path) -> bool:
    """Return whether a file begins like a database of the embedded engine.

    Raises:
        OSError: the file cannot be read.
    """
    start, mark = _MARK
    if not path.is_file():
        # Opening a pipe would wait for somebody to write to it.
        return False
    with path.open("rb") as file:
        return file.read(start + len(mark))[start:] == mark
