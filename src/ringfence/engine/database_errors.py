"""Raise DuckDB's errors as errors of Ringfence that say what to do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import duckdb

from ringfence.errors import EngineError, EngineFault
from ringfence.own_folders import SCRATCH_PREFIX

_MORE_SCRATCH: Final = "set engine.temp_directory to a disk with room, or raise engine.memory_limit"

_FULL_FILE: Final = re.compile(r'\\*"([^"\\]+)\\*": No space left')
"""The file in the database's message; inside JSON, its quotes have backslashes."""


@contextmanager
def translated() -> Iterator[None]:
    """Raise DuckDB's errors as :class:`EngineError`, and an interrupt as KeyboardInterrupt."""
    try:
        yield
    except duckdb.Error as error:
        raise engine_error(error) from error
    except RuntimeError as error:
        # DuckDB raises this if the keyboard stops a statement.
        if str(error) == "Query interrupted":
            raise KeyboardInterrupt from error
        raise


def engine_error(error: duckdb.Error) -> EngineError:
    """Return the error that says in one line why DuckDB failed, and what to do."""
    message = str(error).strip()
    fault = _fault(error, message)
    if fault == "disk":
        return _no_space(message)
    if fault == "name":
        return EngineError("a name is not UTF-8, which the database requires", fault=fault)
    what = message.split("\n", maxsplit=1)[0]
    if fault == "memory" and "offload" in message:
        return EngineError(what, fault=fault, hint=_MORE_SCRATCH)
    holder = re.search(r"PID (\d+)", message) if fault == "locked" else None
    return EngineError(what, fault=fault, process=int(holder[1]) if holder else 0)


def _no_space(message: str) -> EngineError:
    """Return the error for a full disk, with the file that did not fit and what to do."""
    file = _FULL_FILE.search(message)
    if file is None:
        return EngineError(message.split("\n", maxsplit=1)[0], fault="disk")
    temporary = re.search(rf"(?:^|/){SCRATCH_PREFIX}[a-z0-9_]{{8}}/", file[1])
    hint = _MORE_SCRATCH if temporary else "free some space on the disk of this file"
    return EngineError(f"no space is left for {file[1]}", fault="disk", hint=hint)


def _fault(error: duckdb.Error, message: str) -> EngineFault:
    if isinstance(error, duckdb.OutOfMemoryException):
        return "memory"
    if "No space left" in message:
        return "disk"
    if "cannot encode str as UTF-8" in message:
        return "name"
    return "locked" if _is_locked(message) else "other"


def _is_locked(message: str) -> bool:
    return "Could not set lock on file" in message or "same database file" in message
