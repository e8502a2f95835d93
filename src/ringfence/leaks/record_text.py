"""Make texts of records comparable: one alphabet, one case, no punctuation."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from anyascii import anyascii

_NOT_PLAIN: Final = re.compile(r"[^a-z0-9]+")


def plain_text(text: str | None) -> str:
    """Return a text in small Latin letters and digits, words separated by one space.

    Other alphabets are transliterated sign by sign: the result is for comparing, not for reading.
    """
    if not text:
        return ""
    latin = text if text.isascii() else anyascii(unicodedata.normalize("NFKC", text))
    return _NOT_PLAIN.sub(" ", latin.lower()).strip()
