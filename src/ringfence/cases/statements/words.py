"""Times and numbers as people write them, in each language."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from ringfence.statement_settings import Language

_MONTHS: Final[dict[Language, tuple[str, ...]]] = {
    "en": (
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ),
    "fr": (
        "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre",
        "octobre", "novembre", "décembre",
    ),
}  # fmt: skip

_NO_BREAK: Final = "\u00a0"
_THIN: Final = "\u202f"


def day_in_words(time: datetime, language: Language) -> str:
    """Return a day in UTC, such as ``9 March 2026`` or ``1er mars 2026``, without line breaks."""
    day = time.astimezone(UTC)
    number = "1er" if language == "fr" and day.day == 1 else str(day.day)
    return _NO_BREAK.join((number, _MONTHS[language][day.month - 1], f"{day.year:04}"))


def minute_in_words(time: datetime, language: Language) -> str:
    """Return a minute in UTC, such as ``9 March 2026, 14:05 UTC``."""
    utc, day = time.astimezone(UTC), day_in_words(time, language)
    if language == "fr":
        hour = f"{utc.hour}{_NO_BREAK}h{_NO_BREAK}{utc.minute:02}"
        return f"{day} à {hour}{_NO_BREAK}UTC"
    return f"{day}, {utc.hour:02}:{utc.minute:02}{_NO_BREAK}UTC"


def count_in_words(number: int, language: Language) -> str:
    """Return a whole number with its thousands apart, such as ``1,650``."""
    text = f"{number:,}"
    return text.replace(",", _THIN) if language == "fr" else text
