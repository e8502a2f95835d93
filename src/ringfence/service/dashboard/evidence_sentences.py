"""Translate the sentences of evidence on accounts and rings, which findings store in English.

Each sentence is recognised by its pattern, and its numbers are put into the pattern of the other
language. So cases that are already stored are translated, too. If one sentence of a text has no
pattern, as those of tests from other packages, the whole text stays English.

A place ``{a}`` in a pattern is a number. ``{a item}`` is a number with its noun, in the singular or
the plural. The translation may give a noun to a number that has none in English. A number with a
noun is never a share. A place ``{k:cohort}`` is one of the phrases of that name. A sentence with
another number than these, such as ``nan``, stays English.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple

from ringfence.statement_settings import Language

_NUMBER: Final = r"-?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.[0-9]+)?"
_PLACE: Final = re.compile(r"\{([a-z])(?: ([a-z ]+))?(?::([a-z]+))?\}")
_ENDS: Final = re.compile(r"(?<=\.) (?=[A-Z0-9])")
_THIN: Final = "\N{NARROW NO-BREAK SPACE}"
_SPACE: Final = "\N{NO-BREAK SPACE}"
_REMEMBERED: Final = 2_000
_LONGEST: Final = 2_000


class EvidenceText(NamedTuple):
    """A text about evidence.

    Attributes:
        language: in which it is.
        text: one or more sentences.
    """

    language: Language
    text: str


@lru_cache(_REMEMBERED)
def evidence_text(language: Language, text: str) -> EvidenceText:
    """Return a text about evidence in a language; in English if it cannot be translated."""
    if language != "fr" or len(text) > _LONGEST:
        return EvidenceText("en", text)
    translated = [_translated(one) for one in _ENDS.split(text)]
    known = [one for one in translated if one]
    whole = len(known) == len(translated)
    return EvidenceText("fr", " ".join(known)) if whole else EvidenceText("en", text)


def _translated(sentence: str) -> str:
    """Return a sentence in French; an empty text if it has no pattern."""
    for pattern, write in _patterns():
        match = pattern.fullmatch(sentence)
        if match:
            return write(match.groupdict())
    return ""


@cache
def _patterns() -> list[tuple[re.Pattern[str], Callable[[Mapping[str, str]], str]]]:
    file = files("ringfence.service.dashboard") / "evidence_french.json"
    found: dict[str, Any] = json.loads(file.read_text("utf-8"))
    nouns: dict[str, tuple[str, str]] = found["nouns"]
    phrases: dict[str, dict[str, str]] = found["phrases"]
    return [
        (_pattern(text, other, phrases), _writer(other, nouns, phrases))
        for text, other in found["sentences"].items()
    ]


def _pattern(text: str, other: str, phrases: Mapping[str, Mapping[str, str]]) -> re.Pattern[str]:
    """Return an expression for the English sentences of a pattern with this translation."""
    counts = {place[1] for place in _PLACE.finditer(text + other) if place[2]}
    expression, end = "", 0
    for place in _PLACE.finditer(text):
        noun = f" {place[2]}s?" if place[2] else ""
        before = re.escape(text[end : place.start()])
        share = "" if place[1] in counts else "%?"
        said = "|".join(map(re.escape, phrases[place[3]])) if place[3] else f"{_NUMBER}{share}"
        expression += f"{before}(?P<{place[1]}>{said}){noun}"
        end = place.end()
    return re.compile(expression + re.escape(text[end:]))


def _writer(
    text: str, nouns: Mapping[str, tuple[str, str]], phrases: Mapping[str, Mapping[str, str]]
) -> Callable[[Mapping[str, str]], str]:
    """Return a function that puts numbers and phrases into a French pattern."""

    def place(match: re.Match[str], numbers: Mapping[str, str]) -> str:
        number = numbers[match[1]]
        if match[3]:
            return phrases[match[3]][number]
        return _french(number) + (f" {nouns[match[2]][_is_many(number)]}" if match[2] else "")

    return lambda numbers: _PLACE.sub(lambda match: place(match, numbers), text)


def _is_many(number: str) -> bool:
    """Return whether a noun is in the plural, in French from 2 on."""
    return abs(float(number.replace(",", ""))) >= 2


def _french(number: str) -> str:
    """Return a number with the signs of French: ``1 234,5`` and ``12 %``."""
    text = number.replace(",", _THIN).replace(".", ",")
    return text.replace("%", f"{_SPACE}%")
