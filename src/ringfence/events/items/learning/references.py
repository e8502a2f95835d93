"""Find items in parameters that name the path or the words of an item of another place."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find, Step
from ringfence.events.items.learning.words import is_noise
from ringfence.events.items.page import PageRequest

_ENOUGH: Final = 8
"""Distinct items from which a parameter is one that names items."""

_MOST: Final = 0.5
"""Share of a parameter's values that have to be items elsewhere."""

Named = list[tuple[PageRequest, str]]


def with_references(finds: Sequence[Find], pages: Sequence[PageRequest]) -> list[Find]:
    """Return the places and the parameters that name an item of one of them.

    A value names an item if it is a path to one (``?path=/record/12``), or the same words
    (``?title=Winter_light``). Numbers alone do not: they may count anything.

    Args:
        finds: places of items.
        pages: all pages of the sample.
    """
    places = [find for find in finds if not find.protocol and not find.parameter and find.steps]
    named_items = [find for find in places if not find.is_container]
    items = {value for find in named_items for value in find.values if not value.isdigit()}
    known = {id(page) for find in places for page in find.pages}
    named: dict[tuple[tuple[str, ...], str], Named] = defaultdict(list)
    for page in pages:
        for name, value in page.parameters if id(page) not in known else ():
            if not is_noise(name):
                named[page.segments, name].append((page, value.lower()))
    new = [one for key, some in named.items() for one in _references(key, some, places, items)]
    taken = {id(page) for find in new for page in find.pages}
    left = [_left(find, taken) if find.parameter else find for find in finds]
    return [find for find in left if find.pages] + new


def _references(
    key: tuple[tuple[str, ...], str], some: Named, places: Sequence[Find], items: set[str]
) -> list[Find]:
    """Return the parameter as a place of items, if most of its values name items."""
    segments, name = key
    if _are_most([(page, value) for page, value in some if value in items], some):
        steps = tuple(map(Step, segments))
        return [Find(steps, [p for p, _ in some], [v for _, v in some], name, refers=True)]
    for place in places:
        if any(not step.text for step in place.steps) or place.span >= 0:
            continue
        before = "/".join(re.escape(step.text) for step in place.steps)
        path = re.compile(f"(?:^|/){before}/([^/?#]+)")
        found = [(page, match[1]) for page, value in some if (match := path.search(value))]
        if _are_most(found, some):
            at, values = [page for page, _ in found], [value for _, value in found]
            return [replace(place, pages=at, values=values, path_in=name)]
    return []


def _are_most(found: Named, some: Named) -> bool:
    return len({v for _, v in found}) >= _ENOUGH and len(found) > _MOST * len(some)


def _left(find: Find, taken: set[int]) -> Find:
    """Return a place without the pages that another one has."""
    left = [(p, v) for p, v in zip(find.pages, find.values, strict=True) if id(p) not in taken]
    return replace(find, pages=[p for p, _ in left], values=[v for _, v in left])
