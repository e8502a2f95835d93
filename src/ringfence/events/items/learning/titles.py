"""Find the number in items that have a title as well, such as ``/p/123-red-shirt``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find
from ringfence.events.items.learning.names import are_together
from ringfence.events.items.learning.roles import are_variants

_FORMS: Final = (
    ("", re.compile(r"(?P<number>[0-9]+)"), "(?:[-_.][^/?&#;]*?)?"),
    ("", re.compile(r"(?P<number>[0-9]+)[-_.][^/]*[a-z][^/]*"), "(?:[-_.][^/?&#;]*?)?"),
    ("(?:[^/?&#;]*[-_.][a-z]?)?", re.compile(r"[^/]*[a-z][^/]*[-_.][a-z]?(?P<number>[0-9]+)"), ""),
)
"""Patterns of the text before a number, of whole values, and of the text behind a number."""

_NEARLY_ALL: Final = 0.98
_LEAST: Final = 24
"""Distinct values from which each number has to belong to one title."""


def numbered(finds: Sequence[Find]) -> list[Find]:
    """Return the places, with the number alone as item where it is beside a title.

    Each number has one title and each title one number. The number has to be an item alone as
    well: at the same place, or at another place where the same accounts take it.

    Args:
        finds: places of items.
    """
    return [_number(find, [other for other in finds if other is not find]) for find in finds]


def _number(find: Find, others: Sequence[Find]) -> Find:
    if find.protocol or find.parameter or find.span >= 0 or find.suffix:
        return find
    bare = _FORMS[0][1]
    for before, form, behind in _FORMS[1:]:
        matches = [bare.fullmatch(value) or form.fullmatch(value) for value in find.values]
        pairs = {(m["number"], m[0]) for m in matches if m and m["number"] != m[0]}
        if None in matches or not _are_one_to_one(pairs):
            continue
        numbers = [match["number"] for match in matches if match]
        shorter = replace(find, values=numbers, before=before, suffix=behind)
        forms = ["number" if m[0] == m["number"] else "title" for m in matches if m]
        if are_variants(forms, shorter) or any(are_together(shorter, one) for one in others):
            return shorter
    return find


def _are_one_to_one(pairs: set[tuple[str, str]]) -> bool:
    """Return whether numbers and titles name the same things."""
    numbers = {number for number, _ in pairs}
    return len(pairs) >= _LEAST and len(numbers) >= _NEARLY_ALL * len(pairs)
