"""Walk the tree of paths and find the positions that hold items."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from ringfence.events.items.learning.find import Find, Step, by_token
from ringfence.events.items.learning.parameters import in_parameters
from ringfence.events.items.learning.roles import (
    are_days,
    are_languages,
    are_titles,
    are_variants,
    is_date,
    is_group,
    is_owned,
    is_token,
    repeats_across,
)
from ringfence.events.items.learning.shapes import id_like, is_language, slug_like
from ringfence.events.items.learning.words import ACTIONS, CONTAINERS, FIXED, PROGRAM
from ringfence.events.items.page import PageRequest

_DEEPEST: Final = 12
_MANY_WORDS: Final = 12
"""Distinct words at one position from which they may be values."""

_FEW_TITLES: Final = 2
"""The same for titles, which have three words or more."""

_FEW_WAYS: Final = 3
"""Values from which those in front of a title and a date are groups, and not views of one item."""

_MANY_PARENTS: Final = 6
"""Segments directly above codes from which they are groups, such as the shows of a podcast."""

_EVERYBODY: Final = 0.25
"""Share of accounts that visit a fixed page such as the home page. No single item reaches it."""

_KNOWN: Final = ACTIONS | CONTAINERS | FIXED
Steps = tuple[Step, ...]


def explore(pages: Sequence[PageRequest], steps: Steps = ()) -> list[Find]:
    """Return the positions with items among pages that share the beginning of their path.

    Args:
        pages: pages whose path begins with ``steps``.
        steps: the beginning.
    """
    depth = len(steps)
    if depth > _DEEPEST:
        return []
    finds = in_parameters([page for page in pages if len(page.segments) == depth], steps)
    longer = [page for page in pages if len(page.segments) > depth]
    tokens = by_token(longer, depth)
    values, alike = _values(tokens, depth), _alike(tokens, depth)
    for token, some in tokens.items():
        if token not in values and token not in alike:
            finds += explore(some, (*steps, Step(token)))
    languages = {token for token in alike - values if is_language(token)}
    for group, may_be_item in (
        (values, True),
        (languages, False),
        (alike - values - languages, False),
    ):
        # In the order of the requests, which tells how accounts go from page to page.
        if some := [page for page in longer if page.token(depth) in group]:
            finds += _varied(some, steps, may_be_item=may_be_item)
    return finds


def _values(tokens: dict[str, list[PageRequest]], depth: int) -> set[str]:
    """Return the segments that are values; the others are fixed parts of paths."""
    codes = {token for token in tokens if id_like(token)}
    words = [t for t in tokens if t not in codes and t not in _KNOWN and not PROGRAM.search(t)]
    leaves = [token for token in words if not _has_own_structure(tokens[token], depth)]
    accounts = {page.account for some in tokens.values() for page in some}
    if len(accounts) >= 20:
        usual = _EVERYBODY * len(accounts)
        leaves = [t for t in leaves if len({page.account for page in tokens[t]}) <= usual]
    titles = [token for token in leaves if slug_like(token)]
    if len(leaves) >= _MANY_WORDS and _vary(leaves, tokens):
        return codes | set(leaves)
    return codes | set(titles) if len(titles) >= _FEW_TITLES or codes else codes


def _vary(words: list[str], tokens: dict[str, list[PageRequest]]) -> bool:
    """Return whether words vary too much, for their pages, to be the menu of a site."""
    return len(words) > 3 * _MANY_WORDS or len(words) > 0.03 * sum(len(tokens[w]) for w in words)


def _has_own_structure(pages: list[PageRequest], depth: int) -> bool:
    """Return whether a segment has several further segments below it that are not variants."""
    below = {page.token(depth + 1) for page in pages if len(page.segments) > depth + 1}
    return len(below - ACTIONS) > 2


def _alike(tokens: dict[str, list[PageRequest]], depth: int) -> set[str]:
    """Return segments under which the same fixed words lead to items, as sites or languages do."""
    below: dict[str, set[str]] = {}
    for token, pages in tokens.items():
        if token in _KNOWN or id_like(token) or PROGRAM.search(token):
            continue
        deeper = (page.token(depth + 1) for page in pages if len(page.segments) > depth + 2)
        below[token] = {word for word in deeper if word not in ACTIONS and not id_like(word)}
    common = Counter(word for words in below.values() for word in words)
    shared = {word for word, number in common.items() if number > 1}
    parents = {token for token in below if _is_over_codes(tokens[token], depth)}
    alike = {token for token, words in below.items() if words & shared}
    return alike | parents if len(parents) >= _MANY_PARENTS else alike


def _is_over_codes(pages: list[PageRequest], depth: int) -> bool:
    """Return whether most of what is directly below a segment are codes, and several of them."""
    below = [page.token(depth + 1) for page in pages if len(page.segments) > depth + 1]
    codes = [token for token in below if id_like(token)]
    return len(codes) > len(below) / 2 and len(set(codes)) > 1


def _varied(pages: list[PageRequest], steps: Steps, *, may_be_item: bool) -> list[Find]:
    """Return what a varying segment is: an item, or something above items."""
    depth = len(steps)
    values = [page.token(depth) for page in pages]
    deeper = [page for page in pages if len(page.segments) > depth + 1 or page.parameters]
    if step := _passed(pages, values, steps, may_be_item=may_be_item):
        passed = explore(deeper, (*steps, step))
        return [_dated(find, depth) for find in passed] if step.kind == "date" else passed
    below = explore(deeper, (*steps, Step("", "any")))
    if grouped := _grouped(below, depth, len(pages)):
        return grouped
    if not may_be_item:
        return below if are_languages(values) else []
    if _is_above(values, below, pages) or are_titles(values, below, depth):
        return below
    return [Find(steps, pages, values)]


def _passed(
    pages: list[PageRequest], values: list[str], steps: Steps, *, may_be_item: bool
) -> Step | None:
    """Return the step for a segment that is certainly no item; None if it may be one."""
    after = bool(steps) and steps[-1].kind == "date"
    deeper = sum(len(page.segments) > len(steps) + 1 for page in pages)
    if deeper > len(pages) / 2 and is_date(values, after_year=after):
        return Step("", "date")
    if len(set(values)) == 1 and deeper and _below_varies(pages, len(steps) + 1):
        constant = values[0]
        return Step(constant) if constant.replace(".", "").isdigit() else Step("", "any")
    if may_be_item and is_owned(pages, values):
        return Step("", "any")
    return Step("", "any") if not may_be_item and are_languages(values) else None


def _dated(find: Find, depth: int) -> Find:
    """Return a place below a date, which begins the item if numbers begin again at each date."""
    dates = [page.token(depth) for page in find.pages]
    if find.parameter or not repeats_across(dates, find.values) or are_variants(dates, find):
        return find
    return replace(find, span=depth)


def _below_varies(pages: list[PageRequest], depth: int) -> bool:
    """Return whether codes vary somewhere below this depth."""
    seen: dict[int, set[str]] = defaultdict(set)
    for page in pages:
        for level in range(depth, len(page.segments)):
            if id_like(page.token(level)):
                seen[level].add(page.token(level))
    return any(len(values) > 1 for values in seen.values())


def _grouped(below: list[Find], depth: int, pages: int) -> list[Find]:
    """Return the finds of which the segment at this depth is the group, if most pages are such."""
    grouped = []
    for find in below:
        values = [page.token(depth) for page in find.pages]
        if find.parameter and not find.values:
            continue
        if not is_group(values, find):
            continue
        again = repeats_across(values, find.items) and not _are_ways(values, find)
        if again and are_variants(values, find):
            grouped.append(find)
            continue
        few = len(find.values) < 25 * len(set(values)) and len(set(values)) > _MANY_WORDS
        if again and few and not are_days(find.values):
            # Parts that are numbered within each of many values belong to an item: its pages.
            continue
        grouped.append(find.with_group(depth, spans=again) if find.group < 0 or again else find)
    return grouped if sum(len(find.pages) for find in grouped) > 0.5 * pages else []


def _are_ways(values: list[str], find: Find) -> bool:
    """Return whether values are views of items, such as ``press`` and ``issue-pdf`` in front.

    The items already have a name of two segments, such as a title and a date. Other such names may
    be given again in each group, as each school has a course of the same name. Then one or two
    fixed words are views, and more values are groups.
    """
    if find.span < 0:
        return False
    titles = set(find.titles)
    words = sum(not id_like(title) for title in titles)
    return are_days(find.values) or (len(set(values)) < _FEW_WAYS and 2 * words > len(titles))


def _is_above(values: list[str], below: list[Find], pages: list[PageRequest]) -> bool:
    """Return whether the values are tokens, and what is below them is shared."""
    return bool(below) and is_token(values) and sum(len(f.pages) for f in below) > len(pages) / 2
