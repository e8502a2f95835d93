"""Divide long lists, so that one statement does not get more values than a database takes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Final, TypeVar

VALUES_AT_ONCE: Final = 500
"""Values in one statement. SQLite allows 32,766, and older versions 999; PostgreSQL 65,535."""

_Value = TypeVar("_Value", int, str)


def pages(values: Iterable[_Value]) -> Iterator[Sequence[_Value]]:
    """Yield values in their order, in lists of at most :data:`VALUES_AT_ONCE`. No list is empty."""
    rest = iter(values)
    while page := list(islice(rest, VALUES_AT_ONCE)):
        yield page
