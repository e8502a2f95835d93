"""Collect the sources that cannot be read, while the others are scanned."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

from ringfence.errors import EngineError, SourceError
from ringfence.model.unread_source import UnreadSource
from ringfence.model.warning import InputWarning

SOURCES_SHOWN: Final = 20
"""Sources that could not be read and have a warning of their own."""

_KIND: Final = "unread-source"


class UnreadSources:
    """The sources that could not be read, in order.

    Args:
        strict: whether the first such source ends the scan.
    """

    def __init__(self, *, strict: bool) -> None:
        self._strict = strict
        self._errors: list[SourceError] = []

    @property
    def found(self) -> tuple[UnreadSource, ...]:
        """The sources, and why they could not be read."""
        return tuple(UnreadSource(one.where, one.what, one.hint, str(one)) for one in self._errors)

    def add(self, error: SourceError) -> None:
        """Record a source that could not be read.

        Raises:
            SourceError: the first such source is to end the scan; or the disk is full, so that the
                other sources cannot be stored either.
        """
        cause = error.__cause__
        if self._strict or (isinstance(cause, EngineError) and cause.fault == "disk"):
            raise error
        self._errors.append(error)

    @contextmanager
    def recorded(self) -> Iterator[None]:
        """Record the source if the scope finds that it cannot be read.

        Raises:
            SourceError: see :meth:`add`.
        """
        try:
            yield
        except SourceError as error:
            self.add(error)

    def require_other(self, others: int) -> None:
        """Check that there are other sources.

        Args:
            others: number of sources that can be read.

        Raises:
            SourceError: there is none. The error is about the first source.
        """
        if self._errors and not others:
            raise self._errors[0]


def unread_warnings(sources: Sequence[UnreadSource]) -> tuple[InputWarning, ...]:
    """Return one warning per source that could not be read, and one for all beyond the first 20."""
    shown = [
        InputWarning(_KIND, f"{one.source}: {one.why}. The result does not cover it.", one.hint)
        for one in sources[:SOURCES_SHOWN]
    ]
    more = len(sources) - len(shown)
    if more:
        shown.append(InputWarning(_KIND, f"{more:,} more sources could not be read.", "--json"))
    return tuple(shown)
