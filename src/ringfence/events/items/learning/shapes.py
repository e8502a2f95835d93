"""The shape of a value in a URL: whether it looks like the id of something, and its pattern."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache
from typing import Final

_UUID: Final = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
_DIGIT: Final = re.compile("[0-9]")
_VERSION: Final = re.compile(r"^(?:v[0-9]+(?:\.[0-9]+)*|[0-9]+\.[0-9](?:\.[0-9]+)?|[a-z]+[0-9]?)$")
_GLOBAL: Final = re.compile(rf"^(?:{_UUID}|[0-9a-f]{{16,}}|10\.[0-9]{{4,9}}/.+)$")
_SLUG: Final = re.compile(r"^[^\s]*[a-z0-9][-_+][a-z0-9]+[-_+][a-z0-9][^\s]*$")
_LONG_WORD: Final = 24
_DAY: Final = re.compile(
    r"^(?:1[5-9]|20)[0-9]{2}"
    r"(?:[-_.](?:0[1-9]|1[0-2])(?:[-_.][0-3][0-9](?!\d))?|(?:0[1-9]|1[0-2])[0-3][0-9](?!\d))"
    r"(?:[-_.][a-z]*[0-9]{1,2})?$"
)
_LANGUAGE: Final = re.compile(r"^[a-z]{2}(?:[-_][a-z]{2,4})?$")
_SECRET: Final = re.compile(r"^(?:[0-9a-f]{24,}|[A-Za-z0-9_+/=-]{28,})$")

_CLASSES: Final = (
    ("[0-9]+", re.compile(r"^[0-9]+$")),
    (_UUID, re.compile(rf"^{_UUID}$")),
    ("[0-9a-f]{32}", re.compile(r"^[0-9a-f]{32}$")),
    (r"[^/?&#;]*?[0-9][^/?&#;]*?", re.compile(r"[0-9]")),
    (r"[^/?&#;]*?-[^/?&#;]*?", re.compile(r"-")),
)
"""Patterns from narrow to wide, and what all values must match for them."""

ANYTHING: Final = r"[^/?&#;]+"


@lru_cache(maxsize=1 << 16)
def id_like(value: str) -> bool:
    """Return whether a value in lower case looks like a number or a code, not like a word."""
    return bool(_DIGIT.search(value)) and not _VERSION.match(value)


def slug_like(value: str) -> bool:
    """Return whether a value looks like a title: three words or more, or one very long word."""
    return bool(_SLUG.match(value)) or len(value) > _LONG_WORD


def is_global(values: Collection[str]) -> bool:
    """Return whether values are unique in the world, as UUIDs, long hashes and DOIs are."""
    return bool(values) and all(_GLOBAL.match(value) for value in values)


def is_day(value: str) -> bool:
    """Return whether a value is the date of a day or month, perhaps with a number behind it."""
    return bool(_DAY.match(value))


def is_language(value: str) -> bool:
    """Return whether a value is the code of a language, perhaps with a country."""
    return bool(_LANGUAGE.match(value))


def secret_like(value: str) -> bool:
    """Return whether a value is as long and random as a token."""
    return bool(_SECRET.match(value)) and any(char.isdigit() for char in value)


def class_of(values: Collection[str]) -> str:
    """Return the narrowest pattern that matches all values."""
    for pattern, needed in _CLASSES:
        if values and all(needed.search(value) for value in values):
            return pattern
    return ANYTHING
