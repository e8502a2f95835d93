"""Find the parameter of a query that holds the item."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from ringfence.events.items.learning.find import Find, Step
from ringfence.events.items.learning.roles import is_owned, is_token
from ringfence.events.items.learning.shapes import id_like
from ringfence.events.items.learning.words import BARE_ID, ID_NAME, is_noise
from ringfence.events.items.page import PageRequest

_SHORT: Final = 3
_ENOUGH: Final = 8
"""Distinct values from which a parameter may hold items although its name does not say so."""


def in_parameters(pages: Sequence[PageRequest], steps: tuple[Step, ...]) -> list[Find]:
    """Return the parameter that holds items in pages of one path; an empty list if none does.

    The best parameter is the one on most pages, among those with a name such as ``id`` or, if
    there are none, among those with many codes. Sessions and tokens are not items.
    """
    found: dict[str, list[tuple[PageRequest, str]]] = defaultdict(list)
    for page in pages:
        for name, value in page.parameters:
            if not is_noise(name):
                found[name].append((page, value.lower()))
    candidates = [
        (bool(ID_NAME.search(name)), len(some), name)
        for name, some in found.items()
        if _may_be_item(name, some, len(pages))
    ]
    if not candidates:
        return []
    name = max(candidates)[2]
    return [Find(steps, [page for page, _ in found[name]], [v for _, v in found[name]], name)]


def _may_be_item(name: str, some: Sequence[tuple[PageRequest, str]], total: int) -> bool:
    pages, values = [page for page, _ in some], [value for _, value in some]
    if is_owned(pages, values) or is_token(values):
        return False
    if name.lower() in BARE_ID:
        return any(any(map(str.isdigit, value)) or len(value) > _SHORT for value in values)
    if ID_NAME.search(name):
        return sum(any(map(str.isdigit, value)) for value in values) > len(values) / 2
    return len(set(values)) >= _ENOUGH and len(some) > total / 2 and all(map(id_like, values))
