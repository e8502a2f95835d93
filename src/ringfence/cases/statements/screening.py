"""Leave out of a person's words what the account holder must not read.

The reason of a decision is written for reviewers. A sentence of it may name another account, or say
how the account was found. Such a sentence is left out as a whole.
"""

from __future__ import annotations

import re
import unicodedata
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

_SAME: Final = str.maketrans(
    dict.fromkeys("\u2018\u2019\u02bc\u00b4\u0060\uff07\u2032", "'")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-")
    | {"\u0307": ""}
)
"""The signs that are typed in place of an apostrophe or a hyphen, and the dot that is left of a
Turkish I."""

_SHOWN: Final = re.compile(r"\\u\{[0-9a-f]+\}")
"""A hidden character, as :func:`plain_text` shows it. It hides no name."""

_WITHOUT_SPACES: Final = (
    "CJK",
    "HIRAGANA",
    "KATAKANA",
    "HANGUL",
    "THAI",
    "LAO",
    "KHMER",
    "MYANMAR",
)
"""Scripts in which a word may follow another one, or an ending, without a space."""

_LEAST_OF_ADDRESS: Final = 4
"""Characters of the part of an e-mail address before the ``@`` that can name a person."""

_ROLES: Final = frozenset(
    [
        "abuse",
        "account",
        "accounts",
        "admin",
        "article",
        "articles",
        "contact",
        "download",
        "downloads",
        "hostmaster",
        "info",
        "journal",
        "journals",
        "library",
        "marketing",
        "music",
        "news",
        "office",
        "postmaster",
        "reader",
        "readers",
        "research",
        "sales",
        "security",
        "service",
        "support",
        "user",
        "users",
        "webmaster",
    ]
)
"""Parts of e-mail addresses before the ``@`` that are words: the names of RFC 2142, and nouns that
a letter of such a service has anyway."""

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

    Case, the form of apostrophes, and the spellings of one character in Unicode do not matter. A
    name in letters that is a part of a longer word is not found, except for a final *s*.
    """
    folded, _ = _fold(plain_text(text))
    names = connection.execute(
        select(MEMBERS.c.account).distinct(), execution_options={"yield_per": _AT_ONCE}
    )
    return {name for name in names.scalars() if any(_places(folded, plain_text(name)))}


def fragments(sentences: Iterable[str]) -> Iterator[str]:
    """Yield the sentences of some texts, each without the sign at its end."""
    for text in sentences:
        for sentence in _SENTENCE.finditer(plain_text(text)):
            yield sentence[0].strip().rstrip(".!?;")


def _spans(plain: str, names: Iterable[str]) -> Iterator[tuple[int, int]]:
    """Yield the beginning and the end of each name and each measure in a text."""
    for match in _MEASURES.finditer(plain):
        yield match.span()
    folded, places = _fold(plain)
    for name in filter(None, map(plain_text, names)):
        for start, end in _places(folded, name):
            yield places[start], places[end - 1] + 1


def _fold(text: str) -> tuple[str, list[int]]:
    """Return a text in the form in which it is compared, and the place of each sign in the text."""
    signs: list[str] = []
    places: list[int] = []
    hidden = {place for match in _SHOWN.finditer(text) for place in range(*match.span())}
    for place, sign in enumerate(text):
        if place in hidden:
            continue
        # A mark such as the dots of an umlaut may follow its letter as a sign of its own.
        if unicodedata.combining(sign) and signs:
            composed = _folded(signs[-1] + sign)
            if len(composed) == 1:
                signs[-1] = composed
                continue
        for one in _folded(sign):
            signs.append(one)
            places.append(place)
    return "".join(signs), places


def _folded(text: str) -> str:
    visible_signs = "".join(sign for sign in text if unicodedata.category(sign) != "Cf")
    return unicodedata.normalize("NFKC", visible_signs).casefold().translate(_SAME)


def _places(folded: str, name: str) -> Iterator[tuple[int, int]]:
    """Yield where a name stands in a folded text."""
    wanted = _folded(_SHOWN.sub("", name))
    for form in {wanted, *_persons(wanted)}:
        start = folded.find(form) if form else -1
        while start >= 0:
            end = start + len(form)
            if _begins(folded, start) and _ends(folded, end, form):
                yield start, end
            start = folded.find(form, start + 1)


def _persons(address: str) -> Iterator[str]:
    """Yield the parts of an e-mail address that name a person, also without what follows a plus."""
    local, at, _ = address.partition("@")
    for name in (local, local.partition("+")[0]) if at else ():
        if len(name) >= _LEAST_OF_ADDRESS and name not in _ROLES:
            yield name


def _begins(text: str, start: int) -> bool:
    return start == 0 or not _is_one_word(text[start - 1], text[start])


def _ends(text: str, end: int, name: str) -> bool:
    """Return whether a name ends at a place, perhaps with the *s* of a genitive or plural."""
    rest = text[end : end + 2]
    if not rest or not _is_one_word(text[end - 1], rest[0]):
        return True
    if not name.isalpha() and not name.isdigit():
        # user_7 and bob@example.org have endings of any language, and user_71 is another one.
        return rest[0].isalpha()
    return rest[0] == "s" and (len(rest) == 1 or not _is_one_word("s", rest[1]))


def _is_one_word(one: str, other: str) -> bool:
    """Return whether two signs next to each other are parts of one word."""
    return _in_word(one) and _in_word(other)


def _in_word(sign: str) -> bool:
    if sign.isascii():
        return sign.isalnum() or sign == "_"
    return sign.isalnum() and not unicodedata.name(sign, "").startswith(_WITHOUT_SPACES)
