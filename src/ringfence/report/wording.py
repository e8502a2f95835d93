"""Numbers as people say them: counts, shares, odds, promises."""

from __future__ import annotations

import math
from datetime import UTC, datetime

_THIN = "\N{NARROW NO-BREAK SPACE}"
_NBSP = "\N{NO-BREAK SPACE}"
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_LARGE = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_BEYOND = 10**15
"""Odds beyond one in so many are not told apart: no model of users is that exact."""


def count(number: int) -> str:
    """Return a whole number as sentences of evidence and terminals have it: ``20,000``."""
    return f"{number:,}"


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the plural unless it is one: ``1 account``."""
    return f"{count(number)}{_NBSP}{noun}{'' if number == 1 else 's'}"


def share(value: float) -> str:
    """Return a share in [0, 1] as a percentage that never rounds to nothing or to everything."""
    if not math.isfinite(value):
        return "–"
    percent = 100 * value
    if 0 < percent < 0.01:
        return f"<{_THIN}0.01{_THIN}%"
    if 99.95 <= percent < 100:
        return f">{_THIN}99.9{_THIN}%"
    digits = 2 if percent < 1 else 1
    return (
        f"{percent:.{digits}f}".rstrip("0").rstrip(".") + f"{_THIN}%" if percent else f"0{_THIN}%"
    )


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
    if value * _BEYOND < 1:
        return "fewer than 1 in 1000 trillion users"
    return f"1 in{_NBSP}{_large(_rounded(1 / value))} users"


def expected(value: float) -> str:
    """Return an expected number of false findings: ``0.002``, ``3.1``, ``120``."""
    if not math.isfinite(value):
        return "–"
    if 0 <= value < 0.001:
        return f"<{_THIN}0.001"
    return count(round(value)) if value >= 10 else f"{value:.2g}"


def promise(rate: float) -> str:
    """Return, as a sentence, how often a scan at this false accusation rate does wrong."""
    scans = round(1 / rate)
    if scans > 1 and abs(scans * rate - 1) < 0.02:
        return (
            f"At this setting, at most one scan in{_NBSP}{count(scans)} accuses any honest account "
            "at all."
        )
    return f"At this setting, at most {share(rate)} of scans accuse any honest account at all."


def day(moment: datetime) -> str:
    """Return the day of a moment, UTC: ``3 December 2025``."""
    moment = _utc(moment)
    return f"{moment.day}{_NBSP}{moment:%B}{_NBSP}{moment:%Y}"


def minute(moment: datetime) -> str:
    """Return a moment to the minute, UTC: ``3 December 2025, 14:05 UTC``."""
    return f"{day(moment)}, {_utc(moment):%H:%M}{_NBSP}UTC"


def moment(when: datetime) -> str:
    """Return a moment as a table has it, UTC: ``2025-12-03 14:05``."""
    return f"{_utc(when):%Y-%m-%d %H:%M}"


def _utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo is None else moment.astimezone(UTC)


def _rounded(number: float) -> int:
    """Two significant digits are as many as odds deserve."""
    unit = 10.0 ** max(0, math.floor(math.log10(number)) - 1)
    return round(round(number / unit) * unit)


def _large(number: float) -> str:
    for size, name in _LARGE:
        if number >= size:
            return f"{number / size:.3g}{_NBSP}{name}"
    return count(int(number))
