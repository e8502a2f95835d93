"""Write numbers for people: counts, shares, odds, times, and the error rate of a scan."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Final

from ringfence.model import phrases

_THIN: Final = "\N{NARROW NO-BREAK SPACE}"
_NBSP: Final = "\N{NO-BREAK SPACE}"
_SUPERSCRIPTS: Final = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE: Final = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_LONGEST_ODDS: Final = 10**15
"""Odds beyond this are all written alike, because no model of users is that exact."""


def count(number: int) -> str:
    """Return a whole number with thousands separated: ``20,000``."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless the number is one: ``1 account``."""
    return phrases.counted(number, noun, _NBSP)


def share(value: float) -> str:
    """Return a share in [0, 1] as a percentage that never rounds to nothing or to everything."""
    if not math.isfinite(value):
        return "–"
    percent = 100 * value
    if percent == 0:
        return f"0{_THIN}%"
    if 0 < percent < 0.01:
        return f"<{_THIN}0.01{_THIN}%"
    if 99.95 <= percent < 100:
        return f">{_THIN}99.9{_THIN}%"
    return f"{percent:.{2 if percent < 1 else 1}f}".rstrip("0").rstrip(".") + f"{_THIN}%"


def p_value(value: float) -> str:
    """Return a p-value as a short number: ``0.03``, ``3 × 10⁻⁹``."""
    if not 0 <= value <= 1:
        return "–"
    if value >= 0.001:
        return f"{value:.2g}"
    if value < 1e-300:
        return f"<{_THIN}10⁻³⁰⁰"
    mantissa, exponent = f"{value:.0e}".split("e")
    return f"{mantissa}{_THIN}×{_THIN}10{str(int(exponent)).translate(_SUPERSCRIPTS)}"


def odds(value: float) -> str:
    """Return a p-value in words: ``1 in 2 million users``."""
    if not 0 <= value <= 1:
        return "an unknown share of users"
    if value > 0.5:
        return "most users"
    if value * _LONGEST_ODDS < 1:
        return "fewer than 1 in 1,000 trillion users"
    return f"1 in{_NBSP}{_large(_rounded(1 / value))} users"


def expected(value: float) -> str:
    """Return an expected number of false findings: ``0.002``, ``3.1``, ``120``."""
    if not math.isfinite(value):
        return "–"
    if 0 <= value < 0.001:
        return f"<{_THIN}0.001"
    return count(round(value)) if value >= 10 else f"{value:.2g}"


def promise(rate: float) -> str:
    """Return, as a sentence, how often a scan with this false accusation rate is wrong."""
    scans = round(1 / rate)
    if scans > 1 and abs(scans * rate - 1) < 0.02:
        return (
            f"At this setting, at most one scan in{_NBSP}{count(scans)} accuses an honest account."
        )
    return f"At this setting, at most {share(rate)} of scans accuse an honest account."


def day(when: datetime) -> str:
    """Return the day of a time, UTC: ``3 December 2025``."""
    when = _utc(when)
    return f"{when.day}{_NBSP}{when:%B}{_NBSP}{when:%Y}"


def minute(when: datetime) -> str:
    """Return a time to the minute, UTC: ``3 December 2025, 14:05 UTC``."""
    return f"{day(when)}, {_utc(when):%H:%M}{_NBSP}UTC"


def moment(when: datetime) -> str:
    """Return a time to the minute in the form of a table, UTC: ``2025-12-03 14:05``."""
    return f"{_utc(when):%Y-%m-%d %H:%M}"


def iso_day(when: datetime) -> str:
    """Return the day of a time in the form of a table, UTC: ``2025-12-03``."""
    return f"{_utc(when):%Y-%m-%d}"


def _utc(when: datetime) -> datetime:
    return when if when.tzinfo is None else when.astimezone(UTC)


def _rounded(number: float) -> int:
    """Round to two significant digits, because odds are not more exact than that."""
    unit = 10.0 ** max(0, math.floor(math.log10(number)) - 1)
    return round(round(number / unit) * unit)


def _large(number: float) -> str:
    for size, name in _LARGE:
        if number >= size:
            return f"{float(f'{number / size:.3g}'):,g}{_NBSP}{name}"
    return count(int(number))
