"""Read marked values from a dump, whatever unit and notation it has re-encoded them in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final, Literal

import numpy as np

from ringfence.stats.arrays import Integers
from ringfence.stats.seconds import HOUR

ValueUnit = Literal["unit", "thousand"]
"""Whether numbers of a dump are in the marked unit (milliseconds) or in thousands of it
(seconds)."""

NO_VALUE: Final = -1
"""Stands for a value that cannot be read as a number of the field."""

_LARGEST: Final = 10.0**15
_CLOCK: Final = re.compile(r"(?:(\d{1,6}):)?(\d{1,9}):(\d{1,2}(?:[.,]\d{1,9})?)")
_ISO: Final = re.compile(r"P?T(?:(\d{1,6})H)?(?:(\d{1,9})M)?(?:(\d{1,9}(?:[.,]\d{1,9})?)S)?")
_NUMBER: Final = re.compile(r"\d{1,15}(?:[.,]\d{1,15})?(?:[eE][+]?\d{1,2})?")


def parse_values(values: Iterable[object], unit: ValueUnit | None = None) -> Integers:
    """Return values as whole numbers of the marked unit; -1 where one cannot be read.

    Clock times (``3:35.347``, ``0:03:35,347``) and ISO 8601 durations (``PT3M35.347S``) are seconds
    with a fraction. Plain numbers are in the given unit. If none is given, they are thousands of it
    if most of them have a fraction of up to three digits.

    Args:
        values: of a column, as text or numbers.
        unit: of plain numbers.
    """
    texts = ["" if value is None else str(value).strip() for value in values]
    if unit is None:
        plain = [text for text in texts if _NUMBER.fullmatch(text)]
        broken = sum(_has_fraction(text) for text in plain)
        unit = "thousand" if 2 * broken > len(plain) else "unit"
    factor = 1000 if unit == "thousand" else 1
    return np.array([_parsed(text, factor) for text in texts], dtype=np.int64)


def _has_fraction(text: str) -> bool:
    """Return whether a number has digits other than 0 after its point."""
    return bool(re.search(r"[.,]\d*[1-9]", text))


def _parsed(text: str, factor: int) -> int:
    if _NUMBER.fullmatch(text):
        return _whole(float(text.replace(",", ".")) * factor)
    if clock := _CLOCK.fullmatch(text) or _ISO.fullmatch(text):
        hours, minutes, seconds = (
            float((part or "0").replace(",", ".")) for part in clock.groups()
        )
        return _whole((hours * HOUR + minutes * 60 + seconds) * 1_000)
    return NO_VALUE


def _whole(number: float) -> int:
    return round(number) if number < _LARGEST else NO_VALUE
