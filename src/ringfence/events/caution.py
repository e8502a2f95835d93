"""Read a source with more caution if the engine fails on it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Literal, TypeVar

from ringfence.errors import EngineError

Caution = Literal["none", "sift", "parse"]
"""What the fast path is kept from: nothing, lines that it cannot read when it is tried, or all."""

_RISING: Final[tuple[Caution, ...]] = ("none", "sift")

_T = TypeVar("_T")


def with_caution(attempt: Callable[[Caution], _T]) -> _T:
    """Return the result of the first attempt at which the engine does not fail.

    Args:
        attempt: reads a source. It undoes what it did if it fails.

    Raises:
        EngineError: the engine has no memory or no room on the disk, which caution does not change.
            Or it fails although it gets no line of the source.
    """
    for caution in _RISING:
        try:
            return attempt(caution)
        except EngineError as error:
            if error.fault != "other":
                raise
    return attempt("parse")
