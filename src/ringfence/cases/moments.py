"""Times in the case store: whole microseconds since 1970, UTC."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)

DAY: Final = 86_400_000_000
"""Microseconds of a day."""


def now() -> int:
    """Return the present moment."""
    return to_moment(datetime.now(UTC))


def to_moment(time: datetime) -> int:
    """Return a time as microseconds since 1970; a time without a zone is UTC."""
    aware = time.replace(tzinfo=UTC) if time.tzinfo is None else time
    return (aware - _EPOCH) // _MICROSECOND


def to_time(moment: int) -> datetime:
    """Return the time, with the zone UTC."""
    return _EPOCH + moment * _MICROSECOND


def to_text(moment: int) -> str:
    """Return the time as ISO 8601 in UTC with ``Z``, without fractions of a second."""
    return to_time(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
