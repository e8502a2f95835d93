"""Distinguish faults of the machine from faults of the records."""

from __future__ import annotations

from typing import Final

from ringfence.errors import FULL, EngineError, RingfenceError, SourceError

_MACHINE: Final = frozenset({"memory", "disk", "locked"})
"""Faults of the engine that other records would have met as well."""


def is_environment(error: BaseException) -> bool:
    """Return whether an error is not caused by the records, so that they can be tried again later.

    Args:
        error: that a fold has raised. Its causes are looked at as well.
    """
    if is_fault_of_machine(error):
        return True
    return isinstance(error, RingfenceError) and not isinstance(error, SourceError)


def is_fault_of_machine(error: BaseException) -> bool:
    """Return whether memory, a disk or another process caused an error.

    Args:
        error: any. Its causes are looked at as well.
    """
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError) or (isinstance(cause, OSError) and _is_full(cause)):
            return True
        if isinstance(cause, EngineError) and cause.fault in _MACHINE:
            return True
        cause = cause.__cause__
    return False


def _is_full(error: OSError) -> bool:
    return error.errno in FULL
