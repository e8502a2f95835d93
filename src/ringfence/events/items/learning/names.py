"""Tell the kinds of items apart, and find the places that hold items of one kind."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from statistics import mean
from typing import Final

from ringfence.events.items.learning.find import Find
from ringfence.events.items.learning.shapes import is_global

_TOGETHER: Final = 0.15
"""Share of one place's items that the same account also has at another, if they are one kind."""

_WEAK: Final = 0.1
_CLEARLY: Final = 4
_MANY: Final = 20
"""Accounts from which a smaller share is enough, if it is clearly more than that of other accounts
and that of the numbers next to the items."""

_SAMPLE: Final = 2_000


def prefixes(finds: Sequence[Find], known: Sequence[Find] = ()) -> list[str]:
    """Return the text before the items of each place.

    Places are of one kind if their URLs say the same word, if their items are unique in the world,
    or if the same accounts have the same items at both. The kind with the most pages has no prefix.

    Args:
        finds: the new places.
        known: places of rules that stay as they are. A new place of the same kind gets the same
            prefix, and every other one gets a prefix of its own.
    """
    every = [*known, *finds]
    kind = _kinds(every)
    said = {kind[number]: find.prefix for number, find in enumerate(known)}
    pages: dict[int, int] = defaultdict(int)
    for number, find in zip(kind, every, strict=True):
        pages[number] += len(find.pages)
    if not known and pages:
        said[max(pages, key=lambda one: (pages[one], -one))] = ""
    return [
        said[number] if number in said else _prefix(every, kind, number)
        for number in kind[len(known) :]
    ]


def _kinds(finds: Sequence[Find]) -> list[int]:
    """Return (finds,) the number of each place's kind."""
    kind = list(range(len(finds)))
    for later, find in enumerate(finds):
        for earlier in range(later):
            if kind[earlier] != kind[later] and _are_one_kind(finds[earlier], find):
                old, new = kind[later], kind[earlier]
                kind = [new if one == old else one for one in kind]
    return kind


def _prefix(finds: Sequence[Find], kind: Sequence[int], number: int) -> str:
    same = [find for find, one in zip(finds, kind, strict=True) if one == number]
    if all(is_global(set(find.values)) for find in same):
        return ""
    return next((find.kind for find in same if find.kind), "other") + "/"


def _are_one_kind(one: Find, other: Find) -> bool:
    if one.kind and one.kind == other.kind:
        return True
    if is_global(set(one.values)) and is_global(set(other.values)):
        return True
    return are_together(one, other)


def are_together(one: Find, other: Find) -> bool:
    """Return whether two places have the same words, or accounts take the same items at both."""
    if one.span >= 0 and other.span >= 0 and _same_words(one.titles, other.titles):
        return True
    return (
        _same_words(one.values, other.values)
        or _taken_together(one, other)
        or _taken_together(other, one)
    )


def _same_words(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether most values of one place are also at the other, and are not numbers."""
    fewer, more = sorted((set(one), set(other)), key=len)
    words = [value for value in fewer if not value.isdigit()]
    return len(words) > 2 and sum(word in more for word in words) > 0.5 * len(fewer)


def _taken_together(one: Find, other: Find) -> bool:
    """Return whether accounts have the same values at both places, more than other accounts do."""
    theirs = _by_account(other)
    holders = other.holders()
    shares, chances, beside = [], [], []
    for account, values in list(_by_account(one).items())[:_SAMPLE]:
        if account not in theirs:
            continue
        shares.append(mean(value in theirs[account] for value in values))
        chances.append(
            mean(len(holders.get(value, set()) - {account}) for value in values)
            / max(1, len(theirs) - 1)
        )
        beside.append(mean(_has_neighbour(value, theirs[account]) for value in values))
    if not shares:
        return False
    if len(shares) == 1:
        return shares[0] > 0.5 and len(theirs) == 1
    # Both lists are per account, so that one account that enumerates both cannot decide.
    found = sum(share > 0 for share in shares) / len(shares)
    if found <= _TOGETHER:
        return False
    if mean(shares) > _TOGETHER + 2 * mean(chances):
        return True
    control = max(_CLEARLY * mean(chances), _CLEARLY * mean(beside), _WEAK)
    return len(shares) >= _MANY and mean(shares) > control


def _has_neighbour(value: str, values: set[str]) -> float:
    """Return the share of the numbers next to a number that are among these values."""
    if not value.isdecimal():
        return 0
    return mean(str(int(value) + step) in values for step in (-2, -1, 1, 2))


def _by_account(find: Find) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for page, value in zip(find.pages, find.values, strict=True):
        found[page.account].add(value)
    return found
