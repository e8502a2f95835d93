"""Say in one line why a command failed, whatever was raised."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

from ringfence.errors import RingfenceError, system_failure

_REPORT: Final = (
    "please report it; python -X dev -m ringfence with the same options shows where it happened"
)


def failure_line(error: Exception) -> str:
    """Return one line about an exception that ended a command.

    Python's development mode, ``python -X dev``, raises an exception that no part of Ringfence
    expects instead of describing it.
    """
    if isinstance(error, RingfenceError):
        return str(error)
    if isinstance(error, MemoryError):
        return str(RingfenceError("there is not enough memory", hint="lower engine.memory_limit"))
    if sys.flags.dev_mode:
        raise error
    if isinstance(error, OSError):
        return str(_system_failure(error))
    # The first line of a library's message is its summary.
    said = str(error).strip().partition("\n")[0]
    return str(RingfenceError(f"unexpected {type(error).__name__}: {said}", hint=_REPORT))


def _system_failure(error: OSError) -> RingfenceError:
    """Return the error for a call of the operating system that failed."""
    if not _has_current_folder():
        return RingfenceError(
            "the current folder does not exist any more", hint="cd to another one"
        )
    return system_failure(error)


def _has_current_folder() -> bool:
    try:
        return bool(Path.cwd())
    except OSError:
        return False
