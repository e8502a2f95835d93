"""The languages of the pages: English, and French from one file of translations.

The sentences of evidence have translations of their own, because findings store them in English.
"""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from typing import Final, get_args

from ringfence.statement_settings import Language

PAGE_LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
"""The languages of the pages, the default one first."""

_THIN: Final = "\N{NARROW NO-BREAK SPACE}"
_WANTED: Final = re.compile(r"\s*([a-zA-Z]{1,8})(?:-[a-zA-Z0-9-]*)?\s*(?:;\s*q=([0-9.]{1,5}))?\s*")


def translate(language: Language, text: str, **values: object) -> str:
    """Return a text of the pages in a language. A text that is not translated stays English.

    Args:
        language: of the page.
        text: in English. Names in braces are places for values.
        values: what stands in these places.
    """
    found = _translations().get(text, text) if language == "fr" else text
    return found.format(**values) if values else found


def write_number(language: Language, number: int) -> str:
    """Return a whole number with its thousands separated: ``20,000``, or with thin spaces."""
    text = f"{number:,}"
    return text.replace(",", _THIN) if language == "fr" else text


def wanted_language(chosen: str, accepted: str) -> Language:
    """Return the language of a page.

    Args:
        chosen: what the person has chosen; empty if nothing.
        accepted: the header ``Accept-Language`` of the browser.
    """
    for language in PAGE_LANGUAGES:
        if language == chosen:
            return language
    best: tuple[float, Language] = (0.0, PAGE_LANGUAGES[0])
    for part in accepted[:200].split(","):
        match = _WANTED.fullmatch(part)
        if match is None:
            continue
        weight = _weight(match[2])
        for language in PAGE_LANGUAGES:
            if match[1].lower() == language and weight > best[0]:
                best = (weight, language)
    return best[1]


def _weight(text: str | None) -> float:
    try:
        return float(text or 1)
    except ValueError:
        return 0.0


@cache
def _translations() -> dict[str, str]:
    file = files("ringfence.service.dashboard") / "french.json"
    found: dict[str, str] = json.loads(file.read_text("utf-8"))
    return found
