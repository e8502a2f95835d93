"""Read the item out of one URL in Python, as :func:`item_sql` and :func:`name_sql` do in SQL.

A gateway asks about one request at a time, and a statement of the engine takes a hundred times as
long. The rules are the same objects, and a test compares both readings on all URLs of the tests.

Python's expressions may need a time that grows with the square of the length of a text, or worse.
The engine's do not. So a URL longer than :data:`LONGEST_SHORT_URL` is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from ringfence.events.items.rules import PROXY_PAGES, STATIC, Preset, Rule
from ringfence.events.secrets import masked_item_pattern

LONGEST_SHORT_URL: Final = 512
"""Characters of a URL that is read here."""

_NORMAL: Final = (("+", " "), ("%20", " "), ("%2F", "/"), ("%2f", "/"), ("%3A", ":"), ("%3a", ":"))
_UNESCAPED: Final = (("%25", "%"), ("%2F", "/"), ("%2f", "/"), ("%3A", ":"))
_STATIC: Final = re.compile(STATIC)


def url_reader(preset: Preset, keys: Sequence[str] = ()) -> Callable[[str], str]:
    """Return a function that returns the item of a URL; an empty text if there is none.

    Args:
        preset: item rules.
        keys: names of the parameters that hold an account's key, which no item's name contains.
    """
    rules = tuple((_finder(rule), rule.markers) for rule in preset.rules)
    secret = re.compile(masked_item_pattern((*preset.parameters, *keys)))

    def item_of(url: str) -> str:
        if any(text in url for text in preset.unwanted) or _is_apart(preset, url):
            return ""
        for find, markers in rules:
            if not markers or any(marker in url for marker in markers):
                found = find(url)
                if found:
                    masked = secret.sub(r"\1", found) if "=" in found else found
                    return _name(masked) if preset.unescape else masked
        return ""

    return item_of


def _is_apart(preset: Preset, url: str) -> bool:
    """Return whether a URL is not a request for an item, although a rule may match."""
    return (preset.proxied and any(page in url for page in PROXY_PAGES)) or (
        preset.static and _STATIC.search(url) is not None
    )


def _finder(rule: Rule) -> Callable[[str], str]:
    search, index = re.compile(rule.unnamed).search, rule.groups["item"]

    def find(url: str) -> str:
        match = search(url)
        item = (match[index] or "") if match else ""
        if not item:
            return ""
        if rule.normalise:
            for written, meant in _NORMAL:
                item = item.replace(written, meant)
            item = item.lower()
        return rule.prefix + item

    return find


def _name(item: str) -> str:
    """Return the one name of an item that may be written in several ways."""
    plain = item
    for written, meant in _UNESCAPED:
        plain = plain.replace(written, meant)
    return plain.lower() if item.startswith("10.") else plain
