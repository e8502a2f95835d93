"""The role of a position that varies: owned by a connection, a date, a language, or a group.

An item's values are shared: many accounts have the same value, and one account has many values. A
session's values are not: each belongs to one account, which has few of them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from statistics import mean, median
from typing import Final

from ringfence.events.items.learning.find import Find, visits_by_account
from ringfence.events.items.learning.shapes import is_day, is_language, secret_like, slug_like
from ringfence.events.items.page import PageRequest, Visit

_ACTIVE: Final = 4
"""Pages from which an account can show that its value stays the same."""

_SHARED: Final = 0.1
"""Share of the repeated values that have a second account, below which values are owned."""

_STAYS: Final = 0.4
"""Distinct values per page of an active account, at most, if it keeps a value."""

_SUPPORT: Final = 3
"""The least number of repeated values, or of active accounts, for a decision."""

_STAYED: Final = 0.1
"""Share of the changes of value that stay at the same item if values are variants."""

_NEARLY_ALL: Final = 0.95
_PAIRS: Final = 24
"""Distinct pairs of a title and a number from which each number has to have one title."""


def is_owned(pages: Sequence[PageRequest | Visit], values: Sequence[str]) -> bool:
    """Return whether each value belongs to one account, which keeps it, as a session does."""
    holders = _holders(pages, values)
    repeated = [accounts for accounts, number in holders.values() if number > 1]
    if len(repeated) < _SUPPORT:
        return False
    shared = sum(len(accounts) > 1 for accounts in repeated) / len(repeated)
    active = [
        len(counts) / counts.total()
        for counts in visits_by_account(pages, values).values()
        if counts.total() >= _ACTIVE
    ]
    return shared < _SHARED and len(active) >= _SUPPORT and median(active) <= _STAYS


def is_token(values: Sequence[str]) -> bool:
    """Return whether nearly every value is new, long and random, as a signature is."""
    distinct = set(values)
    return (
        len(distinct) > _SUPPORT
        and len(distinct) > 0.95 * len(values)
        and mean(map(secret_like, distinct)) > 0.9
    )


def is_date(values: Sequence[str], *, after_year: bool) -> bool:
    """Return whether the values are years, or months and days after a year."""
    if after_year:
        return all(
            value.isdecimal() and len(value) <= 2 and int(value) <= 31 for value in set(values)
        )
    return all(
        value.isdigit() and len(value) == 4 and value[:2] in ("18", "19", "20")
        for value in set(values)
    )


def are_languages(values: Sequence[str]) -> bool:
    """Return whether all values are codes of languages."""
    return all(map(is_language, set(values)))


def is_group(values: Sequence[str], below: Find) -> bool:
    """Return whether values are groups of what was found below them, not items with parts.

    Args:
        values: (pages of ``below``,) the value above each item.
        below: the items.
    """
    parts: dict[str, list[str]] = defaultdict(list)
    for value, part in zip(values, below.values, strict=True):
        parts[value].append(part)
    pairs = sum(len(set(some)) for some in parts.values())
    if pairs < 2 * len(parts) and len(parts) > 1:
        return False
    often = [some for some in parts.values() if len(some) >= _ACTIVE]
    if len(often) < min(_SUPPORT, len(parts)):
        return pairs >= 5 * len(parts)
    return mean(len(set(some)) / len(some) for some in often) > 0.5 or (pairs >= 8 * len(parts))


def are_variants(values: Sequence[str], below: Find) -> bool:
    """Return whether accounts that go from one value to another often stay at the same item.

    That tells ways to show an item from groups that number their items again.

    Args:
        values: (pages of ``below``,) the value above each item, or its form, in the order of the
            requests.
        below: the items.
    """
    last: dict[str, tuple[str, str]] = {}
    changed, stayed = 0, Counter[str]()
    for page, value, part in zip(below.pages, values, below.values, strict=True):
        before = last.get(page.account)
        if before is not None and before[0] != value:
            changed += 1
            stayed[page.account] += before[1] == part
        last[page.account] = value, part
    counts = Counter(below.values)
    by_chance = sum(number**2 for number in counts.values()) / max(1, counts.total()) ** 2
    accounts = sum(number > 0 for number in stayed.values())
    return accounts >= _SUPPORT and stayed.total() > (_STAYED + 2 * by_chance) * changed


def are_titles(values: Sequence[str], below: Sequence[Find], depth: int) -> bool:
    """Return whether values are titles of the numbers below them, each number with one title.

    Args:
        values: (pages,) the value at a depth.
        below: places of items below it.
        depth: the depth.
    """
    for find in below:
        numbers = set(find.values)
        titles = {(page.token(depth), v) for page, v in zip(find.pages, find.values, strict=True)}
        if (
            not find.parameter
            and len(find.steps) == depth + 1
            and all(map(str.isdigit, numbers))
            and len(find.pages) > _NEARLY_ALL * len(values)
            and min(len(numbers), len({title for title, _ in titles})) > _NEARLY_ALL * len(titles)
            and len(titles) >= _PAIRS
            and mean(map(slug_like, values)) > _NEARLY_ALL
        ):
            return True
    return False


def repeats_across(values: Sequence[str], parts: Sequence[str]) -> bool:
    """Return whether parts are numbered again in each group, so that a part alone names nothing.

    That is so if most parts that are seen again are in several groups, or if the parts are dates
    below several groups. A sample has few dates twice, but a date alone names nothing.
    """
    groups: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, int] = defaultdict(int)
    for value, part in zip(values, parts, strict=True):
        groups[part].add(value)
        seen[part] += 1
    often = [part for part, number in seen.items() if number > 1]
    shared = sum(len(groups[part]) > 1 for part in often)
    if len(set(values)) >= _SUPPORT and are_days(parts):
        return True
    return bool(often) and shared > 0.5 * len(often)


def are_days(values: Sequence[str]) -> bool:
    """Return whether nearly all values are dates of days or months."""
    distinct = set(values)
    return bool(distinct) and mean(map(is_day, distinct)) > _NEARLY_ALL


def _holders(
    pages: Sequence[PageRequest | Visit], values: Sequence[str]
) -> dict[str, tuple[set[str], int]]:
    accounts: dict[str, set[str]] = defaultdict(set)
    numbers: dict[str, int] = defaultdict(int)
    for page, value in zip(pages, values, strict=True):
        accounts[value].add(page.account)
        numbers[value] += 1
    return {value: (accounts[value], numbers[value]) for value in accounts}
