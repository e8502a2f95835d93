"""Make text from outside harmless to look at, on a page and on a terminal."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero-width characters), surrogates, private use and unassigned
# characters, and the line and paragraph separators: none of them shows what it is.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str, limit: int | None = None) -> str:
    r"""Return text in which every character can be seen: hidden ones appear as ``\u{202e}``.

    HTML is left as it is, because the template escapes everything.

    Args:
        text: any text.
        limit: largest length of the result, None for any. An ellipsis stands for what is cut.
    """
    if limit is not None:
        return clip(visible(text[: limit + 1]), limit)
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` characters of a text; an ellipsis stands for what is cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shown(character: str) -> str:
    if unicodedata.category(character) not in _HIDDEN:
        return character
    return f"\\u{{{ord(character):x}}}"
