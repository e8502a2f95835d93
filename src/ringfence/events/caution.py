"""Read a source with more caution if the engine fails on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeVar

from ringfence.errors import EngineError

Caution = Literal["none", "sift", "parse"]
"""Lines that are kept from the fast path: none, those that it fails on in a trial, or all."""

_RISING: Final[tuple[Caution, ...]] = ("none", "sift")

_T = TypeVar("_T")


def with_caution(attempt: Callable[[Caution], _T]) -> _T:
    """Return the result of the first attempt in which the engine does not fail.

    Args:
        attempt: reads a source. If it fails, it undoes its changes.

    Raises:
        EngineError: memory is too small or the disk is full, which caution does not change. Or the
            engine fails although it reads no line of the source.
    """
    for caution in _RISING:
        try:
            return attempt(caution)
        except EngineError as error:
            if error.fault != "other":
                raise
    return attempt("parse")
