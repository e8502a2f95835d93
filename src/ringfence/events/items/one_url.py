"""Read the item out of one URL in Python, as :func:`item_select` and :func:`name_sql` do in SQL.

A gateway asks about one request at a time, and a statement of the engine takes a hundred times as
long. The rules are the same objects, and a test compares both readings on all URLs of the tests.

Python's expressions may need a time that grows with the square of the length of a text, or worse.
The engine's do not. So a URL longer than :data:`LONGEST_SHORT_URL` is left to the engine.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from ringfence.events.items.path_parameters import (
    bare_url,
    half_bare_url,
    is_disputed,
    is_doubtful,
    is_of_path,
    is_read,
    path_of,
)
from ringfence.events.items.plain_url import (
    flat_url,
    literal_url,
    may_be_odd,
    merged_url,
    plain_url,
    unmerged_url,
)
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
    written = _written_reader(preset)
    secret = re.compile(masked_item_pattern((*preset.parameters, *keys)))
    is_asset = _asset_test(preset)

    def item_of(url: str) -> str:
        if may_be_odd(url):
            url, found = _read(url, written)
        else:
            found = written(url)
        if not found or _is_apart(preset, url) or is_asset(url, found):
            return ""
        masked = secret.sub(r"\1", found) if "=" in found else found
        return _name(masked) if preset.unescape else masked

    return item_of


def url_spelling(preset: Preset) -> Callable[[str], str]:
    """Return a function that returns a URL in the spelling in which its item is read.

    Args:
        preset: item rules.
    """
    written = _written_reader(preset)
    return lambda url: _read(url, written)[0] if may_be_odd(url) else url


def _read(url: str, written: Callable[[str], str]) -> tuple[str, str]:
    """Return the spelling in which a URL is read, and its item, as :func:`item_select` does."""
    spelling, found = _first_read(url, written)
    if found and (is_disputed(url) or _is_in_doubt(url, written)):
        # Whichever path a server takes, another item is then another name.
        found = f"{path_of(url)} {found}"
    return spelling, found


def _is_in_doubt(url: str, written: Callable[[str], str]) -> bool:
    if not is_doubtful(url):
        return False
    plain = plain_url(url)
    found = written(plain)
    return not (found and is_read(plain, found, written) and is_of_path(plain, found, written))


def _first_read(url: str, written: Callable[[str], str]) -> tuple[str, str]:
    doubted = None
    for spelling in dict.fromkeys(_spellings(url)):
        found = written(spelling)
        if found and is_read(spelling, found, written):
            return spelling, found
        if found and doubted is None:
            doubted = spelling, found
    return doubted or (url, "")


def _spellings(url: str) -> Iterator[str]:
    plain, disputed = plain_url(url), is_disputed(url)
    yield from (plain, url, merged_url(plain))
    if ";" in url or "%3" in url:
        yield from (bare_url(plain), merged_url(plain_url(bare_url(url))))
        if disputed:
            yield literal_url(half_bare_url(url))
    if disputed or is_doubtful(url):
        yield (named := literal_url(url))
        yield merged_url(plain_url(bare_url(flat_url(url))))
        yield merged_url(plain_url(bare_url(named)))
        yield unmerged_url(url)
        yield unmerged_url(bare_url(url))
        yield unmerged_url(half_bare_url(url))


def _written_reader(preset: Preset) -> Callable[[str], str]:
    """Return a function that returns the item as it is written in a URL; empty without one."""
    rules = tuple((_finder(rule), rule.markers) for rule in preset.rules)

    def written(url: str) -> str:
        if preset.unwanted and any(text in url for text in preset.unwanted):
            return ""
        for find, markers in rules:
            if not markers or any(marker in url for marker in markers):
                found = find(url)
                if found:
                    return found
        return ""

    return written


def _is_apart(preset: Preset, url: str) -> bool:
    """Return whether a URL is not a request for an item, although a rule may match."""
    return (preset.proxied and any(page in url for page in PROXY_PAGES)) or (
        preset.static and _STATIC.search(url) is not None
    )


def _asset_test(preset: Preset) -> Callable[[str, str], bool]:
    """Return a function that tells whether a URL with an item is nevertheless a static asset."""
    tests = {rule: (re.compile(a), re.compile(b)) for rule, (a, b) in preset.assets}
    rules = [(re.compile(rule.unnamed, re.ASCII), tests.get(rule)) for rule in preset.rules]

    def is_asset(url: str, item: str) -> bool:
        if not tests or not _STATIC.search(url):
            return False
        test = next((test for pattern, test in rules if pattern.search(url)), None)
        return bool(test and test[0].search(url) and test[1].search(item))

    return is_asset


def _finder(rule: Rule) -> Callable[[str], str]:
    # The engine's classes of characters are those of ASCII.
    search, index = re.compile(rule.unnamed, re.ASCII).search, rule.groups["item"]

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
