"""Cut suffixes off items that name a version or a format, such as ``v2`` and ``.zoom``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find
from ringfence.events.items.learning.names import are_together
from ringfence.events.items.learning.roles import are_variants

_VERSION: Final = r"[-_.@]?v[0-9]{1,3}(?:\.[0-9]{1,2})?"
_FORMAT: Final = r"(?:\.[a-z][a-z_-]+)+"
_FORMS: Final = tuple(
    (suffix, re.compile(rf"(?P<base>.*?[a-z0-9])(?P<suffix>{suffix})"), alone)
    for suffix, alone in ((_VERSION, True), (_FORMAT, False))
)
"""Patterns of suffixes, and whether they are known without items that lack the suffix."""

_MOST_FORMS: Final = 24
"""Distinct suffixes beyond which they are a part of the id."""

_PLAIN: Final = 0.05
"""Pages of items without a suffix, per page with one, so that a suffix can be left out."""


def without_suffixes(finds: Sequence[Find]) -> list[Find]:
    """Return the places, with items cut before a suffix that only tells a variant.

    A suffix tells a variant if accounts go from one form of an item to another form of it, or if
    another place has the same items without the suffix, taken by the same accounts.

    Args:
        finds: places of items.
    """
    return [_cut(find, [other for other in finds if other is not find]) for find in finds]


def _cut(find: Find, others: Sequence[Find]) -> Find:
    if find.protocol or find.parameter or find.span >= 0:
        return find
    for suffix, form, alone in _FORMS:
        matches = [form.fullmatch(value) for value in find.values]
        forms = [match["suffix"] if match else "" for match in matches]
        number = len(set(forms) - {""})
        if not 0 < number <= min(_MOST_FORMS, len(set(find.values)) / 4):
            continue
        bases = [m["base"] if m else v for m, v in zip(matches, find.values, strict=True)]
        shorter = replace(find, values=bases, suffix=suffix)
        plain = forms.count("") > _PLAIN * (len(forms) - forms.count(""))
        if (plain or alone) and are_variants(forms, shorter):
            return shorter
        if any(are_together(shorter, other) and not are_together(find, other) for other in others):
            return shorter
    return find
