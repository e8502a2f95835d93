"""Outside text made harmless to look at: nothing hidden, nothing reordered, nothing endless."""

from __future__ import annotations

import unicodedata

# Control, format (bidi overrides, zero-width signs), surrogates, private use and unassigned, and
# the line and paragraph separators: none of them shows what it is.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def visible(text: str) -> str:
    r"""Return text in which every sign can be seen: hidden ones appear as ``\u{202e}``.

    HTML is left as it is: escaping belongs to the template, which does it for everything.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_shown(sign) for sign in text)


def clip(text: str, limit: int) -> str:
    """Return at most ``limit`` signs of a text, the last of them an ellipsis if some were cut."""
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _shown(sign: str) -> str:
    return f"\\u{{{ord(sign):x}}}" if unicodedata.category(sign) in _HIDDEN else sign
