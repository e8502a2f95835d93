"""Leave out of a person's words what the account holder must not read.

The reason of a decision is written for reviewers. A sentence of it may name another account, or say
how the account was found. Such a sentence is left out as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Connection, select

from ringfence.cases.schema import MEMBERS
from ringfence.visible import visible

LEFT_OUT: Final = "[…]"
"""The sign in place of the sentences that were left out."""

_MEASURES: Final = re.compile(
    r"\bp\s?[<>=≤≥]|\bp\W{0,3}(?:values?|valeurs?)\b|\bvaleurs?\W{1,3}p\b"
    r"|\d\W?e[-−+]\d|\b(?:thresholds?|seuils?)\b",
    re.IGNORECASE,
)
"""Words of the detection, and numbers in the notation of p-values."""

_SENTENCE: Final = re.compile(r".+?(?:[.!?;](?=\s)|$)")
_MOST_WORDS: Final = 500
"""Words that one statement asks for. The store's databases allow more."""


def screened(text: str, names: Iterable[str]) -> str:
    """Return the sentences of a text in which no name and no measure of the detection occurs.

    Args:
        text: what a person wrote. White space is folded, and hidden characters are shown.
        names: accounts, rings and evidence tests. Case does not matter.
    """
    plain = plain_text(text)
    spans = list(_spans(plain, names))
    kept: list[str] = []
    for sentence in _SENTENCE.finditer(plain):
        if any(sentence.start() < end and start < sentence.end() for start, end in spans):
            kept += [LEFT_OUT] if kept[-1:] != [LEFT_OUT] else []
        else:
            kept.append(sentence[0].strip())
    return " ".join(filter(None, kept))


def plain_text(text: str) -> str:
    """Return a text as one line in which every character can be seen."""
    return visible(" ".join(text.split()))


def named_accounts(connection: Connection, text: str) -> set[str]:
    """Return the accounts of any case whose names are words of a text."""
    words = {part for word in text.split() for part in (word, word.strip(".,;:!?()[]{}\"'“”«»"))}
    listed = sorted(word for word in words if word)
    found: set[str] = set()
    for start in range(0, len(listed), _MOST_WORDS):
        some = MEMBERS.c.account.in_(listed[start : start + _MOST_WORDS])
        found |= set(connection.execute(select(MEMBERS.c.account).where(some).distinct()).scalars())
    return found


def _spans(plain: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for match in _MEASURES.finditer(plain):
        yield match.span()
    for name in filter(None, map(plain_text, names)):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", plain, re.IGNORECASE):
            yield match.span()
