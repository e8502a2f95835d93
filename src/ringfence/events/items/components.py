"""Find components of items that a learned rule does not count, such as the pages of a manuscript.

A rule that reads ``/ms/819/f001v`` as item 819 counts two hundred pages as one item. Only the
operator knows whether that is right. An account that takes all pages takes the catalogue, but the
views of one record are the same item.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from ringfence.events.items.learning.roles import is_owned
from ringfence.events.items.learning.shapes import secret_like
from ringfence.events.items.page import Visit
from ringfence.events.items.rules import IIIF, Rule

_SEEN_OFTEN: Final = 4
"""Pages with a part from which the parts of an item are counted."""

_SEVERAL: Final = 3
"""Items seen often below which nothing is said."""

_MANY: Final = 4.0
"""Parts per item, on average, from which they may be items. Views, sizes and formats are fewer."""

_MOST: Final = 0.5
"""Share of a rule's pages that have to have a part."""

_DEEPEST: Final = 2
"""Segments behind an item in which a part is looked for: ``/12/f3`` and ``/12/page/3``."""

_SEGMENT: Final = re.compile(r"(?i)\.(?:ts|m4s|mp4|m4a|aac|vtt|m3u8|mpd)$")
"""Files into which a player's stream is cut, which are never items."""

_NUMBERED: Final = re.compile(r"^(?!v[0-9.]+$|[0-9]+\.[0-9.]+$)[^0-9]*[0-9]")
"""A segment with a number that is not the number of a version."""

_END: Final = "(?:[/?#;]|$)"
_ITEM: Final = re.compile(r"\(\?P<item>([^()]+)\)" + re.escape(_END) + "$")
"""The item of a learned rule, if the rule ends with it."""


@dataclass(frozen=True)
class Components:
    """Parts that a rule leaves out.

    Attributes:
        per_item: distinct parts per item, on average over the items with at least four pages.
        url: a URL with a part; empty if it may not be shown.
        item: the item that the rule reads from it; empty with the URL.
        finer: the rule by which each part is an item; None if it cannot be derived.
    """

    per_item: float
    url: str
    item: str
    finer: Rule | None


def components_of(rule: Rule, visits: Sequence[Visit]) -> Components | None:
    """Return what a rule leaves out behind its items; None if most pages have no part.

    Values that belong to one account each do not count, such as ``/12/uid/104``.

    Args:
        rule: a learned rule.
        visits: the pages of the sample that it decides.
    """
    read = ((page, rule.item_of(page.url)) for page in visits)
    found = [(page, item, part) for page, item in read if (part := _part_of(page.url, item))]
    if len(found) <= _MOST * len(visits) or is_owned(
        [page for page, _, _ in found], [part for _, _, part in found]
    ):
        return None
    parts: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for page, item, part in found:
        parts[item].append((part, page.url))
    often = {item: some for item, some in parts.items() if len(some) >= _SEEN_OFTEN}
    if len(often) < _SEVERAL:
        return None
    distinct = sum(len({part for part, _ in some}) for some in often.values())
    if distinct < _MANY * len(often):
        return None
    most = max(often, key=lambda one: len(often[one]))
    return Components(distinct / len(often), often[most][0][1], most, _finer(rule, often[most]))


def _part_of(url: str, item: str) -> str:
    """Return the path behind an item, up to the first number in it; empty without one."""
    if IIIF.finds(url):
        return ""
    path = re.split(r"[?#;]", url, maxsplit=1)[0]
    _, _, behind = path.partition(f"/{item}/")
    segments = behind.split("/")[:_DEEPEST]
    for number, segment in enumerate(segments, start=1):
        value = segment.lower()
        if _NUMBERED.match(value):
            taken = not secret_like(value) and not _SEGMENT.search(value)
            return "/".join(segments[:number]) if taken else ""
    return ""


def _finer(rule: Rule, seen: Sequence[tuple[str, str]]) -> Rule | None:
    """Return the rule that counts the parts, each with its item in front of it."""
    words = {part.rpartition("/")[0] for part, _ in seen}
    between = "" if words == {""} else "[^/?#;]+/"
    whole = _ITEM.search(rule.pattern)
    if whole is None:
        return None
    item = f"(?P<item>(?P<group>{whole[1]})/{between}[^/?#;]+)"
    return replace(rule, pattern=rule.pattern[: whole.start()] + item + _END)
