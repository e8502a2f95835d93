"""SQL of the seconds played, from a column in any unit."""

from __future__ import annotations

import re

from ringfence.settings import ColumnSettings

_FACTORS = {"seconds": "1e0", "milliseconds": "1e-3", "microseconds": "1e-6", "nanoseconds": "1e-9"}
_WORDS = {
    "ms": "milliseconds",
    "msec": "milliseconds",
    "millis": "milliseconds",
    "milliseconds": "milliseconds",
    "us": "microseconds",
    "micros": "microseconds",
    "microseconds": "microseconds",
    "ns": "nanoseconds",
    "nanos": "nanoseconds",
    "nanoseconds": "nanoseconds",
}
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_LONGEST = "1e15"


def seconds_sql(name: str, settings: ColumnSettings) -> str:
    """Return SQL that reads the raw column ``seconds`` as a number of seconds.

    NULL if it is not a number, is negative, or no clock could have counted it.

    Args:
        name: the source's name of the column; empty if it has none.
        settings: ``events.columns``; the unit is as set there, else as the name says.
    """
    number = "TRY_CAST(seconds AS DOUBLE)"
    factor = _FACTORS[seconds_unit(name, settings)]
    return f"CASE WHEN {number} BETWEEN 0 AND {_LONGEST} THEN {number} * {factor} END"


def seconds_factor(name: str, settings: ColumnSettings) -> float:
    """Return the number of seconds in one unit of a column, as :func:`seconds_unit` finds it."""
    return float(_FACTORS[seconds_unit(name, settings)])


def seconds_unit(name: str, settings: ColumnSettings) -> str:
    """Return the unit of the playing time: from the settings, else from the column's name.

    Example:
        >>> seconds_unit("msPlayed", ColumnSettings())
        'milliseconds'
    """
    if settings.seconds_unit != "auto":
        return settings.seconds_unit
    words = (_WORDS.get(word.lower()) for word in _WORD.findall(name))
    return next(filter(None, words), "seconds")
