"""Read a URI as the server behind the gateway does, which decodes it.

``/rest/%73tream?%69d=12`` and ``/tracks/1/../12`` lead a server to the same item as the plain URI.
A client that writes URIs in this way must not get around its allowance, nor be another account.

Source: RFC 3986, section 6.2.2: an encoded letter, digit, ``-``, ``.``, ``_`` or ``~`` means the
same as the plain one, and so does a path without its dot segments.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

_ENCODED: Final = re.compile(
    "%(2[DEde]|3[0-9]|4[1-9A-Fa-f]|5[0-9AFaf]|6[1-9A-Fa-f]|7[0-9AEae])", re.ASCII
)
_MAY_HAVE_DOTS: Final = re.compile(r"(?:/|%2[Ff])\.")
_DOTS: Final = re.compile(r"/\.\.?(?:/|$)")
_SLASHES: Final = re.compile("%2[Ff]")
_END: Final = re.compile("[?#]")


def plain_uri(uri: str) -> str:
    """Return a URI without needless encoding and without dot segments; itself if it has none."""
    plain = _ENCODED.sub(_character, uri) if "%" in uri else uri
    if not _MAY_HAVE_DOTS.search(plain):
        return plain
    end = _END.search(plain)
    path = plain[: end.start()] if end else plain
    flat = _SLASHES.sub("/", path)
    if not _DOTS.search(flat):
        return plain
    return _resolved(flat) + plain[len(path) :]


def careful_reader(item_of: Callable[[str], str]) -> Callable[[str], str]:
    """Return a function that returns the item of a URI, however its client has written it.

    An item keeps the name that the reader of logs gives it, also if the URI is written oddly.

    Args:
        item_of: returns the item of a URI as it is written; an empty text if there is none.
    """

    def read(uri: str) -> str:
        found, plain = item_of(uri), plain_uri(uri)
        if plain != uri:
            meant = item_of(plain)
            if meant and meant != plain_uri(found):
                return meant
        if found:
            return found
        end = _END.search(plain)
        path = plain[: end.start()] if end else plain
        # Many servers take these for one slash. Where the URI has an item, they stay part of it.
        merged = re.sub("/{2,}", "/", _SLASHES.sub("/", path))
        return item_of(merged + plain[len(path) :]) if merged != path else ""

    return read


def _character(match: re.Match[str]) -> str:
    return chr(int(match[1], 16))


def _resolved(path: str) -> str:
    """Return a path without dot segments, as RFC 3986, section 5.2.4, removes them."""
    kept: list[str] = []
    for part in path.split("/"):
        if part == "..":
            del kept[max(1, len(kept) - 1) :]
        elif part != ".":
            kept.append(part)
    if path.endswith(("/.", "/..")):
        kept.append("")
    return "/".join(kept)
