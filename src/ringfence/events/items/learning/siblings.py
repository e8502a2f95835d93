"""Join places that differ in one fixed segment only, such as the shows of a podcast."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find, Step
from ringfence.events.items.learning.roles import repeats_across

_LEAST: Final = 3
"""Places from which their segment is a group and not the kind of the items."""


def joined(finds: Sequence[Find]) -> list[Find]:
    """Return the places, with those that differ in the last segment only as one.

    Their items have to be files of the same types. The segment becomes the group, so that a group
    that the sample does not show is read as well, whatever its name is.

    Args:
        finds: places of items.
    """
    alike: dict[tuple[tuple[Step, ...], frozenset[str]], list[Find]] = defaultdict(list)
    others = []
    for find in finds:
        types = _file_types(find)
        if types and not find.parameter and find.group < 0 and find.steps and find.steps[-1].text:
            alike[find.steps[:-1], types].append(find)
        else:
            others.append(find)
    for some in alike.values():
        others += [_one(some)] if len(some) >= _LEAST else some
    return others


def _file_types(find: Find) -> frozenset[str]:
    """Return the file types of the items; an empty set if some items have none."""
    if find.protocol or any(not page.endings for page in find.pages):
        return frozenset()
    return frozenset(ending for page in find.pages for ending in page.endings)


def _one(finds: Sequence[Find]) -> Find:
    steps = (*finds[0].steps[:-1], Step("", "any"))
    pages = [page for find in finds for page in find.pages]
    values = [value for find in finds for value in find.values]
    groups = [page.token(len(steps) - 1) for page in pages]
    whole = replace(finds[0], steps=steps, pages=pages, values=values)
    return whole.with_group(len(steps) - 1, spans=repeats_across(groups, values))
