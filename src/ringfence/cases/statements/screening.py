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
_AT_ONCE: Final = 1_000
"""Accounts that are read at once."""


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
    """Return the accounts of any case whose names a text has, whatever stands around them.

    Case does not matter. A name that is a part of a longer word is not found.
    """
    folded = plain_text(text).casefold()
    names = connection.execute(
        select(MEMBERS.c.account).distinct(), execution_options={"yield_per": _AT_ONCE}
    )
    return {name for name in names.scalars() if _has_name(folded, plain_text(name).casefold())}


def fragments(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of some texts, each without the sign at its end."""
    for text in sentences:
        for sentence in _SENTENCE.finditer(plain_text(text)):
            yield sentence[0].strip().rstrip(".!?;")


def _has_name(text: str, name: str) -> bool:
    # A store has many accounts, and nearly none of them is in the text.
    return name in text and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) is not None


def _spans(plain: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    for match in _MEASURES.finditer(plain):
        yield match.span()
    for name in filter(None, map(plain_text, names)):
        for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", plain, re.IGNORECASE):
            yield match.span()
